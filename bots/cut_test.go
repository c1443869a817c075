package bots_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"lingke/bots"
)

func TestCutKeepsWholeCharactersWithinTheBytes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		text  string
		limit int
		want  string
	}{
		{"what fits stays", "客户", 6, "客户"},
		{"the last character gives way to the ellipsis", "客户领取", 9, "客户…"},
		{"never half a character", "客户领取", 11, "客户…"},
		{"letters too", "abcdef", 5, "ab…"},
		{"four bytes are one character", "👍👍👍", 9, "👍…"},
		{"no room for an ellipsis", "客户", 2, ""},
		{"room for nothing", "客户", 0, ""},
		{"a negative limit is 0", "客户", -1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := bots.Cut(tt.text, tt.limit); got != tt.want {
				t.Errorf("Cut(%q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
			}
		})
	}
}

func TestCutOfLongChineseTextsAtThePlatformsLimits(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1024, 2048, 4096, 15000, 20000} {
		for _, n := range []int{700, 1000, 1600, 8000} {
			got := bots.Cut(strings.Repeat("客", n), limit)
			if len(got) > limit || !utf8.ValidString(got) || len(got) < min(3*n, limit-3) {
				t.Errorf("%d characters cut to %d bytes are %d bytes", n, limit, len(got))
			}
		}
	}
}

func TestCutRunesCountsCharacters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		limit int
		want  string
	}{{"客户领取", 4, "客户领取"}, {"客户领取", 3, "客户…"}, {"客户", 1, "…"}, {"客户", 0, ""}, {"", 3, ""}} {
		if got := bots.CutRunes(tt.text, tt.limit); got != tt.want {
			t.Errorf("CutRunes(%q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("客户👍领取abc", 7)
	f.Add("\xff\xfe客", 2)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		got := bots.Cut(text, limit)
		if len(got) > max(limit, 0) && len(text) > limit {
			t.Errorf("Cut(%q, %d) is %d bytes", text, limit, len(got))
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("Cut(%q, %d) = %q breaks a character", text, limit, got)
		}
		if runes := bots.CutRunes(text, limit); utf8.RuneCountInString(runes) > max(limit, 0) {
			t.Errorf("CutRunes(%q, %d) = %q", text, limit, runes)
		}
	})
}

func TestAnErrorSaysWhatHelps(t *testing.T) {
	t.Parallel()
	var err error = &bots.Error{Kind: bots.ErrRateLimited, Platform: bots.DingTalk, Op: "send card", Code: "QpsLimit", Text: "slow down", Wait: time.Second}
	if !errors.Is(err, bots.ErrRateLimited) || errors.Is(err, bots.ErrPermanent) || bots.RetryAfter(err) != time.Second {
		t.Errorf("%v", err)
	}
	if bots.RetryAfter(errors.New("other")) != 0 {
		t.Error("an error of no platform asks for a wait")
	}
}

func TestPlatformsTellUsersApart(t *testing.T) {
	t.Parallel()
	if !bots.WeCom.SameUser("ZhangWei", "zhangwei") || bots.DingTalk.SameUser("Rep1", "rep1") || !bots.DingTalk.SameUser("rep1", "rep1") {
		t.Error("WeCom's ids are the same in any case, DingTalk's are not")
	}
}

func TestUnmarkedKeepsTheStarsOfMaskedNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"**华星**：高价值": "华星：高价值", "电话 152****7715、138****5678": "电话 152****7715、138****5678", "**画像** **互动**": "画像 互动", "****5678": "****5678",
		"**华星** 152****7715 **重点**": "华星 152****7715 重点", "": "",
	} {
		if got := bots.Unmarked(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
