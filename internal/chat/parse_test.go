package chat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseUnderstandsWhatPeopleType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{ // the command's first name, and what stands behind it
		"查 华星机械":            {"查", "华星机械"},
		"查华星机械":             {"查", "华星机械"},
		"查　华星机械":            {"查", "华星机械"},
		"查：华星机械":            {"查", "华星机械"},
		"  查, 华星机械":         {"查", "华星机械"},
		"查询华星机械":            {"查", "华星机械"},
		"查客户 华星机械":          {"查", "华星机械"},
		"@领客 查 华星机械":        {"查", "华星机械"},
		"＠领客\u2005查华星机械":    {"查", "华星机械"},
		"@领客 @小王 查 x":       {"", ""},
		"TIER 华星机械":         {"查", "华星机械"},
		"Tier华星机械":          {"查", "华星机械"},
		"ＴＩＥＲ　华星":           {"查", "华星"},
		"tiers 华星":          {"", ""},
		"tier1":             {"", ""},
		"查 ABC（中国）有限公司":     {"查", "ABC（中国）有限公司"},
		"为什么 华星":            {"为什么", "华星"},
		"为什么华星？":            {"为什么", "华星？"},
		"why 华星":            {"为什么", "华星"},
		"whynot":            {"", ""},
		"我的客户":              {"我的客户", ""},
		"我的":                {"我的客户", ""},
		"今日":                {"今日", ""},
		"今天。":               {"今日", ""},
		"跟进 华星 已约周三，10:30！": {"跟进", "华星 已约周三，10:30！"},
		"跟进华星\n已约":          {"跟进", "华星\n已约"},
		"领取 华星":             {"领取", "华星"},
		"认领华星":              {"领取", "华星"},
		"退回 华星":             {"退回", "华星"},
		"放弃华星":              {"退回", "华星"},
		"帮助":                {"帮助", ""},
		"帮助！":               {"帮助", ""},
		"Help":              {"帮助", ""},
		"help me":           {"帮助", "me"},
		"?":                 {"帮助", ""},
		"？":                 {"帮助", ""},
		"":                  {"", ""},
		"，。":                {"", ""},
		"@领客":               {"", ""},
		"你好":                {"", ""},
		"请查 华星":             {"", ""},
		"\xe6\x9f":          {"", ""},
	} {
		c, rest, ok := parse(text)
		name := ""
		if ok {
			name = c.words[0]
		}
		if name != want[0] || ok && rest != want[1] {
			t.Errorf("%q is %q with %q, want %q with %q", text, name, rest, want[0], want[1])
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"查 华星", "ＴＩＥＲ　华星", "@x 为什么", "跟进 a b\n c", "？", "ｶﾞ查", "why\u0085x", "\xff查"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, rest, ok := parse(text)
		if ok == (len(c.words) == 0) {
			t.Errorf("parse(%q) = %v, %v", text, c.words, ok)
		}
		if ok && !strings.HasSuffix(strings.TrimSpace(text), rest) {
			t.Errorf("parse(%q) made up %q", text, rest)
		}
		if utf8.ValidString(text) && !utf8.ValidString(rest) {
			t.Errorf("parse(%q) cut a character: %q", text, rest)
		}
	})
}
