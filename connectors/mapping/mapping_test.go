package mapping_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

var zone = time.FixedZone("CST", 8*60*60)

// row is a source's record; what is not in it is not told.
type row map[string]string

func (r row) get(source string) (string, bool, error) {
	text, told := r[source]
	return text, told, nil
}

func expr(t testing.TB, text string) mapping.Expr {
	t.Helper()
	e, err := mapping.ParseExpr(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func path(t testing.TB, text string) jsondoc.Path {
	t.Helper()
	p, err := jsondoc.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// apply works one rule out.
func apply(t testing.TB, target mapping.Target, r mapping.Rule, from row) (text string, told bool, err error) {
	t.Helper()
	f, err := mapping.Mapping{target: r}.Compile(target.Kind(), zone)
	if err != nil {
		t.Fatal(err)
	}
	err = f.Apply(from.get, func(_, got string) error {
		text, told = got, true
		return nil
	})
	return text, told, err
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	from := row{
		"name": " 华星机械 ", "size": "1,250", "price": "12.5", "grade": "B", "empty": "", "phone": "+86 138-0000-0001", "F.FName": "江苏省", "date": "x",
		"day": "02/03/2026", "ts": "1772411400", "公司": "上海分公司", "list[1]": "two", "a b": "blank", "tags": "A|B|C", "code": "0042",
	}
	for text, want := range map[string]string{
		`name`:                             "华星机械",
		`number(size) * 2`:                 "2500",
		`number(price) * 1.1`:              "13.75",
		`0.1 + 0.2`:                        "0.3",
		`-number(price)`:                   "-12.5",
		`number(size) % 7`:                 "4",
		`number(size) / 3`:                 "416.666667",
		`round(number(size) / 3, 1)`:       "416.7",
		`round(-2.5, 0)`:                   "-3",
		`grade == "B" ? "重点" : "普通"`:       "重点",
		`grade in ["A", "B"] ? "1" : "0"`:  "1",
		`not (grade in ["A"]) ? "1" : "0"`: "1",
		`number(size) >= 1000 ? 1 : 0`:     "1",
		`empty ?? name`:                    "华星机械",
		`name ?? empty`:                    "华星机械",
		`name + "-" + grade`:               "华星机械-B",
		`F.FName`:                          "江苏省",
		`field("F.FName")`:                 "江苏省",
		`date`:                             "x",
		`公司 contains "分公司" ? "是" : "否"`: "是",
		`list[1]`:                            "two",
		`field("a b")`:                       "blank",
		`digits(phone)`:                      "8613800000001",
		`cut(digits(phone), 2, 11)`:          "13800000001",
		`cut(name, 0, 2)`:                    "华星",
		`cut(name, 3, 99)`:                   "械",
		`cut(name, 9, 2)`:                    "",
		`split(tags, "|", 1)`:                "B",
		`split(tags, "|", -1)`:               "C",
		`split(tags, "|", 5)`:                "",
		`replace(tags, "|", "、")`:            "A、B、C",
		`len(name)`:                          "4",
		`upper("abc") + lower("ABC")`:        "ABCabc",
		`text(number(code))`:                 "42",
		`phone matches "^\\+86" ? "中国" : ""`: "中国",
		`name startsWith "华" and name endsWith "械" or grade == "Z" ? "y" : "n"`: "y",
		`date(day, "dd/MM/yyyy")`: "2026-03-02T00:00:00+08:00",
		`unix(ts)`:                "2026-03-02T08:30:00+08:00",
	} {
		got, told, err := apply(t, "x", mapping.Rule{Expr: expr(t, text)}, from)
		if err != nil || !told || got != want {
			t.Errorf("%s = %q, %v, %v; want %q", text, got, told, err, want)
		}
	}
}

func TestExpressionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                              "unexpected token",
		`size * 2`:                      `"*" cannot be used with a text`,
		`number(size) * size`:           "size is a text, a number is needed: write number(…)",
		`number(size) + "元"`:            "is a text, a number is needed",
		`"a" + 1`:                       "a text is needed: write text(…)",
		`name == "x"`:                   "gives a condition",
		`nuber(size)`:                   `did you mean "number"?`,
		`map(list, #)`:                  `no function "map"`,
		`filter(list, true)`:            "no function",
		`1..1000000`:                    `".." cannot be used`,
		`let x = 1; x`:                  "cannot be used here",
		`name.upper()`:                  "cannot be used here",
		`name?.x`:                       "is no field",
		`name matches grade ? "" : ""`:  "must be a text in quotes",
		`name matches "(" ? "" : ""`:    "missing closing",
		`grade in tags ? "" : ""`:       "there must be a list",
		`number()`:                      "takes 1 arguments, 0",
		`field(name)`:                   "field takes one name",
		`2 ** 9`:                        `"**" cannot be used`,
		`{"a": 1}`:                      "cannot be used here",
		`repeat("a", 99)`:               "no function",
		strings.Repeat("(", 600):        "",
		strings.Repeat("a+", 300) + "a": "more than 200 parts",
		strings.Repeat("a", 1001):       "more than 1000 bytes",
	} {
		if _, err := mapping.ParseExpr(text); !errors.Is(err, mapping.ErrExpr) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
}

func TestWhatAnExpressionCannotReckonWithIsABadRecord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`number(x)`:                           "must be a plain decimal",
		`number(n) / number(z)`:               "division by zero",
		`number(n) % number(z)`:               "division by zero",
		`date(x, "yyyy-MM-dd")`:               "is not written as",
		`unix(x)`:                             "10 or 13 digits",
		`round(1.5, 9)`:                       "0 to 6 places",
		`number(n)*1e15*1e15`:                 "out of range",
		`replace(long, "a", "bbbbbbbb")`:      "more than 16384 bytes",
		`long + long + long + long + long`:    "more than 16384 bytes",
		`replace(long + long, "a", "bbbbbb")`: "more than 16384 bytes",
	} {
		from := row{"x": "十二", "n": "3", "z": "0", "long": strings.Repeat("a", 4000)}
		_, _, err := apply(t, "headcount", mapping.Rule{Expr: expr(t, text)}, from)
		if !errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "headcount: ") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	other := "其他"
	nothing := ""
	table := map[string]string{"1": "A", "2": "B"}
	for _, tt := range []struct {
		name string
		rule mapping.Rule
		from row
		want string
		told bool
		bad  string
	}{
		{"a field as it stands", mapping.Rule{From: path(t, "grade")}, row{"grade": " 1 "}, "1", true, ""},
		{"a field that is not told", mapping.Rule{From: path(t, "grade")}, row{}, "", false, ""},
		{"a field that is not told has no default either", mapping.Rule{From: path(t, "grade"), Default: &other}, row{}, "", false, ""},
		{"an emptied field empties ours", mapping.Rule{From: path(t, "grade")}, row{"grade": ""}, "", true, ""},
		{"an empty field takes the default", mapping.Rule{From: path(t, "grade"), Default: &other}, row{"grade": " "}, other, true, ""},
		{"the same for every record", mapping.Rule{Default: &other}, row{}, other, true, ""},
		{"a text in the table", mapping.Rule{From: path(t, "grade"), Values: table}, row{"grade": "2"}, "B", true, ""},
		{"a text that the table lacks", mapping.Rule{From: path(t, "grade"), Values: table}, row{"grade": "9"}, "", false, `"9" is not in the table`},
		{"a text that the table lacks takes the default", mapping.Rule{From: path(t, "grade"), Values: table, Default: &other}, row{"grade": "9"}, other, true, ""},
		{"an empty default", mapping.Rule{From: path(t, "grade"), Values: table, Default: &nothing}, row{"grade": "9"}, "", true, ""},
		{"a rule of nothing leaves the field out", mapping.Rule{}, row{"grade": "1"}, "", false, ""},
		{"a table after an expression", mapping.Rule{Expr: expr(t, `text(number(a) + number(b))`), Values: table}, row{"a": "1", "b": "1"}, "B", true, ""},
		{"an expression of which nothing is told", mapping.Rule{Expr: expr(t, `a ?? b`)}, row{}, "", false, ""},
		{"an expression of which one part is told", mapping.Rule{Expr: expr(t, `a ?? b`)}, row{"b": "x"}, "x", true, ""},
		{"an expression over emptied fields is empty", mapping.Rule{Expr: expr(t, `number(a) * 2`)}, row{"a": ""}, "", true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, told, err := apply(t, "level", tt.rule, tt.from)
			if tt.bad != "" {
				if !errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), tt.bad) {
					t.Errorf("%v, want %s", err, tt.bad)
				}
				return
			}
			if err != nil || got != tt.want || told != tt.told {
				t.Errorf("%q, %v, %v; want %q, %v", got, told, err, tt.want, tt.told)
			}
		})
	}
}

func TestFieldsWithAFormAreBroughtIntoIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		target          mapping.Target
		text, want, bad string
	}{
		{"order.date", "2026-03-02", "2026-03-02T00:00:00+08:00", ""},
		{"order.date", "2026-03-02 08:30", "2026-03-02T08:30:00+08:00", ""},
		{"activity.date", "2026-03-02T08:30:00Z", "2026-03-02T08:30:00Z", ""},
		{"order.date", "2026-02-30", "", "order.date: "},
		{"order.amount", "1250000.50", "1250000.50", ""},
		{"order.amount", "1,250", "", "plain decimal"},
		{"order.status", "won", "won", ""},
		{"order.status", "成交", "", "must be one of"},
		{"level", "1,250", "1,250", ""},
	} {
		got, _, err := apply(t, tt.target, mapping.Rule{From: path(t, "x")}, row{"x": tt.text})
		if tt.bad == "" && (err != nil || got != tt.want) || tt.bad != "" && (!errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), tt.bad)) {
			t.Errorf("%s of %q is %q, %v; want %q %s", tt.target, tt.text, got, err, tt.want, tt.bad)
		}
	}
}

func TestMappingsThatCannotBeUsedAreNamed(t *testing.T) {
	t.Parallel()
	x := path(t, "x")
	for want, m := range map[string]mapping.Mapping{
		"mapping.name: has both from and expr":                 {"name": {From: x, Expr: expr(t, "x")}},
		"mapping.level: values need":                           {"level": {Values: map[string]string{"a": "b"}}},
		`order has no field "amuont" (did you mean "amount"?)`: {"order.amuont": {From: x}},
		"not a field name":                                     {"$where": {From: x}},
		`activity has no field "kind"`:                         {"activity.kind": {From: x}},
	} {
		_, err := m.Compile(connectors.Customer, zone)
		var at *mapping.Error
		if !errors.Is(err, connectors.ErrConfig) || !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestSourcesAreWhatTheRulesOfAKindRead(t *testing.T) {
	t.Parallel()
	d := "x"
	m := mapping.Mapping{
		"name": {From: path(t, "FName")}, "level": {Expr: expr(t, `FGroup.FName ?? (FName + A)`)}, "channel": {Default: &d}, "order.amount": {From: path(t, "FAmount")},
	}
	if d := cmp.Diff([]string{"A", "FGroup.FName", "FName"}, m.Sources(connectors.Customer)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"FAmount"}, m.Sources(connectors.Order)); d != "" {
		t.Error(d)
	}
}

func TestUnknownFieldsOfTheSourceAreNamedWithTheNearest(t *testing.T) {
	t.Parallel()
	m := mapping.Mapping{"name": {From: path(t, "FName")}, "industry": {From: path(t, "F_LK_INDUSTY")}, "level": {Expr: expr(t, "FGroup.FNumber + Zzz")}}
	err := m.CheckSource(connectors.Customer, []mapping.SourceField{{Name: "FName"}, {Name: "F_LK_INDUSTRY"}, {Name: "FGroup"}})
	for _, want := range []string{`mapping.industry: the source has no field "F_LK_INDUSTY" (did you mean "F_LK_INDUSTRY"?)`, `mapping.level: the source has no field "Zzz"`} {
		if !errors.Is(err, connectors.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "FGroup") || strings.Contains(err.Error(), "FName") {
		t.Errorf("names a field that is there: %v", err)
	}
	if err := m.CheckSource(connectors.Customer, nil); err != nil {
		t.Errorf("a source that tells nothing: %v", err)
	}
}

// An expression that is accepted gives, over any row, a bounded text or an error.
func FuzzExpr(f *testing.F) {
	for _, seed := range []string{`number(a) * 2`, `a ?? b + "x"`, `split(a, ",", 1)`, `a matches "^x" ? upper(b) : replace(a, "x", "yy")`, `date(a, "yyyy-MM-dd")`, `cut(a, 1, 2)`, `a.b["c"][0]`} {
		f.Add(seed, "12", "x,y")
	}
	f.Fuzz(func(t *testing.T, text, a, b string) {
		e, err := mapping.ParseExpr(text)
		if err != nil {
			if !errors.Is(err, mapping.ErrExpr) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		got, _, err := apply(t, "x", mapping.Rule{Expr: e}, row{"a": a, "b": b})
		if err == nil && len(got) > 64<<10+len(a)+len(b)+len(text) {
			t.Errorf("%d bytes from %q", len(got), text)
		}
	})
}
