package kingdee

import "strings"

// The tables that references point into, under the form ids of the real system.
const (
	orgs        = "ORG_Organizations"
	currencies  = "BD_Currency"
	countries   = "BAS_Country"
	regions     = "BAS_Region"
	groups      = "BD_CustomerGroup"
	custTypes   = "BD_CustType"
	departments = "BD_Department"
	sellers     = "BD_Saler"
	users       = "SEC_User"
	materials   = "BD_MATERIAL"
	units       = "BD_UNIT"
)

// item is what a reference points at.
type item struct {
	ID           int64
	Number, Name string
}

// table holds the items that one kind of reference may point at.
type table struct {
	items    map[int64]*item
	byNumber map[string]*item // by lower-case number
	byName   map[string]*item
	next     int64
}

func newTables() map[string]*table {
	refs := map[string]*table{}
	for at, name := range []string{orgs, currencies, countries, regions, groups, custTypes, departments, sellers, users, materials, units} {
		refs[name] = &table{items: map[int64]*item{}, byNumber: map[string]*item{}, byName: map[string]*item{}, next: int64(at+1) * 10000}
	}
	refs[orgs].add("100", "总公司")
	refs[currencies].add("PRE001", "人民币")
	refs[countries].add("China", "中国")
	refs[users].add("integration", "集成用户")
	refs[units].add("Pcs", "件")
	for _, tier := range []string{"A", "B", "C", "D"} {
		refs[groups].add(tier, tier+"类客户")
	}
	return refs
}

func (t *table) add(number, name string) *item {
	t.next++
	added := &item{ID: t.next, Number: number, Name: name}
	t.items[added.ID] = added
	t.byNumber[strings.ToLower(number)] = added
	t.byName[name] = added
	return added
}

// find looks an item up by its number, or by its name where no number fits.
func (t *table) find(text string) (*item, bool) {
	if found, ok := t.byNumber[strings.ToLower(text)]; ok {
		return found, true
	}
	found, ok := t.byName[text]
	return found, ok
}

// item resolves the internal id that a reference holds.
func (s *Server) item(tableName string, id int64) (item, bool) {
	if f, ok := s.forms[strings.ToLower(tableName)]; ok {
		r, ok := f.byID[id]
		if !ok {
			return item{}, false
		}
		name, _ := r.cells[f.byKey["fname"].at].(string)
		return item{id, r.number(f), name}, true
	}
	found, ok := s.refs[tableName].items[id]
	if !ok {
		return item{}, false
	}
	return *found, true
}

// itemByText resolves a number or name to an internal id.
func (s *Server) itemByText(tableName, text string) (int64, bool) {
	if f, ok := s.forms[strings.ToLower(tableName)]; ok {
		if r, ok := f.byNumber[text]; ok {
			return r.id(f), true
		}
		return 0, false
	}
	if found, ok := s.refs[tableName].find(text); ok {
		return found.ID, true
	}
	return 0, false
}
