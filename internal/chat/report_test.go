package chat

import (
	"context"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/report"
	"lingke/scoring"
)

// desk answers over the world's store, as app.App does over its own.
type desk struct{ w *world }

func (d desk) Period(text string) (report.Period, error) {
	return report.ParsePeriod(text, d.w.now(), time.UTC)
}

func (d desk) Effects(ctx context.Context, p report.Period) (report.Effects, error) {
	return report.Effect(ctx, d.w.store, report.Question{Period: p, Schemes: scoring.Alone(scoring.Points()), Bands: []float64{50, 80}})
}

func (d desk) Progress(ctx context.Context, p report.Period) (report.Progress, error) {
	return report.ProgressOf(ctx, d.w.store, p, d.w.chat.People.All(), d.w.now())
}

func (d desk) Forecast(ctx context.Context) (report.Forecast, error) {
	return report.ForecastOf(ctx, d.w.store, scoring.Alone(scoring.Points()), d.w.now())
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
		{"a forecast of too little", "boss", "预测", false, []string{"样本太少", "至少要 50 个"}, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.chat.Reports = desk{w}
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
