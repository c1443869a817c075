package chat

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/delivery"
)

// copyOf is the corrected copy that answers a message.
func (w *world) copyOf(in bots.Incoming) delivery.Delivery {
	w.t.Helper()
	d, err := w.store.Delivery(w.t.Context(), replyID(in.ID)+"c")
	must(w.t, err)
	if d.File == nil || d.Conversation != "" || len(d.To) != 1 || d.To[0] != in.Message.From {
		w.t.Fatalf("the copy goes to %q, %v: %+v", d.Conversation, d.To, d.File)
	}
	return d
}

// corrected is the copy with other values in some cells.
func corrected(t *testing.T, content []byte, cells map[string]string) string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	must(t, err)
	for cell, v := range cells {
		must(t, book.SetCellValue(book.GetSheetName(0), cell, v))
	}
	out, err := book.WriteToBuffer()
	must(t, err)
	return out.String()
}

func TestTheRowsThatStayOutComeBackAsAFileToCorrect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.withFiles()
	in := w.drop(d, "boss", "客户.csv", threeRows)
	wantText(t, shown(w.answer(in)), "1 行有问题", "更正表")
	tap := w.tap(in, "boss", cards.ActionConfirm)
	wantText(t, w.handle(tap).Toast, "已导入：新增 2")
	d1 := w.copyOf(in)
	if d1.File.Name != "客户-更正表.xlsx" {
		t.Error(d1.File.Name)
	}
	wantText(t, d1.File.Alt, "1 行未导入", "/api/v1/imports/", "person=wangfang")
	w.handle(tap) // after a crash
	if again := w.copyOf(in); again.Rev != d1.Rev || !bytes.Equal(again.File.Data, d1.File.Data) {
		t.Error("the copy is sent anew")
	}
	rows, err := excelize.OpenReader(bytes.NewReader(d1.File.Data))
	must(t, err)
	cells, err := rows.GetRows(rows.GetSheetName(0))
	must(t, err)
	if len(cells) != 2 || cells[0][4] != "问题" || cells[1][1] != "13800000003" {
		t.Fatalf("%v", cells)
	}
	wantText(t, cells[1][4], "客户名称")

	fixed := w.drop(d, "boss", d1.File.Name, corrected(t, d1.File.Data, map[string]string{"A2": "东湖泵业"}))
	wantText(t, shown(w.answer(fixed)), "新增 1", "!有问题")
	wantText(t, w.handle(w.tap(fixed, "boss", cards.ActionConfirm)).Toast, "已导入：新增 1")
	if all := w.names(); len(all) != 3 {
		t.Errorf("%v", all)
	}
	if _, err := w.store.Delivery(t.Context(), replyID(fixed.ID)+"c"); err == nil {
		t.Error("a file without bad rows has a copy to correct")
	}
}

func TestAFileOfBadRowsOnlyComesBackAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.withFiles()
	d.link = "https://crm.example.com/h5/imports/1/problems.xlsx?k=x"
	in := w.drop(d, "boss", "坏.csv", "客户名称,统一社会信用代码\n甲公司,123\n")
	wantText(t, shown(w.answer(in)), "没有可以导入的行", "更正表已发给你")
	wantText(t, w.copyOf(in).File.Alt, "(https://crm.example.com/h5/imports/1/problems.xlsx?k=x)")
}
