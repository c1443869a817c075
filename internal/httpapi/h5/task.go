package h5

import (
	"net/http"
	"net/url"
	"strings"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/followup"
	"lingke/internal/lang"
)

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
		s.sorry(w, r, http.StatusForbidden, notAllowed, lang.Text{ZH: "任务只给相关团队和主管看。", EN: "A task is for its team and the managers."})
		return nil
	}
	sight.Money = false // a task shows none
	if err := s.saw(r, v.who, sight, cards.LoggedTaskPage, c.ID); err != nil {
		return err
	}
	t = t.In(v.l)
	data := s.head(v, t.Title)
	data["Customer"], data["CustomerHref"] = cards.Name(c), s.path(v.who, "/h5/customers/"+url.PathEscape(c.ID))
	data["Due"], data["State"], data["Result"], data["Owner"] = v.cards.When(t.Due), stateNames[t.State].In(v.l), mask(t.Result), s.name(t.Owner)
	data["Late"] = t.State == followup.Open && s.Now().After(t.Due)
	data["Facts"], data["Why"], data["Course"] = s.facts(v, c), lines(mask(t.Why)), fold(s.course(v, t))
	if t.State == followup.Open && (t.Owner == v.who.ID || v.who.May(access.Manage)) {
		data["Complete"] = "/h5/tasks/" + url.PathEscape(t.ID) + "/complete"
	}
	s.render(w, r, http.StatusOK, "task.html", data)
	return nil
}

// course is how a task went: what was told of it, and whose it was before.
func (s *server) course(v visit, t followup.Task) (out []event) {
	for _, p := range t.Passed {
		out = append(out, event{When: v.cards.When(p.At), Text: v.l.Sayf("从 %s 转来", "Came from %s", s.name(p.From))})
	}
	for _, n := range t.Notes[max(0, len(t.Notes)-shownEvents):] {
		out = append(out, event{When: v.cards.When(n.At), Text: mask(v.cards.Told(n)), More: s.name(n.By)})
	}
	return out
}

func (s *server) complete(w http.ResponseWriter, r *http.Request, who access.Person) error {
	t, err := s.Complete(r.Context(), r.PathValue("id"), who, strings.TrimSpace(r.PostFormValue("result")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, s.path(who, "/h5/tasks/"+url.PathEscape(t.ID)), http.StatusSeeOther) //nolint:gosec // one of our own pages
	return nil
}
