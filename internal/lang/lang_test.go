package lang_test

import (
	"errors"
	"testing"

	"lingke/internal/lang"
)

func TestTheZeroLanguageIsChinese(t *testing.T) {
	t.Parallel()
	var l lang.Language
	if got := l.Say("好", "good") + lang.English.Sayf("%d 个", "%d of them", 2); got != "好2 of them" {
		t.Error(got)
	}
	if got := (lang.Text{ZH: "好", EN: "good"}).In(lang.English); got != "good" {
		t.Error(got)
	}
	if _, err := lang.Parse("fr"); !errors.Is(err, lang.ErrUnknown) {
		t.Error(err)
	}
}
