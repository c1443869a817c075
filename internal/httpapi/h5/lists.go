package h5

import (
	"net/http"
	"net/url"
	"strings"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// shownRows is how many rows a page of a list has.
const shownRows = 50

// row is one customer of a list.
type row struct {
	Name, Tier, TierID, Owner, Score, Href string
	Risk                                   bool
}

// filter is what a list is narrowed to.
type filter struct {
	tier string // "" for all
	risk bool   // only customers at risk of being lost, as far as the reader is told that
}

// choice is a list or filter that the page offers.
type choice struct {
	Text, Href string
	Chosen     bool
}

// listPage shows one's own customers (mine), everybody's of a tier (tier-A), or those that nobody owns (free).
func (s *server) listPage(w http.ResponseWriter, r *http.Request, v visit) error {
	list, q := r.PathValue("list"), r.URL.Query()
	query, title, ok := listed(list, v)
	if !ok {
		return store.ErrNotFound
	}
	f := filter{tier: q.Get("tier"), risk: q.Get("risk") != ""}
	if f.tier != "" {
		query.Tier = f.tier
	}
	query.AtRisk, query.ByScore, query.Limit, query.After = f.risk, true, shownRows, q.Get("after")
	found, next, err := s.Records.Customers(r.Context(), query)
	if err != nil {
		return err
	}
	rows, ids, sight := s.rows(v, found, f)
	if len(ids) > 0 {
		if err := s.saw(r, v.who, sight, cards.LoggedListPage+" "+list, ids...); err != nil {
			return err
		}
	}
	data := s.head(v, title)
	data["Rows"], data["Later"] = rows, query.After != ""
	data["Lists"], data["Filters"] = s.lists(v, list), s.filters(v, list, f)
	if next != "" {
		data["Next"] = s.narrowed(v, list, f, next)
	}
	s.render(w, r, http.StatusOK, "list.html", data)
	return nil
}

func listed(list string, v visit) (q store.CustomerQuery, title string, ok bool) {
	tier, isTier := strings.CutPrefix(list, "tier-")
	switch {
	case list == "mine":
		return store.CustomerQuery{Owner: v.who.ID}, v.l.Say("我的客户", "My customers"), true
	case list == "free":
		return store.CustomerQuery{Unowned: true}, v.l.Say("无人认领", "Without an owner"), true
	case isTier && tier != "":
		return store.CustomerQuery{Tier: tier}, v.l.Sayf("%s 级客户", "Customers of tier %s", tier), true
	}
	return q, "", false
}

// rows are the customers that the reader is shown; sight is the layers that the page then holds.
func (s *server) rows(v visit, found []customer.Customer, f filter) (rows []row, ids []string, sight access.Sight) {
	for _, c := range found {
		sees := s.Sees(v.who, c)
		if !sees.Tier || f.risk && !sees.Basis {
			continue
		}
		ids, sight = append(ids, c.ID), sight.Or(access.Sight{Tier: true, Basis: sees.Basis})
		rows = append(rows, s.row(v, c, sees))
	}
	return rows, ids, sight
}

func (s *server) row(v visit, c customer.Customer, sight access.Sight) row {
	out := row{Name: cards.Name(c), Tier: v.cards.Tier(c.Tier), TierID: c.Tier, Owner: s.name(c.Owner), Href: s.path(v.who, "/h5/customers/"+url.PathEscape(c.ID))}
	if sight.Basis {
		out.Score = decimal(c.Score.Total)
		out.Risk = !c.AtRisk.IsZero()
	}
	return out
}

// lists are those that the page leads to.
func (s *server) lists(v visit, chosen string) (out []choice) {
	for _, list := range []string{"mine", "free"} {
		_, title, _ := listed(list, v)
		out = append(out, choice{title, s.narrowed(v, list, filter{}, ""), list == chosen})
	}
	return out
}

// filters are the ways to narrow a list: a tier, unless the list is one, and the risk.
func (s *server) filters(v visit, list string, f filter) (out []choice) {
	if !strings.HasPrefix(list, "tier-") {
		out = append(out, choice{v.l.Say("全部层级", "All tiers"), s.narrowed(v, list, filter{"", f.risk}, ""), f.tier == ""})
		for _, t := range v.cards.Tiers() {
			out = append(out, choice{v.cards.Tier(t.ID), s.narrowed(v, list, filter{t.ID, f.risk}, ""), f.tier == t.ID})
		}
	}
	return append(out, choice{v.l.Say("有流失风险", "At risk"), s.narrowed(v, list, filter{f.tier, !f.risk}, ""), f.risk})
}

// narrowed is the address of a list, narrowed, from after a place on.
func (s *server) narrowed(v visit, list string, f filter, after string) string {
	q := url.Values{}
	if f.tier != "" {
		q.Set("tier", f.tier)
	}
	if f.risk {
		q.Set("risk", "1")
	}
	if after != "" {
		q.Set("after", after)
	}
	path := "/h5/lists/" + url.PathEscape(list)
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return s.path(v.who, path)
}
