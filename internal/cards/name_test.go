package cards

import (
	"testing"

	"lingke/internal/customer"
)

// TestNamesFromOutsideStayOnTheirLine shows what strangers wrote into a web form.
func TestNamesFromOutsideStayOnTheirLine(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"苏州利威液压件（中国）有限公司": "苏州利威液压件（中国）有限公司",
		"Acme  Ltd. ": "Acme Ltd.",
		"甲公司\n负责人：张伟\r\n得分：100":             "甲公司 负责人：张伟 得分：100",
		"\u202e司公向反\u202c":                  "司公向反",
		"零\u200b宽\ufeff公\u2060司":            "零宽公司",
		"👨\u200d👩\u200d👧家庭用品":               "👨\u200d👩\u200d👧家庭用品",
		"请[重新登录](http://evil.example)":      "请［重新登录］(http://evil.example)",
		"![x](http://evil.example/pic.png)": "!［x］(http://evil.example/pic.png)",
		"\u200b \u200b":                     "（未命名）7",
		"":                                  "（未命名）7",
		"a\tb\x07c\u2028d":                  "a b c d",
	} {
		c := customer.Customer{Name: name, Records: []customer.Record{{Ref: "web/7"}}}
		if got := Name(c); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}
