package dingtalk_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"lingke/bots"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

var png = []byte("\x89PNG\r\n\x1a\n 0123456789")

func TestPicturesAndDocumentsAreUploadedAndShown(t *testing.T) {
	o := newOffice(t)
	for _, f := range []bots.Attachment{{Name: "chart.png", Data: png}, {Name: "名单.xlsx", Data: []byte("PK..")}} {
		if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "f", To: []string{"u-li"}, File: &f}); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	seen := o.sees("li")
	if len(seen) != 2 || seen[0].Image == "" || seen[1].File != "名单.xlsx" {
		t.Fatalf("li sees %+v", seen)
	}
	resp, err := http.Get(o.URL + seen[0].Image)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if got, _ := io.ReadAll(resp.Body); string(got) != string(png) {
		t.Errorf("the picture is %q", got)
	}
}

func TestAFileThatThePlatformDoesNotTakeIsToldInWords(t *testing.T) {
	o := newOffice(t)
	f := bots.Attachment{Name: "list.csv", Data: []byte("a,b"), Alt: "名单：甲、乙"}
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "f", To: []string{"u-li"}, File: &f}); err != nil {
		t.Fatal(err)
	}
	if seen := o.sees("li"); len(seen) != 1 || seen[0].Text != "名单：甲、乙" {
		t.Errorf("li sees %+v", seen)
	}
	f.Alt = ""
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "f", To: []string{"u-li"}, File: &f}); !errors.Is(err, bots.ErrPermanent) {
		t.Errorf("without words: %v", err)
	}
}

func TestARobotMessageIsTracked(t *testing.T) {
	o := newOffice(t)
	receipt, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "m", To: []string{"u-li", "u-zhang"}, Text: "在吗"})
	if err != nil {
		t.Fatal(err)
	}
	_ = o.post("/_emulator/messages", map[string]any{"platform": "dingtalk", "person": "li", "conversation": "", "text": "在"}) // reading by writing
	got, err := o.bot.Track(t.Context(), receipt.Handle)
	if err != nil || !got.Done || len(got.Read) != 1 || got.Read[0] != "u-li" || len(got.Unread) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := o.bot.Track(t.Context(), bots.Handle{Message: "card-1"}); !errors.Is(err, bots.ErrUntracked) {
		t.Errorf("a card: %v", err)
	}
	o.post("/_emulator/clock", map[string]any{"now": time.Now().Add(25 * time.Hour)})
	if _, err := o.bot.Track(t.Context(), receipt.Handle); !errors.Is(err, bots.ErrUntracked) {
		t.Errorf("a day later: %v", err)
	}
}

func TestAWorkNoticeSaysWhoWasLeftOut(t *testing.T) {
	o := newOffice(t)
	m := bots.Outgoing{ID: "n", To: []string{"u-li", "u-nobody"}, Text: "### 本周报告\n赢单 3 个"}
	first, err := o.bot.SendNotice(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.bot.Track(t.Context(), first.Handle)
	if err != nil || !got.Done || len(got.Unread) != 1 || len(got.Refused) != 1 || got.Refused[0].To != "u-nobody" {
		t.Errorf("the first: %+v, %v", got, err)
	}
	m.To = []string{"u-li"}
	second, err := o.bot.SendNotice(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	got, err = o.bot.Track(t.Context(), second.Handle)
	if err != nil || len(got.Refused) != 1 || !strings.HasPrefix(got.Refused[0].Reason, "143105") {
		t.Errorf("the same words again: %+v, %v", got, err)
	}
	if err := o.bot.Recall(t.Context(), first.Handle); err != nil || len(o.sees("li")) != 0 {
		t.Errorf("recall: %v, li sees %+v", err, o.sees("li"))
	}
}
