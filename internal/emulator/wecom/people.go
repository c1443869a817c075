package wecom

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"lingke/internal/emulator/world"
)

// departments are the enterprise (id 1) and below it one department for each team.
type departments struct {
	names []string       // names[i] has id i+1
	ids   map[string]int // by team
}

func newDepartments(people []world.Person) departments {
	d := departments{names: []string{"领客演示公司"}, ids: map[string]int{}}
	for _, p := range people {
		if p.Team != "" && d.ids[p.Team] == 0 {
			d.names = append(d.names, p.Team)
			d.ids[p.Team] = len(d.names)
		}
	}
	return d
}

// of gives a person's department; who has no team is in the root.
func (d departments) of(p world.Person) int { return max(1, d.ids[p.Team]) }

// members are the people with a WeCom account in a department; the root holds everybody.
func (s *Server) members(department int) []world.Person {
	var out []world.Person
	for _, p := range s.world.People() {
		if p.WeCom != "" && (department == 1 || s.depts.of(p) == department) {
			out = append(out, p)
		}
	}
	return out
}

var userIDPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$`)

func (s *Server) userGet(r *http.Request, _ []byte) answer {
	id := r.URL.Query().Get("userid")
	if !userIDPattern.MatchString(id) {
		return fail(40003, "invalid userid")
	}
	p, found := s.world.ByWeCom(id)
	if !found {
		return fail(60111, "userid not found")
	}
	return ok(s.profile(p))
}

// profile has what an app of today gets: no mobile, mail, avatar or address.
func (s *Server) profile(p world.Person) map[string]any {
	leader := 0
	if p.Role == "manager" {
		leader = 1
	}
	d := s.depts.of(p)
	return map[string]any{
		"userid": p.WeCom, "name": p.Name, "department": []int{d}, "order": []int{0}, "position": p.Role, "telephone": "", "alias": "",
		"is_leader_in_dept": []int{leader}, "direct_leader": []string{}, "open_userid": "", "main_department": d,
		"extattr": map[string]any{"attrs": []any{}}, "status": 1, "external_position": "",
	}
}

// asked reads department_id (or another name) and the people in it.
func (s *Server) asked(r *http.Request, name string) (int, answer) {
	id, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || id < 1 {
		return 0, fail(60123, "invalid department id")
	}
	if id > len(s.depts.names) {
		return 0, fail(60003, "department not found")
	}
	return id, answer{}
}

func (s *Server) userSimpleList(r *http.Request, _ []byte) answer {
	id, a := s.asked(r, "department_id")
	if a.code != 0 {
		return a
	}
	list := []map[string]any{}
	for _, p := range s.members(id) {
		list = append(list, map[string]any{"userid": p.WeCom, "name": p.Name, "department": []int{s.depts.of(p)}, "open_userid": ""})
	}
	return ok(map[string]any{"userlist": list})
}

func (s *Server) userList(r *http.Request, _ []byte) answer {
	id, a := s.asked(r, "department_id")
	if a.code != 0 {
		return a
	}
	list := []map[string]any{}
	for _, p := range s.members(id) {
		list = append(list, s.profile(p))
	}
	return ok(map[string]any{"userlist": list})
}

func (s *Server) department(id int) map[string]any {
	leaders := []string{}
	for _, p := range s.members(id) {
		if p.Role == "manager" && s.depts.of(p) == id {
			leaders = append(leaders, p.WeCom)
		}
	}
	return map[string]any{"id": id, "name": s.depts.names[id-1], "name_en": "", "department_leader": leaders, "parentid": parent(id), "order": 1000 - id}
}

func parent(id int) int { return min(1, id-1) }

func (s *Server) departmentGet(r *http.Request, _ []byte) answer {
	id, a := s.asked(r, "id")
	if a.code != 0 {
		return a
	}
	return ok(map[string]any{"department": s.department(id)})
}

// below lists a department and those under it; without an id, all.
func (s *Server) below(r *http.Request) ([]int, answer) {
	root := 1
	if r.URL.Query().Get("id") != "" {
		var a answer
		if root, a = s.asked(r, "id"); a.code != 0 {
			return nil, a
		}
	}
	if root != 1 {
		return []int{root}, answer{}
	}
	var all []int
	for i := range s.depts.names {
		all = append(all, i+1)
	}
	return all, answer{}
}

func (s *Server) departmentList(r *http.Request, _ []byte) answer {
	ids, a := s.below(r)
	if a.code != 0 {
		return a
	}
	list := []map[string]any{}
	for _, id := range ids {
		list = append(list, s.department(id))
	}
	return ok(map[string]any{"department": list})
}

// departmentSimpleList gives its array under the platform's odd name.
func (s *Server) departmentSimpleList(r *http.Request, _ []byte) answer {
	ids, a := s.below(r)
	if a.code != 0 {
		return a
	}
	list := []map[string]any{}
	for _, id := range ids {
		list = append(list, map[string]any{"id": id, "parentid": parent(id), "order": 1000 - id})
	}
	return ok(map[string]any{"department_id": list})
}

func splitBar(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, "|") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// agentGet tells the app's own settings, as far as clients read them.
func (s *Server) agentGet(r *http.Request, _ []byte) answer {
	if r.URL.Query().Get("agentid") != strconv.Itoa(s.opts.AgentID) {
		return fail(301002, "not allow operate another agent with this accesstoken")
	}
	return ok(map[string]any{"agentid": s.opts.AgentID, "name": "领客", "close": 0, "redirect_domain": "", "report_location_flag": 0, "isreportenter": 0})
}
