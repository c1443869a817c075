package chat

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/connectors/sheet"
	"lingke/internal/batch"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/imports"
)

// drawer is the real imports, over files that lie on the platform under their codes.
type drawer struct {
	*imports.Service
	lies map[string][]byte
	err  error
	link string // to the corrected copy of any file
}

func (d *drawer) Fetch(_ context.Context, _ bots.Platform, f bots.File) ([]byte, error) {
	return d.lies[f.Code], d.err
}

func (d *drawer) Batch(ctx context.Context, id string) (batch.Batch, error) {
	return d.Ledger.Batch(ctx, id)
}

func (d *drawer) Accept(ctx context.Context, id string) (batch.Batch, error) {
	p, err := d.Service.Accept(ctx, id)
	if err != nil {
		return batch.Batch{}, err
	}
	err = d.Finish(ctx, p, nil)
	return p.Batch, err
}

func (d *drawer) CorrectedLink(id, person string, _ time.Time) string { return d.link }

func (d *drawer) Recall(ctx context.Context, id string) (batch.Batch, error) { return d.Undo(ctx, id) }

func (w *world) withFiles() *drawer {
	d := &drawer{lies: map[string][]byte{}, Service: &imports.Service{
		Ledger: w.store, Intake: w.ingest, Fields: func() []sheet.Field { return nil }, Pools: func() []string { return nil }, Reserved: func(string) bool { return false },
		Limits: sheet.DefaultLimits(), Zone: time.UTC, Now: w.now, NewID: func() string { return "unused" }, Log: slog.New(slog.DiscardHandler),
	}}
	w.chat.Files = d
	return d
}

// drop is a person sending a file.
func (w *world) drop(d *drawer, from, name, content string) bots.Incoming {
	in := w.say(bots.DingTalk, from, "", false)
	in.Message.File = &bots.File{Name: name, Code: fmt.Sprint("code", w.events)}
	d.lies[in.Message.File.Code] = []byte(content)
	return in
}

const threeRows = "客户名称,手机,员工人数,奇怪的列\n华东精密,13800000001,900,x\n西湖机械,13800000002,10,\n,13800000003,5,\n"

func TestAFileIsShownBeforeItIsTakenIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.withFiles()
	in := w.drop(d, "boss", "客户.csv", threeRows)
	asked := w.answer(in)
	wantText(t, shown(asked), "请确认", "客户.csv", "客户名称→客户名称", "员工人数→人数", "不读取：奇怪的列", "新增 2，变化 0", "1 行有问题", "第 4 行", "30 分钟", "[确认]", "!13800000003")
	if all := w.names(); len(all) != 0 {
		t.Fatalf("taken in before anybody agreed: %v", all)
	}
	again := w.answer(in) // after a crash
	if shown(again) != shown(asked) {
		t.Errorf("asked again: %s", shown(again))
	}
	w.clock.Add((20 * time.Minute).Milliseconds())
	a := w.handle(w.tap(in, "boss", cards.ActionConfirm))
	wantText(t, a.Toast, "已导入：新增 2、变化 0 个客户")
	if all := w.names(); strings.Join(all, " ") != "华东精密 西湖机械" {
		t.Errorf("%v", all)
	}
	a = w.handle(w.tap(in, "boss", cards.ActionConfirm))
	wantText(t, a.Toast, "已导入")

	undo := w.say(bots.DingTalk, "boss", "撤销导入", false)
	wantText(t, shown(w.answer(undo)), "客户.csv", "2 个新客户", "[确认]")
	wantText(t, w.handle(w.tap(undo, "boss", cards.ActionConfirm)).Toast, "已撤销“客户.csv”的导入")
	if all := w.names(); len(all) != 0 {
		t.Errorf("after undoing: %v", all)
	}
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", "撤销导入", false))), "没有可以撤销的导入")
}

func (w *world) names() (all []string) {
	w.t.Helper()
	must(w.t, w.store.EachCustomer(w.t.Context(), func(c customer.Customer) error {
		if !c.Withdrawn() {
			all = append(all, c.Name)
		}
		return nil
	}))
	if len(all) == 2 && all[0] > all[1] {
		all[0], all[1] = all[1], all[0]
	}
	return all
}

func TestAFileThatNobodySaysYesToIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.withFiles()
	in := w.drop(d, "boss", "客户.csv", threeRows)
	w.answer(in)
	wantText(t, w.handle(w.tap(in, "boss", cards.ActionCancel)).Toast, "已取消")
	later := w.say(bots.DingTalk, "boss", "导入", false) // changed their mind
	wantText(t, shown(w.answer(later)), "客户.csv", "[确认]")
	id := offerID(w.chat.question(in, staff()[3]))
	w.clock.Add((25 * time.Hour).Milliseconds())
	_, err := d.Resume(t.Context())
	must(t, err)
	if b, err := d.Batch(t.Context(), id); err != nil || b.State != batch.Abandoned {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := w.store.Attachment(t.Context(), id, batch.FileAttachment); err == nil {
		t.Error("the file is still there")
	}
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", "导入", false))), "直接发给我", "!确认]")
	if len(w.names()) != 0 {
		t.Error("it was taken in")
	}
}

func TestFilesThatAreRefusedAndFromWhom(t *testing.T) {
	t.Parallel()
	bomb := func() string {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		f, _ := z.Create("xl/worksheets/sheet1.xml")
		_, _ = f.Write(bytes.Repeat([]byte{' '}, 300<<20))
		_ = z.Close()
		return out.String()
	}
	for _, tt := range []struct {
		name, from, file, content string
		err                       error
		says                      []string
	}{
		{"from a rep", "zw", "客户.csv", threeRows, nil, []string{"只有主管可以导入"}},
		{"from finance", "money", "客户.csv", threeRows, nil, []string{"只有主管可以导入"}},
		{"from nobody", "stranger", "客户.csv", threeRows, nil, []string{"人员名单"}},
		{"an old Excel file", "boss", "老.xls", "\xD0\xCF\x11\xE0rest", nil, []string{"没有导入", "另存为不带密码的 .xlsx"}},
		{"a picture", "boss", "图.png", "\x89PNG\r\n\x1a\n\x00\x00", nil, []string{"没有导入", "它是图片"}},
		{"a broken Excel file", "boss", "客户.xlsx", "\xFF\x81\xFErest", nil, []string{"没有导入", "没有下载完整或已损坏"}},
		{"a web page that is called Excel", "boss", "导出.xls", " <HTML><body><table><tr><td>客户名称</td></tr></table>", nil, []string{"它其实是网页", "另存为 .xlsx"}},
		{"a PDF", "boss", "表.pdf", "%PDF-1.7", nil, []string{"PDF", "导出为 .xlsx 或 CSV"}},
		{"a zip bomb", "boss", "大.xlsx", bomb(), nil, []string{"没有导入"}},
		{"nothing", "boss", "空.csv", "", nil, []string{"它是空的"}},
		{"a table of something else", "boss", "天气.csv", "日期,温度\n2026-03-02,20\n", nil, []string{"没有客户", "客户名称"}},
		{"too large for the chat", "boss", "大.csv", "", bots.ErrTooLarge, []string{"超过 12 MB", "拆成几个文件"}},
		{"over on the platform", "boss", "客户.csv", "", &bots.Error{Kind: bots.ErrPermanent}, []string{"重新发一次"}},
		{"an app without permission", "boss", "客户.csv", "", &bots.Error{Kind: bots.ErrMisconfigured}, []string{"没有下载文件的权限"}},
		{"only bad rows", "boss", "坏.csv", "客户名称,统一社会信用代码\n甲公司,123\n", nil, []string{"没有可以导入的行", "校验码", "![确认]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.withFiles()
			d.err = tt.err
			began := time.Now()
			wantText(t, shown(w.answer(w.drop(d, tt.from, tt.file, tt.content))), tt.says...)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if len(w.names()) != 0 {
				t.Error("something was taken in")
			}
		})
	}
}

func TestWeComSaysHowElseToImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withFiles()
	wantText(t, w.chat.howToImport(question{from: place{platform: bots.WeCom}}), "企业微信不把文件交给应用", "lingke import", "/api/v1/imports")
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", "导入", false))), "直接发给我")
}
