package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/access"
	"lingke/internal/batch"
	"lingke/internal/imports"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// files takes in files that managers drop into the chat: offered with what they would do, taken in after a yes.
type files interface {
	// Fetch returns what somebody sent. bots.ErrTooLarge, bots.ErrPermanent where the platform has it no longer, ErrNoFiles.
	Fetch(ctx context.Context, p bots.Platform, f bots.File) ([]byte, error)
	Offer(ctx context.Context, id string, q imports.Request) (*imports.Preview, error)
	Offered(ctx context.Context, id string) (*imports.Preview, error)
	Batch(ctx context.Context, id string) (batch.Batch, error)
	// Corrected is a copy of the rows that stay out, each with its problem; nil where there are none, store.ErrNotFound where they are too large to be kept.
	Corrected(ctx context.Context, id string) ([]byte, error)
	// CorrectedLink is a page that hands the same copy to that person until an instant; "" where there are no pages.
	CorrectedLink(id, person string, until time.Time) string
	// Accept takes an offered file in; it returns when that is done, or after some seconds with a batch that is Applying. imports.ErrBusy, imports.ErrState.
	Accept(ctx context.Context, id string) (batch.Batch, error)
	LastOffer(ctx context.Context, by string) (id string, found bool, err error)
	LastDone(ctx context.Context, by string) (batch.Batch, bool, error)
	// Recall takes an import back; it returns when that is done, or after some seconds with a batch that is Undoing.
	Recall(ctx context.Context, id string) (batch.Batch, error)
}

// ErrNoFiles says that a platform hands no files out.
var ErrNoFiles = errors.New("the platform hands no files out")

// importFor is how long somebody may think about a preview.
const importFor = 30 * time.Minute

// importing are about files.
func importing() []command {
	return []command{
		{id: "import", words: []string{"导入", "import"}, may: access.Manage, private: true, ask: (*Service).askImport, run: (*Service).runImport, usage: lang.Text{
			ZH: "导入：把 Excel 或 CSV 文件直接发给我，先看预览，确认后导入", EN: "import: send me an Excel or CSV file; I show what it would do and take it in once you confirm",
		}},
		{id: "recall", words: []string{"撤销导入", "undo import"}, may: access.Manage, private: true, ask: (*Service).askRecall, run: (*Service).runRecall, usage: lang.Text{
			ZH: "撤销导入：撤销你最近一次导入", EN: "undo import: take your last import back",
		}},
	}
}

// file answers a message that carries a file.
func (s *Service) file(ctx context.Context, q question, f bots.File) (reply, error) {
	c, _ := commandByID("import")
	if !q.who.May(c.may) {
		return said(q.say("收到文件。只有主管可以导入客户，请把文件转给主管。", "I have your file. Only managers can import customers; please pass it on to one.")), nil
	}
	if s.Files == nil {
		return said(s.howToImport(q)), nil
	}
	content, err := s.Files.Fetch(ctx, q.from.platform, f)
	if err == nil {
		q.rest = offerID(q)
		_, err = s.Files.Offer(ctx, q.rest, imports.Request{File: f.Name, Content: content, By: q.who.ID})
	}
	if err != nil {
		text, told := whyNot(q, err)
		if !told {
			return reply{}, err
		}
		return said(q.sayf("“%s”没有导入：%s", "“%s” was not imported: %s", bots.CutRunes(f.Name, 40), text)), nil
	}
	r, err := s.do(ctx, c, q, "")
	if r.dialog != nil {
		r.dialog.Until = q.at.Add(importFor)
		r.card.State = q.say("待确认，30 分钟内有效", "Waiting for you, open for 30 minutes")
	}
	return r, err
}

// offerID is the batch of a message's file: the same at each attempt, and like all batches' it sorts by time.
func offerID(q question) string {
	sum := sha256.Sum256([]byte(q.id))
	ms, tail := fmt.Sprintf("%012x", q.at.UnixMilli()), hex.EncodeToString(sum[:])
	return ms[:8] + "-" + ms[8:] + "-7" + tail[:3] + "-8" + tail[3:6] + "-" + tail[6:18]
}

// whyNot says in the person's language why a file is refused and what would help; false for what may pass by itself.
func whyNot(q question, err error) (string, bool) {
	var reason sheet.Reason
	switch {
	case errors.As(err, &reason):
		return lang.Text(reason).In(q.who.Language), true
	case errors.Is(err, bots.ErrTooLarge), errors.Is(err, imports.ErrOfferSize):
		return q.sayf("文件超过 %d MB。请拆成几个文件再发，或请管理员用 lingke import 导入。", "it has more than %d MB. Split it, or ask an administrator to use lingke import.", imports.MaxOffer>>20), true
	case errors.Is(err, ErrNoFiles):
		return q.say("这个平台不把文件交给应用。", "this platform hands no files to apps."), true
	case errors.Is(err, bots.ErrPermanent):
		return q.say("平台已取不到这个文件，请重新发一次。", "the platform has it no longer; please send it again."), true
	case errors.Is(err, bots.ErrMisconfigured):
		return q.say("应用没有下载文件的权限，请联系管理员。", "the app may not fetch files; please ask an administrator."), true
	case errors.Is(err, sheet.ErrMapping), errors.Is(err, sheet.ErrFile), errors.Is(err, sheet.ErrLimit), errors.Is(err, imports.ErrSource):
		return q.say("表格的内容不合要求：", "the table cannot be used: ") + err.Error(), true
	}
	return "", false
}

// askImport tells what the file that is offered would do; without one, how to send one.
func (s *Service) askImport(ctx context.Context, q question) (what, no string, err error) {
	if s.Files == nil {
		return "", s.howToImport(q), nil
	}
	id := q.rest
	if !strings.Contains(id, "-") {
		known := false
		if id, known, err = s.Files.LastOffer(ctx, q.who.ID); err != nil || !known {
			return "", s.howToImport(q), err
		}
	}
	p, err := s.Files.Offered(ctx, id)
	switch {
	case errors.Is(err, imports.ErrState): // somebody said yes before, or it took too long
		b, err := s.Files.Batch(ctx, id)
		if err != nil {
			return "", "", err
		}
		told, err := s.sendCorrected(ctx, q, b)
		return "", imported(q, b) + told, err
	case errors.Is(err, store.ErrNotFound):
		return "", s.howToImport(q), nil
	case err != nil:
		if text, told := whyNot(q, err); told {
			return "", text, nil
		}
		return "", "", err
	case p.Batch.By != q.who.ID:
		return "", q.say("这个文件是别人发的，请让对方确认。", "Somebody else sent this file; ask them to confirm."), nil
	case p.Result.Good == 0:
		told, err := s.sendCorrected(ctx, q, p.Batch)
		return "", preview(q, p) + q.say("\n没有可以导入的行。", "\nNo row can be imported.") + told, err
	}
	return preview(q, p) + q.say("\n确认后导入，可随时发“撤销导入”撤销。", "\nConfirm to import; “undo import” takes it back."), "", nil
}

func (s *Service) howToImport(q question) string {
	if q.from.platform == bots.WeCom {
		return q.say("企业微信不把文件交给应用，请改用以下方式之一：在钉钉里把文件发给我；请管理员运行 lingke import 文件；或通过接口 /api/v1/imports 上传（README 有示例）。",
			"WeCom hands no files to apps. Send the file to me in DingTalk, ask an administrator to run lingke import FILE, or upload it to /api/v1/imports (the README has an example).")
	}
	return q.say("请把 Excel（.xlsx）或 CSV 文件直接发给我（单聊），第一行写列名，例如：客户名称、统一社会信用代码、手机、订单日期、金额。我会先给出预览，确认后再导入。",
		"Send me an Excel (.xlsx) or CSV file in our single chat, with column names in the first row. I show what it would do first.")
}

// The most of a preview that a card shows.
const (
	shownColumns  = 12
	shownProblems = 5
)

// preview says how a file was understood and what importing it would do.
func preview(q question, p *imports.Preview) string {
	r, b := p.Result, p.Batch
	lines := []string{q.sayf("%s（%s）：%d 行", "%s (%s): %d rows", bots.CutRunes(b.File, 40), bots.CutRunes(r.Sheet, 20), b.Rows)}
	var used []string
	for i, u := range r.Used {
		if i == shownColumns {
			used = append(used, q.sayf("等 %d 列", "%d columns in all", len(r.Used)))
			break
		}
		used = append(used, fmt.Sprintf("%s→%s", bots.CutRunes(u.Header, 12), shownField(q, u.Kind, u.Field)))
	}
	lines = append(lines, q.say("读取：", "Read: ")+strings.Join(used, q.say("、", ", ")))
	if len(r.Unused) > 0 {
		var names []string
		for _, u := range r.Unused[:min(len(r.Unused), shownColumns)] {
			names = append(names, bots.CutRunes(u.Header, 12))
		}
		lines = append(lines, q.say("不读取：", "Not read: ")+strings.Join(names, q.say("、", ", ")))
	}
	lines = append(lines, q.sayf("客户：新增 %d，变化 %d，不变 %d；订单 %d，互动 %d", "Customers: %d new, %d changed, %d unchanged; %d orders, %d activities", b.New, b.Changed, b.Unchanged, b.Orders, b.Activities))
	if len(p.Before) > 0 {
		lines = append(lines, q.sayf("注意：相同内容在 %s 已导入过。", "Note: the same content was imported on %s.", p.Before[0].At.Format("2006-01-02")))
	}
	return strings.Join(append(lines, problems(q, p)...), "\n")
}

// fieldTexts are what people call the fields that nearly every table has.
var fieldTexts = map[string]lang.Text{
	"id": {ZH: "编号", EN: "id"}, connectors.FieldName: {ZH: "客户名称", EN: "name"}, connectors.FieldCreditCode: {ZH: "统一社会信用代码", EN: "credit code"},
	connectors.FieldPhone: {ZH: "电话", EN: "phone"}, connectors.FieldContact: {ZH: "联系人", EN: "contact"}, connectors.FieldPool: {ZH: "线索池", EN: "pool"}, connectors.FieldOwner: {ZH: "负责人", EN: "owner"},
	connectors.FieldSameAs: {ZH: "来源记录", EN: "source records"}, "industry": {ZH: "行业", EN: "industry"}, "region": {ZH: "地区", EN: "region"},
	"province": {ZH: "省份", EN: "province"}, "city": {ZH: "城市", EN: "city"}, "address": {ZH: "地址", EN: "address"}, "headcount": {ZH: "人数", EN: "headcount"},
	connectors.FieldAmount: {ZH: "金额", EN: "amount"}, connectors.FieldDate: {ZH: "日期", EN: "date"}, connectors.FieldStatus: {ZH: "状态", EN: "status"},
	connectors.FieldProduct: {ZH: "产品", EN: "product"}, connectors.FieldRep: {ZH: "销售", EN: "rep"}, connectors.FieldType: {ZH: "类型", EN: "type"}, connectors.FieldText: {ZH: "内容", EN: "text"},
}

// shownField is what a column is read as, in the person's words as far as there are any.
func shownField(q question, kind connectors.Kind, field string) string {
	name := field
	if text, known := fieldTexts[field]; known {
		name = text.In(q.who.Language)
	}
	switch kind {
	case connectors.Order:
		return q.say("订单", "order ") + name
	case connectors.Activity:
		return q.say("互动", "activity ") + name
	}
	return name
}

// problems names the first rows that cannot be read. The others stay importable once these are corrected.
func problems(q question, p *imports.Preview) []string {
	if p.Batch.Failed == 0 {
		return nil
	}
	lines := []string{q.sayf("%d 行有问题，不会导入，我会另发一份标出问题的更正表：", "%d rows have problems and stay out; you get a copy of them to correct:", p.Batch.Failed)}
	for i, x := range p.Result.Problems {
		if i == shownProblems {
			lines = append(lines, q.say("……", "…"))
			break
		}
		lines = append(lines, q.sayf("第 %d 行：%s", "row %d: %s", x.Row, x.ZH()))
	}
	return lines
}

func (s *Service) runImport(ctx context.Context, q question) (reply, error) {
	id := q.rest
	if !strings.Contains(id, "-") {
		last, known, err := s.Files.LastOffer(ctx, q.who.ID)
		if err != nil || !known {
			return said(s.howToImport(q)), err
		}
		id = last
	}
	b, err := s.Files.Accept(ctx, id)
	if errors.Is(err, imports.ErrBusy) {
		return said(q.say("同时导入的文件太多，请稍后再发“导入”。", "Too many files are being imported; send “import” again in a while.")), nil
	}
	if errors.Is(err, imports.ErrState) {
		b, err = s.Files.Batch(ctx, id)
	}
	if err != nil {
		return reply{}, err
	}
	told, err := s.sendCorrected(ctx, q, b)
	return said(imported(q, b) + told), err
}

// imported says what became of a file.
func imported(q question, b batch.Batch) string {
	switch b.State {
	case batch.Done:
		return q.sayf("已导入：新增 %d、变化 %d 个客户，%d 个订单。", "Imported: %d new and %d changed customers, %d orders.", b.New, b.Changed, b.Orders)
	case batch.Applying, batch.Loading:
		return q.sayf("正在导入 %d 行，完成后可在名单中看到。", "%d rows are being imported.", b.Good)
	case batch.Abandoned:
		return q.say("这个文件已过期，请重新发一次。", "This file is over; please send it again.")
	}
	return q.say("这次导入已撤销。", "This import was taken back.")
}

func (s *Service) askRecall(ctx context.Context, q question) (what, no string, err error) {
	if s.Files == nil {
		return "", q.say("这里没有导入功能。", "Nothing is imported here."), nil
	}
	b, found, err := s.Files.LastDone(ctx, q.who.ID)
	if err != nil || !found {
		return "", q.say("没有可以撤销的导入：你还没有导入过文件，或都已撤销。", "There is no import of yours to take back."), err
	}
	return q.sayf("撤销 %s 的导入“%s”（%d 行，%d 个新客户）。之后的数据就像从未导入过。", "Take back the import of %s, “%s” (%d rows, %d new customers). Everything is then as if it had never been.",
		s.cards(q).When(b.At), bots.CutRunes(b.File, 40), b.Good, b.New), "", nil
}

func (s *Service) runRecall(ctx context.Context, q question) (reply, error) {
	b, found, err := s.Files.LastDone(ctx, q.who.ID)
	if err != nil || !found {
		return said(q.say("已撤销。", "Taken back.")), err
	}
	b, err = s.Files.Recall(ctx, b.ID)
	if err != nil {
		return reply{}, err
	}
	if b.State == batch.Undoing {
		return said(q.sayf("正在撤销“%s”的导入。", "The import of “%s” is being taken back.", bots.CutRunes(b.File, 40))), nil
	}
	return said(q.sayf("已撤销“%s”的导入。", "The import of “%s” was taken back.", bots.CutRunes(b.File, 40))), nil
}
