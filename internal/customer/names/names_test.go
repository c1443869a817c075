package names_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"lingke/internal/customer/names"
)

func TestParseTakesANameApart(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]names.Name{
		"苏州华星精密机械有限公司":               {Trade: "华星", Industry: []string{"精密", "机械"}, Places: []string{"苏州"}, Form: names.Limited},
		"江苏省苏州市华星机械（集团）有限责任公司北京市分公司": {Trade: "华星", Industry: []string{"机械"}, Places: []string{"江苏", "苏州"}, Group: true, Form: names.Limited, Branch: "北京分公司"},
		"蘇州華興電氣股份有限公司":               {Trade: "华兴", Industry: []string{"电气"}, Places: []string{"苏州"}, Form: names.JointStock},
		"西门子（中国）有限公司":                {Trade: "西门子", Places: []string{"中国"}, Inside: true, Form: names.Limited},
		"西门子中国有限公司":                  {Trade: "西门子", Places: []string{"中国"}, Inside: true, Form: names.Limited},
		"３Ｍ中国有限公司":                   {Trade: "3m", Places: []string{"中国"}, Inside: true, Form: names.Limited},
		"Siemens A.G.":               {Trade: "siemens", Form: names.JointStock},
		"ABB (China) Co., Ltd":       {Trade: "abbchina", Form: names.Limited},
		"苏州工业园区华星半导体有限公司":            {Trade: "华星", Industry: []string{"半导体"}, Places: []string{"苏州"}, Form: names.Limited},
		"深圳市南山区腾讯计算机系统有限公司":          {Trade: "腾讯", Industry: []string{"计算机", "系统"}, Places: []string{"深圳", "南山"}, Form: names.Limited},
		"华星投资合伙企业（有限合伙）":             {Trade: "华星", Industry: []string{"投资"}, Form: names.Partnership},
		"华星机械厂":                      {Trade: "华星", Industry: []string{"机械", "厂"}, Form: names.Other},
		"华星北京分公司":                    {Trade: "华星", Branch: "北京分公司"},
		"华星机械有限公司（已停用）":              {Trade: "华星", Industry: []string{"机械"}, Form: names.Limited},
		"上海":   {Trade: "上海"},
		"长春藤":  {Trade: "长春藤"},
		"有限公司": {Form: names.Limited},
		"机械":   {Trade: "机械"},
		"（）":   {},
		"":     {},
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, names.Parse(in), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Parse(%q): %s", in, diff)
			}
		})
	}
}

func TestCompareFollowsItsRule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b string
		want       names.Grade
	}{
		{"the same name twice", "苏州华星机械有限公司", "苏州华星机械有限公司", names.Same},
		{"two words for one form", "苏州华星机械有限公司", "苏州华星机械有限责任公司", names.Same},
		{"a wider place before the same place", "江苏省苏州市华星机械有限公司", "苏州华星机械有限公司", names.Same},
		{"a place that is left out", "华星机械有限公司", "苏州华星机械有限公司", names.Likely},
		{"a place at another place", "上海华星机械有限公司", "华星机械（上海）有限公司", names.Likely},
		{"a short name", "华星", "苏州华星机械有限公司", names.Likely},
		{"a company that went public", "华星机械有限公司", "华星机械股份有限公司", names.Likely},
		{"one character of four", "宁波海康威视有限公司", "宁波海康威士有限公司", names.Likely},
		{"one character of two", "华星机械有限公司", "华兴机械有限公司", names.Different},
		{"another number", "华星一期投资合伙企业（有限合伙）", "华星二期投资合伙企业（有限合伙）", names.Different},
		{"another city", "苏州华星机械有限公司", "无锡华星机械有限公司", names.Different},
		{"the province, both in full", "江苏华星机械有限公司", "苏州华星机械有限公司", names.Different},
		{"the province, one in short", "江苏华星", "苏州华星机械有限公司", names.Likely},
		{"another industry", "苏州华星机械有限公司", "苏州华星电子有限公司", names.Different},
		{"a further industry, both in full", "苏州华星机械有限公司", "苏州华星机械销售服务有限公司", names.Different},
		{"a group and a company of it", "华星集团有限公司", "华星有限公司", names.Different},
		{"a branch and its parent", "华星机械有限公司北京分公司", "华星机械有限公司", names.Different},
		{"nothing and nothing", "", "", names.Different},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, b := names.Parse(tt.a), names.Parse(tt.b)
			if got, back := names.Compare(a, b), names.Compare(b, a); got != tt.want || back != got {
				t.Errorf("%s, %s: %s and back %s, want %s", tt.a, tt.b, got, back, tt.want)
			}
		})
	}
}

// widths writes Latin letters, digits and brackets in full width.
func widths(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, s)
}

func TestWidthAndCaseSayNothing(t *testing.T) {
	t.Parallel()
	parts := rapid.SampledFrom([]string{"苏州", "江苏省", "华星", "ABC", "3m", "机械", "(中国)", "集团", "有限公司", "北京分公司", "co., ltd", " "})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(parts, 1, 8).Draw(t, "parts"), "")
		if a, b := names.Parse(text), names.Parse(widths(strings.ToUpper(text))); !reflect.DeepEqual(a, b) {
			t.Fatalf("%q gives %+v, in full width %+v", text, a, b)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add("苏州华星机械有限公司", "蘇州華星機械（集團）有限公司北京分公司")
	f.Add("ABB (China) Co., Ltd", "（（（")
	f.Add("第一\u0301\u200b分公司", "中国中国中国")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := names.Parse(a), names.Parse(b)
		if names.Compare(x, y) != names.Compare(y, x) {
			t.Errorf("%q and %q are graded %s, and %s the other way", a, b, names.Compare(x, y), names.Compare(y, x))
		}
		if x.Trade != "" && names.Compare(x, x) != names.Same {
			t.Errorf("%q is %s to itself", a, names.Compare(x, x))
		}
		if names.Compare(x, y) == names.Same && x.Key() != y.Key() {
			t.Errorf("%q and %q are the same under keys %q and %q", a, b, x.Key(), y.Key())
		}
		if utf8.ValidString(a) && !utf8.ValidString(x.Trade+x.Branch) {
			t.Errorf("%q gives %+v", a, x)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		names.Parse("江苏省苏州市华星精密机械（集团）有限责任公司")
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := names.Parse("苏州华星精密机械有限公司"), names.Parse("华星精密机械（苏州）有限公司")
	b.ReportAllocs()
	for b.Loop() {
		names.Compare(x, y)
	}
}
