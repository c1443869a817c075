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

func TestATextIsMadeOfTextsInItsLanguage(t *testing.T) {
	t.Parallel()
	name, plain := lang.Text{ZH: "价格", EN: "price"}, lang.Text{ZH: "华星机械"}
	cause := lang.Both("%s：%s", "%s: %s", plain, name)
	if want := (lang.Text{ZH: "华星机械：价格", EN: "华星机械: price"}); cause != want {
		t.Errorf("%+v", cause)
	}
	if got := lang.Join([]lang.Text{name, plain}, "\n"); got != (lang.Text{ZH: "价格\n华星机械", EN: "price\n华星机械"}) {
		t.Errorf("%+v", got)
	}
	if plain.In(lang.English) != "华星机械" || plain.IsZero() || !(lang.Text{}).IsZero() {
		t.Error("a text with one wording is said as it is")
	}
}
