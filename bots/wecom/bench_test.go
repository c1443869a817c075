package wecom

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/silenceper/wechat/v2/util"

	"lingke/bots"
)

// BenchmarkCallback is the whole callback before the handler, beside the same work with encoding/xml and the library's
// helpers.
func BenchmarkCallback(b *testing.B) {
	doc := strings.Replace(clickDoc, "fresh-code", strings.Repeat("c", 200), 1)
	query, body := envelope(testConfig, doc, testNow)
	bot := openBot(&testing.T{}, "")
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader(body))
			if _, known, why := bot.read(httptest.NewRecorder(), r); !known || why != "" {
				b.Fatal(why)
			}
		}
	})
	b.Run("encoding_xml", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader(body))
			if click, err := naive(r, body); err != nil || click.From == "" {
				b.Fatal(err)
			}
		}
	})
	b.Run("request_only", func(b *testing.B) { // what both spend on making the request
		b.ReportAllocs()
		for b.Loop() {
			httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader(body))
			httptest.NewRecorder()
		}
	})
}

func naive(r *http.Request, body string) (bots.Click, error) {
	var env struct{ ToUserName, AgentID, Encrypt string }
	if err := xml.Unmarshal([]byte(body), &env); err != nil {
		return bots.Click{}, err
	}
	q := r.URL.Query()
	if util.Signature(testConfig.Token, q.Get("timestamp"), q.Get("nonce"), env.Encrypt) != q.Get("msg_signature") {
		return bots.Click{}, context.Canceled
	}
	_, msg, err := util.DecryptMsg(testConfig.CorpID, env.Encrypt, testConfig.EncodingAESKey)
	if err != nil {
		return bots.Click{}, err
	}
	var ev struct {
		FromUserName, MsgType, Event, EventKey, TaskId, ResponseCode, CreateTime string

		SelectedItems struct {
			SelectedItem []struct {
				QuestionKey string
				OptionIds   struct{ OptionId []string }
			}
		}
	}
	err = xml.Unmarshal(msg, &ev)
	return bots.Click{From: ev.FromUserName, Card: ev.TaskId, Action: ev.EventKey, Code: ev.ResponseCode}, err
}
