package dingtalk

import (
	"net/http"
	"slices"

	"lingke/internal/emulator/world"
)

// root is the id of the organisation's top department; the teams are the departments below it.
const root = 1

// user finds the userId behind an id of either form: 2 is unionId, everything else userId.
func (s *Server) user(id string, idType int) (string, bool) {
	if idType != 2 {
		_, ok := s.world.ByDingTalk(id)
		return id, ok
	}
	for _, p := range s.members(0) {
		if union(p.DingTalk) == id {
			return p.DingTalk, true
		}
	}
	return "", false
}

// teams lists the departments below the root in the order of people; their ids count from 2.
func (s *Server) teams() []string {
	var out []string
	for _, p := range s.world.People() {
		if p.Team != "" && !slices.Contains(out, p.Team) {
			out = append(out, p.Team)
		}
	}
	return out
}

// departmentOf is the department a person belongs to directly.
func (s *Server) departmentOf(p world.Person) int {
	if i := slices.Index(s.teams(), p.Team); i >= 0 {
		return root + 1 + i
	}
	return root
}

// members lists the direct members of a department; 0 is the whole organisation.
func (s *Server) members(dept int) []world.Person {
	var out []world.Person
	for _, p := range s.world.People() {
		if p.DingTalk != "" && (dept == 0 || s.departmentOf(p) == dept) {
			out = append(out, p)
		}
	}
	return out
}

func notFound() *failure { return &failure{errcode: 60121, text: "找不到该用户"} }

func (s *Server) details(p world.Person) map[string]any {
	dept := s.departmentOf(p)
	return map[string]any{
		"userid": p.DingTalk, "unionid": union(p.DingTalk), "name": p.Name, "avatar": "", "title": p.Role,
		"dept_id_list": []int{dept}, "role_list": []any{}, "active": true, "admin": false, "boss": false,
		"leader_in_dept": []map[string]any{{"dept_id": dept, "leader": p.Role == "manager"}},
	}
}

func (s *Server) userGet(r *http.Request) (any, *failure) {
	var req struct{ UserID string }
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	if req.UserID == "" {
		return nil, &failure{errcode: 33012, text: "无效的USERID"}
	}
	p, ok := s.world.ByDingTalk(req.UserID)
	if !ok {
		return nil, notFound()
	}
	return s.details(p), nil
}

func (s *Server) userByUnion(r *http.Request) (any, *failure) {
	var req struct{ UnionID string }
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	user, ok := s.user(req.UnionID, 2)
	if !ok {
		return nil, notFound()
	}
	return map[string]any{"contact_type": 0, "userid": user}, nil
}

// userByMobile finds nobody: the emulated people keep their numbers to themselves.
func (s *Server) userByMobile(r *http.Request) (any, *failure) {
	var req struct{ Mobile string }
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	if len(req.Mobile) < 5 {
		return nil, &failure{errcode: 40104, text: "无效手机号"}
	}
	return nil, notFound()
}

// inDepartment reads a request about a department and returns its people.
func (s *Server) inDepartment(r *http.Request) (list []world.Person, next int, f *failure) {
	var req struct {
		DeptID int `json:"dept_id"`
		Cursor int `json:"cursor"`
		Size   int `json:"size"`
	}
	if f := decode(r, &req); f != nil {
		return nil, 0, f
	}
	if req.DeptID < root || req.DeptID > root+len(s.teams()) {
		return nil, 0, &failure{errcode: 60003, text: "部门不存在"}
	}
	list = s.members(req.DeptID)
	if req.Size == 0 {
		return list, 0, nil
	}
	if req.Size < 0 || req.Size > 100 || req.Cursor < 0 {
		return nil, 0, &failure{errcode: 400002, text: "参数错误"}
	}
	from := min(req.Cursor, len(list))
	to := min(from+req.Size, len(list))
	if to < len(list) {
		next = to
	}
	return list[from:to], next, nil
}

func (s *Server) userIDs(r *http.Request) (any, *failure) {
	list, _, f := s.inDepartment(r)
	ids := []string{}
	for _, p := range list {
		ids = append(ids, p.DingTalk)
	}
	return map[string]any{"userid_list": ids}, f
}

func (s *Server) userNames(r *http.Request) (any, *failure) {
	return s.page(r, func(p world.Person) any { return map[string]any{"userid": p.DingTalk, "name": p.Name} })
}

func (s *Server) userList(r *http.Request) (any, *failure) {
	return s.page(r, func(p world.Person) any { return s.details(p) })
}

func (s *Server) page(r *http.Request, show func(world.Person) any) (any, *failure) {
	list, next, f := s.inDepartment(r)
	if f != nil {
		return nil, f
	}
	out := []any{}
	for _, p := range list {
		out = append(out, show(p))
	}
	result := map[string]any{"has_more": next > 0, "list": out}
	if next > 0 {
		result["next_cursor"] = next
	}
	return result, nil
}

func (s *Server) departments(r *http.Request) (any, *failure) {
	req := struct {
		DeptID int `json:"dept_id"`
	}{DeptID: root}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	out := []map[string]any{}
	if req.DeptID != root {
		return out, nil
	}
	for i, name := range s.teams() {
		out = append(out, map[string]any{"dept_id": root + 1 + i, "name": name, "parent_id": root})
	}
	return out, nil
}

func (s *Server) department(r *http.Request) (any, *failure) {
	var req struct {
		DeptID int `json:"dept_id"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	teams := s.teams()
	switch i := req.DeptID - root - 1; {
	case req.DeptID == root:
		return map[string]any{"dept_id": root, "name": s.opt.CorpID}, nil
	case i >= 0 && i < len(teams):
		return map[string]any{"dept_id": req.DeptID, "name": teams[i], "parent_id": root}, nil
	}
	return nil, &failure{errcode: 60003, text: "部门不存在"}
}
