package report

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/lang"
	"lingke/scoring"
)

const small = `name: small
cap: 100
dimensions:
  - id: all
    rules:
      - {id: big, name: {zh: 大客户, en: "More than ¥100,000"}, when: 近一年消费额 > 100000, add: 60}
      - {id: complains, name: 投诉多, when: complaints_90d >= 3, add: -10}
    indicators:
      - {id: nps, name: 推荐意愿, value: nps, weight: 40, linear: {from: 0, to: 10}}
`

func smallModel(t testing.TB) *scoring.Model {
	t.Helper()
	m, err := scoring.ParseModel("small.yaml", []byte(small), scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t testing.TB, text string, change func(*Reading)) (*Sample, error) {
	t.Helper()
	rows, err := CSV("客户.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	how := Reading{Schema: scoring.BuiltIn(), Model: smallModel(t), At: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}
	if change != nil {
		change(&how)
	}
	return Read("客户.csv", rows, how)
}

func TestColumnsInBothLanguagesAreScored(t *testing.T) {
	t.Parallel()
	s, err := read(t, "\ufeff客户,近一年消费额,NPS,orders in 365 days,是否成交,成交金额,商机日期,成交日期\r\n"+
		"甲,\"120,000\",10,9,是,5000,2026-01-01,2026/1/31\r\n乙,100,5,,否,700,,\r\n丙,9,9,,,,,\r\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Cases) != 2 || s.Open != 1 || s.Bad != 0 {
		t.Fatalf("%d cases, %d open, problems %v", len(s.Cases), s.Open, s.Problems)
	}
	if c := s.Cases[0]; c.Score != 100 || !c.Won || c.Amount != 5000 || c.Days != 30 {
		t.Errorf("first: %+v", c)
	}
	if c := s.Cases[1]; c.Score != 20 || c.Won || !math.IsNaN(c.Amount) || !math.IsNaN(c.Days) {
		t.Errorf("second: %+v", c) // what a lost deal would have been worth is no deal
	}
	if want := []UnknownColumn{{Heading: "客户"}, {Heading: "orders in 365 days", Nearest: "近一年消费额", Twice: true}}; !slices.Equal(s.Unknown, want) {
		t.Errorf("unknown columns %v, want %v: 近一年消费额 told order_amount_365d already", s.Unknown, want)
	}
}

func TestWhatCannotBeReadIsListedWithItsPlace(t *testing.T) {
	t.Parallel()
	s, err := read(t, "nps,outcome,amount,days\n十,won,x,1\n3,won,1,2\n5,perhaps,,\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []lang.Text{
		{ZH: "客户.csv:2 列“nps”：应为数字：\"十\"", EN: "客户.csv:2 column nps: a number is expected: \"十\""},
		{ZH: "客户.csv:2 列“amount”：应为数字：\"x\"", EN: "客户.csv:2 column amount: a number is expected: \"x\""},
	}
	if !slices.Equal(s.Problems, want) || s.Bad != 2 || len(s.Cases) != 2 || s.Open != 1 {
		t.Errorf("problems %q, %d cases, %d open", s.Problems, len(s.Cases), s.Open)
	}
	if c := s.Cases[0]; c.Score != 0 || !math.IsNaN(c.Amount) || c.Days != 1 {
		t.Errorf("the good cells of a row count: %+v", c)
	}
}

func TestMistakesInTheColumnsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		change     func(*Reading)
		want       []string
		kind       error
	}{
		{"no outcome", "nps,region\n1,x\n", nil, []string{"no column tells the outcome", "是否成交"}, ErrColumns},
		{"a named column that is not there", "nps,won\n1,1\n", func(r *Reading) { r.Amount, r.Score = "money", "points" }, []string{`no column "money" for the amount`, `no column "points" for the score`, "nps, won"}, ErrColumns},
		{"an empty file", "", nil, []string{"客户.csv is empty"}, ErrTable},
		{"a quote that does not end", "nps,won\n1,\"1\n", nil, []string{"客户.csv:2:6"}, ErrTable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, c.text, c.change)
			if !errors.Is(err, c.kind) {
				t.Fatalf("error %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
		})
	}
}

func TestSeparatorsAndEncodings(t *testing.T) {
	t.Parallel()
	gbk := "\xbd\xe1\xb9\xfb;nps\n\xb3\xc9\xbd\xbb;10\n" // 结果;nps 成交;10
	for name, text := range map[string]string{"semicolons, GB18030": gbk, "tabs": "结果\tnps\n成交\t10\n", "commas, a mark": "\ufeff结果,nps\n成交,10\n"} {
		s, err := read(t, text, nil)
		if err != nil || len(s.Cases) != 1 || !s.Cases[0].Won || s.Cases[0].Score != 40 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

func TestWordsOfTheOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text       string
		won, lost  []string
		isWon, knw bool
	}{
		{"Won", nil, nil, true, true},
		{"否", nil, nil, false, true},
		{"Engaging", nil, nil, false, false},
		{"", nil, nil, false, false},
		{"签约", []string{"签约"}, nil, true, true},
		{"谈判", []string{"签约"}, nil, false, true},
		{"谈判", []string{"签约"}, []string{"输"}, false, false},
		{"输", []string{"签约"}, []string{"输"}, false, true},
	} {
		if won, known := outcomeOf(c.text, c.won, c.lost); won != c.isWon || known != c.knw {
			t.Errorf("outcomeOf(%q, %q, %q) = %v, %v", c.text, c.won, c.lost, won, known)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("nps,won\n1,1\n"))
	f.Add([]byte("\"a,b\n\";won\n;;;\n"))
	f.Add([]byte("结果,成交金额,商机日期,成交日期\n成交,1,2026-01-01,x\n"))
	model := smallModel(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := CSV("f", strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err) // any bytes are text in GB18030
		}
		s, err := Read("f", rows, Reading{Schema: scoring.BuiltIn(), Model: model})
		if err != nil {
			if !errors.Is(err, ErrTable) && !errors.Is(err, ErrColumns) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		for _, c := range s.Table.Numbers {
			if len(c.Values) != len(s.Cases) {
				t.Fatalf("%s has %d values for %d cases", c.Field, len(c.Values), len(s.Cases))
			}
		}
		for _, r := range s.Rules {
			if len(r.Points) != len(s.Cases) {
				t.Fatalf("%s has %d points for %d cases", r.ID, len(r.Points), len(s.Cases))
			}
		}
	})
}
