package sound

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNamesAreSpelledAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"华星机械": {"huaxingjixie", "hxjx"}, "重庆": {"zhongqing", "zq"}, "厦门钨业": {"xiamenwuye", "xmwy"}, "成都": {"chengdu", "cd"}, "长沙中联重科": {"changshazhonglianzhongke", "cszlzk"},
		"单晓": {"danxiao", "dx"}, "ABC 精密(上海)": {"abcjingmishanghai", "abcjmsh"}, "３Ｍ": {"", ""}, "": {"", ""}, "，！": {"", ""}, "工商银行": {"gongshangyinhang", "gsyh"},
	} {
		if got := [2]string{Spell(text), Initials(text)}; got != want {
			t.Errorf("%q is spelled %q, want %q", text, got, want)
		}
	}
}

func TestEveryReadingIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"重庆长安": {"zhongqingchangan", "chongqingchangan", "chongqingzhangan", "zqca", "cqca"}, "单氏": {"danshi", "shanshi", "ds", "ss"}, "石": {"shi"},
	} {
		for _, key := range want {
			if got := Keys(text); !slices.Contains(got, key) {
				t.Errorf("%q is not found by %q: %q", text, key, got)
			}
		}
	}
}

func FuzzKeysAreFewAndPlain(f *testing.F) {
	f.Add("重庆长安单曾查盖召缪")
	f.Add("\xffABC")
	f.Fuzz(func(t *testing.T, text string) {
		keys := Keys(text)
		if len(keys) > 2*variants {
			t.Errorf("%d keys", len(keys))
		}
		for _, k := range keys {
			if strings.ContainsFunc(k, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) || utf8.RuneCountInString(k) > longest*6 {
				t.Errorf("key %q", k)
			}
		}
		if s := Spell(text); len(s) > 1 && !slices.Contains(keys, s) {
			t.Errorf("%q is not among %q", s, keys)
		}
	})
}
