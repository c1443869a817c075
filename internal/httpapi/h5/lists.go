package h5

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/store"
)

// shownRows is how many rows a page of a list has.
const shownRows = 50

// row is one customer of a list.
type row struct{ Name, Tier, TierID, Owner, Score, Href string }

// listPage shows one's own customers (mine), everybody's of a tier (tier-A), or those that nobody owns (free).
func (s *server) listPage(w http.ResponseWriter, r *http.Request, v visit) error {
	q, title, ok := listed(r.PathValue("list"), v.who)
	if !ok {
		return store.ErrNotFound
	}
	q.ByScore, q.Limit, q.After = true, shownRows, r.URL.Query().Get("after")
	found, next, err := s.Records.Customers(r.Context(), q)
	if err != nil {
		return err
	}
	var rows []row
	var ids []string
	all := access.Sight{}
	for _, c := range found {
		sight := s.Sees(v.who, c)
		if !sight.Tier {
			continue
		}
		ids, all = append(ids, c.ID), all.Or(access.Sight{Tier: true, Basis: sight.Basis})
		rows = append(rows, s.row(v, c, sight))
	}
	if len(ids) > 0 {
		if err := s.saw(r, v.who, all, "名单页 "+r.PathValue("list"), ids...); err != nil {
			return err
		}
	}
	data := s.head(v, title)
	data["Rows"] = rows
	if next != "" {
		data["Next"] = s.path(v, r.URL.Path+"?after="+url.QueryEscape(next))
	}
	s.render(w, r, http.StatusOK, "list.html", data)
	return nil
}

func listed(list string, who access.Person) (q store.CustomerQuery, title string, ok bool) {
	tier, isTier := strings.CutPrefix(list, "tier-")
	switch {
	case list == "mine":
		return store.CustomerQuery{Owner: who.ID}, "我的客户", true
	case list == "free":
		return store.CustomerQuery{Unowned: true}, "无人认领", true
	case isTier && tier != "":
		return store.CustomerQuery{Tier: tier}, tier + " 级客户", true
	}
	return q, "", false
}

func (s *server) row(v visit, c customer.Customer, sight access.Sight) row {
	out := row{Name: cards.Name(c), Tier: s.Cards.Tier(c.Tier), TierID: c.Tier, Owner: s.name(c.Owner), Href: s.path(v, "/h5/customers/"+url.PathEscape(c.ID))}
	if sight.Basis {
		out.Score = strings.TrimSuffix(points(c.Score.Total), ".0")
	}
	return out
}

// taskPage shows a task, and lets its owner finish it.
func (s *server) taskPage(w http.ResponseWriter, r *http.Request, v visit) error {
	t, err := s.Records.Task(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	c, err := s.Records.Customer(r.Context(), t.Customer)
	if err != nil {
		return err
	}
	sight := s.Sees(v.who, c)
	if !sight.Basis {
		s.sorry(w, r, http.StatusForbidden, "没有权限", "任务只给相关团队和主管看。")
		return nil
	}
	sight.Money = false // a task shows none
	if err := s.saw(r, v.who, sight, "任务页", c.ID); err != nil {
		return err
	}
	data := s.head(v, t.Title)
	data["Customer"], data["CustomerHref"] = cards.Name(c), s.path(v, "/h5/customers/"+url.PathEscape(c.ID))
	data["Due"], data["State"], data["Result"], data["Owner"] = s.Cards.When(t.Due), stateNames[t.State], mask(t.Result), s.name(t.Owner)
	data["Late"] = t.State == followup.Open && s.Now().After(t.Due)
	data["Facts"] = s.facts(c)
	if t.State == followup.Open && (t.Owner == v.who.ID || v.who.May(access.Manage)) {
		data["Complete"] = "/h5/tasks/" + url.PathEscape(t.ID) + "/complete"
	}
	s.render(w, r, http.StatusOK, "task.html", data)
	return nil
}

func (s *server) complete(w http.ResponseWriter, r *http.Request, who access.Person) error {
	t, err := s.Complete(r.Context(), r.PathValue("id"), who, strings.TrimSpace(r.PostFormValue("result")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, s.path(visit{who: who}, "/h5/tasks/"+url.PathEscape(t.ID)), http.StatusSeeOther)
	return nil
}

func mask(text string) string { return access.MaskText(text) }

func points(total float64) string { return strconv.FormatFloat(total, 'f', 1, 64) }
