package cards

import (
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring"
)

func TestWhatHappenedStandsInPeoplesWords(t *testing.T) {
	t.Parallel()
	p := New(scoring.Points(), time.UTC, nil)
	for _, tt := range []struct {
		kind, text string
		zh, en     string
	}{
		{connectors.ActivityQuality, "bad 没有预算", "线索评价：差线索 没有预算", "judgement of the lead：bad lead 没有预算"},
		{connectors.ActivityQuality, "good", "线索评价：好线索", "judgement of the lead：good lead"},
		{connectors.ActivityCause, "price", "流失原因：价格", "why it may leave：price"},
		{connectors.ActivityResponded, "", "客户有回应：", "answered："},
		{connectors.ActivityNote, "bad 没有预算", "跟进记录：bad 没有预算", "note：bad 没有预算"},
	} {
		a := customer.Activity{Type: tt.kind, Text: tt.text}
		for l, want := range map[lang.Language]string{lang.Chinese: tt.zh, lang.English: tt.en} {
			what, text := p.In(l).Happened(a)
			if got := what + "：" + text; got != want {
				t.Errorf("%s %q is told as %q, want %q", tt.kind, tt.text, got, want)
			}
		}
	}
}

func TestFieldsOfSourcesHaveNames(t *testing.T) {
	t.Parallel()
	p := New(scoring.Points(), time.UTC, nil)
	for field, want := range map[string]string{"annual_revenue": "年营收", "potential_acv": "预计年合同额", "nps": "推荐意愿", "seller": "销售员", "short_name": "简称", "own_thing": "own_thing"} {
		if got := p.fieldName(field); got != want {
			t.Errorf("%s is called %q, want %q", field, got, want)
		}
	}
	if got := p.In(lang.English).fieldName("seller"); got != "Salesperson" {
		t.Errorf("an English reader sees %q", got)
	}
}
