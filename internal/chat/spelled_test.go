package chat

import "testing"

func TestTimesAndAmountsInPinyinAreWrittenOut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"haixin 2tian":           "haixin 2天",
		"suning xia zhou yi":     "suning 下周一",
		"jinlong 8wan 30tian":    "jinlong 8万 30天",
		"Meijia GEI lina":        "Meijia 给 lina",
		"mingtian 9dian kaihui":  "明天 9点 kaihui",
		"海信 liang ge xiaoshi":    "海信 两个小时",
		"shangyue":               "上月",
		"zhou ABC fen":           "zhou ABC fen", // units without a number
		"海信 两天":                  "海信 两天",
		"ABC  two  blanks  stay": "ABC  two  blanks  stay",
	} {
		if got := newTyped(text).spelledOut().String(); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}
