package httpapi

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAdjustmentsAreMadeListedAndTakenBackByManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "东方机械", "industry", "制造业", "headcount", "1200")
	path := "/api/v1/customers/" + c.ID + "/adjustments"
	expires := w.now().Add(72 * time.Hour).Format(time.RFC3339)
	post := func(person string, points float64) reply {
		return w.api("POST", path, fmt.Sprintf(`{"person":%q,"points":%v,"reason":"老客户介绍","expires":%q}`, person, points, expires))
	}
	if p := decode[Problem](t, post("lina", 1), 403); p.Code != "not_allowed" {
		t.Errorf("a rep: %+v", p)
	}
	bound := decode[AdjustmentList](t, w.api("GET", path, ""), 200).Bound
	if p := decode[Problem](t, post("wangfang", bound+0.05), 422); p.Code != "bound" || !strings.Contains(p.Detail, fmt.Sprint("±", bound)) {
		t.Errorf("beyond the bound: %+v", p)
	}
	if p := decode[Problem](t, post("wangfang", 0), 422); p.Code != "adjustment" {
		t.Errorf("nothing: %+v", p)
	}
	made := decode[AdjustmentList](t, post("wangfang", 2), 201)
	if len(made.Adjustments) != 1 || !made.Adjustments[0].Active || made.Adjustments[0].By != "wangfang" || made.Bound != bound {
		t.Fatalf("%+v", made)
	}
	e := decode[Explanation](t, w.api("GET", "/api/v1/customers/"+c.ID+"/explain", ""), 200)
	if got := e.Score.Total - c.Score.Total; got < 1.999 || got > 2.001 || !strings.Contains(fmt.Sprint(e.Sentences), "老客户介绍") {
		t.Errorf("%v points more, %s", got, e.Sentences)
	}
	gone := path + "/" + made.Adjustments[0].ID
	if p := decode[Problem](t, w.api("DELETE", gone+"?person=lina", ""), 403); p.Code != "not_allowed" {
		t.Errorf("a rep: %+v", p)
	}
	left := decode[AdjustmentList](t, w.api("DELETE", gone+"?person=wangfang", ""), 200)
	if left.Adjustments[0].Active || left.Adjustments[0].EndedBy != "wangfang" {
		t.Errorf("%+v", left)
	}
	if p := decode[Problem](t, w.api("DELETE", gone+"?person=wangfang", ""), 404); p.Code != "no_adjustment" {
		t.Errorf("twice: %+v", p)
	}
	if again := decode[Customer](t, w.api("GET", "/api/v1/customers/"+c.ID, ""), 200); again.Score.Total != c.Score.Total {
		t.Errorf("score %v, was %v", again.Score.Total, c.Score.Total)
	}
}
