package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/report"
	"lingke/internal/store"
	"lingke/scoring"
)

// desk answers over the world's store, as app.App does over its own.
type desk struct{ w *world }

func (d desk) Period(text string) (report.Period, error) {
	return report.ParsePeriod(text, d.w.now(), time.UTC)
}

func (d desk) Progress(ctx context.Context, p report.Period) (report.Progress, error) {
	return report.ProgressOf(ctx, d.w.store, p, d.w.chat.People.All(), d.w.now())
}

// open lets the world's chat answer questions for figures.
func (d desk) open() {
	d.w.chat.Reports = d
	d.w.chat.Effects = filing[report.Effects]{d: d, make: func(ctx context.Context, period string) (report.Effects, error) {
		p, err := d.Period(period)
		if err != nil {
			return report.Effects{}, err
		}
		return report.Effect(ctx, d.w.store, report.Question{Period: p, Schemes: scoring.Alone(scoring.Points()), Bands: []float64{50, 80}})
	}}
	d.w.chat.Forecasts = filing[report.Forecast]{d: d, make: func(ctx context.Context, _ string) (report.Forecast, error) {
		return report.ForecastOf(ctx, d.w.store, scoring.Alone(scoring.Points()), d.w.now())
	}}
}

// filing keeps what is put in by hand.
type filing[T any] struct {
	d    desk
	kept []report.Made[T]
	make func(ctx context.Context, period string) (T, error)
}

func (x filing[T]) Kept(_ context.Context, period string, since time.Time) (report.Made[T], bool, error) {
	for _, m := range x.kept {
		if m.Name == period && !m.At.Before(since) {
			return m, true, nil
		}
	}
	return report.Made[T]{}, false, nil
}

func (x filing[T]) Make(ctx context.Context, period string) (m report.Made[T], err error) {
	m.Name, m.At = period, x.d.w.now()
	m.Report, err = x.make(ctx, period)
	return m, err
}

func TestFiguresAreAnsweredToWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, from, text string
		group            bool
		want             []string
		aside            []string
		picture          bool
	}{
		{"a manager's report", "boss", "报表 本周", false, []string{"分层效果　2026-03-02 至 2026-03-02", "高价值", "留存 样本太少"}, nil, true},
		{"the report without a period is of 90 days", "boss", "报表", false, []string{"2025-12-02 至 2026-03-02"}, nil, true},
		{"an unknown period", "boss", "报表 下世纪", false, []string{"本周、上周"}, nil, false},
		{"a rep may not", "lina", "报表", false, []string{"没有使用“报表”的权限"}, nil, false},
		{"in a group the manager alone reads it", "boss", "报表 本周", true, []string{"已私下", "!留存"}, []string{"留存"}, true},
		{"progress of everybody", "boss", "进度 本周", false, []string{"合计：1 项到期", "**管理**", "王芳：1 项到期，完成 0（0%）"}, nil, true},
		{"progress of oneself", "lina", "进度 本周", false, []string{"合计：没有到期的任务", "!王芳"}, nil, false},
		{"progress of a colleague", "boss", "进度 王芳 本周", false, []string{"合计：1 项到期", "王芳：1 项到期，完成 0（0%）", "!**管理**"}, nil, false},
		{"progress of a colleague who has none", "boss", "李娜这周做得怎么样", false, []string{"合计：没有到期的任务", "!王芳"}, nil, false},
		{"progress of a colleague is for managers", "lina", "进度 王芳", false, []string{"只有主管能看别人的进度"}, nil, false},
		{"a forecast of too little", "boss", "预测", false, []string{"样本太少", "至少要 50 个"}, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			desk{w}.open()
			c := w.held("1", "已有主公司")
			task, err := w.chat.Tasks.Open(t.Context(), "wangfang", 1)
			if err != nil || len(task) != 1 || task[0].Customer != c.ID {
				t.Fatal(task, err)
			}
			w.clock.Store(task[0].Due.Add(time.Hour).UnixMilli()) // it was due an hour ago
			in := w.say(bots.DingTalk, tt.from, tt.text, tt.group)
			wantText(t, w.answer(in).Text, tt.want...)
			wantText(t, w.aside(in), tt.aside...)
			id := replyID(in.ID)
			if tt.group {
				id += "p"
			}
			d, err := w.store.Delivery(t.Context(), id+"f")
			if (err == nil) != tt.picture {
				t.Fatalf("picture %v", err)
			}
			if tt.picture && (!d.File.Picture() || d.Text != "" || d.Conversation != "" || strings.Join(d.To, "") != tt.from) {
				t.Errorf("picture to %v in %q: %+v", d.To, d.Conversation, d.File)
			}
		})
	}
}

var _ reports = desk{}

// TestKeptFiguresAreAnsweredAtOnceWithTheirTime, and made anew for who asks for the latest.
func TestKeptFiguresAreAnsweredAtOnceWithTheirTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		age  time.Duration
		want []string
	}{
		{"报表 上月", 3 * time.Hour, []string{"消费 4,711 元", "数字截至 03-01 22:0", "最新"}},
		{"上个月的报表", 3 * time.Hour, []string{"消费 4,711 元", "数字截至"}},
		{"报表 上月 最新", 3 * time.Hour, []string{"消费 0 元", "!数字截至"}},
		{"报表 最新 上月", 3 * time.Hour, []string{"消费 0 元", "!数字截至"}},
		{"最新的上月报表", 3 * time.Hour, []string{"消费 0 元", "!数字截至"}},
		{"报表 上周", 3 * time.Hour, []string{"消费 0 元", "!数字截至"}},
		{"报表 上月", report.KeptFor + time.Hour, []string{"消费 0 元", "!数字截至"}},
		{"预测", 3 * time.Hour, []string{"预测", "数字截至"}},
		{"预测 最新", 3 * time.Hour, []string{"样本太少", "!数字截至"}},
		{"report last month latest", 3 * time.Hour, []string{"消费 0 元", "!数字截至"}},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			desk{w}.open()
			p, err := desk{w}.Period("上月")
			must(t, err)
			effects := report.Effects{Period: p, Tiers: []report.TierEffect{{Tier: "A", Title: "高价值", Spent: customer.FromYuan(4711)}}}
			x := w.chat.Effects.(filing[report.Effects])
			x.kept = []report.Made[report.Effects]{{Name: "上月", At: w.now().Add(-tt.age), Report: effects}}
			w.chat.Effects = x
			y := w.chat.Forecasts.(filing[report.Forecast])
			y.kept = []report.Made[report.Forecast]{{At: w.now().Add(-tt.age), Report: report.Forecast{Weeks: 13, Level: 0.9}}}
			w.chat.Forecasts = y
			wantText(t, w.answer(w.say(bots.DingTalk, "boss", tt.text, false)).Text, tt.want...)
		})
	}
}

// TestWhoAsksForWhatTakesLongHearsSo once, in private, and gets the figures when they are made.
func TestWhoAsksForWhatTakesLongHearsSo(t *testing.T) {
	t.Parallel()
	for _, group := range []bool{false, true} {
		w := newWorld(t)
		desk{w}.open()
		in := w.say(bots.DingTalk, "boss", "报表 上月", group)
		notice := replyID(in.ID) + "w"
		x := w.chat.Effects.(filing[report.Effects])
		whole, tries := x.make, 0
		x.make = func(ctx context.Context, period string) (report.Effects, error) {
			for tries++; ; { // until the notice stands
				d, err := w.store.Delivery(ctx, notice)
				if err == nil {
					wantText(t, d.Text, "正在算")
					if d.Conversation != "" || strings.Join(d.To, "") != "boss" {
						t.Errorf("the notice goes to %v in %q", d.To, d.Conversation)
					}
					break
				}
				if !errors.Is(err, store.ErrNotFound) {
					return report.Effects{}, err
				}
				time.Sleep(20 * time.Millisecond)
			}
			if tries == 1 {
				return report.Effects{}, errors.New("cut off")
			}
			return whole(ctx, period)
		}
		w.chat.Effects = x
		if _, err := w.chat.Handle(t.Context(), in); err == nil {
			t.Error("cut off, and no error")
		}
		if answer := w.answer(in); group {
			wantText(t, w.aside(in), "分层效果")
		} else {
			wantText(t, answer.Text, "分层效果")
		}
		all, _, err := w.store.Deliveries(t.Context(), delivery.Query{Limit: 100})
		must(t, err)
		if n := slices.IndexFunc(all, func(d delivery.Delivery) bool { return d.ID == notice && d.Rev > 1 }); n >= 0 {
			t.Errorf("the notice was shown again: %+v", all[n])
		}
	}
}
