package e2e_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// BenchmarkCallbackUnderLoad answers WeCom's encrypted callbacks, half of them commands and half clicks, 50 a second, while records come in at the full rate. sync-… is what 16 kB written and synced
// to a file on the same disk take beside it, as often: no acknowledgement that survives a crash can be quicker.
func BenchmarkCallbackUnderLoad(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // who drives the gateway takes no more of its processors than need be
	for b.Loop() {
		g := newDataGatewayApart(b)
		loading := make(chan struct{})
		go func() {
			defer close(loading)
			paced(*loadRate, *loadFor, func(i int) {
				mark := fmt.Sprintf("BENCH%07d", i)
				g.push(b, mark, []dataItem{{Type: "customer.upsert", Data: goodLead(mark)}})
			})
		}()
		messages, clicks := &latencies{}, &latencies{}
		syncs, synced := &latencies{}, make(chan struct{})
		go func() {
			defer close(synced)
			syncBare(b, syncs)
		}()
		n := paced(50, *loadFor, func(i int) {
			took, began := messages, time.Now()
			doc := messageDoc(i, g.now())
			if i%2 == 1 {
				took, doc = clicks, clickDoc(i, g.now())
			}
			if err := g.callback(b.Context(), doc); err != nil {
				b.Error(err)
			}
			took.add(time.Since(began))
		})
		<-loading
		<-synced
		b.ReportMetric(float64(n), "callbacks")
		messages.report(b, "message-")
		clicks.report(b, "click-")
		syncs.report(b, "sync-")
	}
}

// syncBare writes and syncs 16 kB 50 times a second.
func syncBare(b *testing.B, took *latencies) {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = f.Close() }()
	page := make([]byte, 16<<10)
	if _, err := f.Write(make([]byte, 512*len(page))); err != nil { // or a sync would wait for room to be found as well
		b.Error(err)
		return
	}
	paced(50, *loadFor, func(i int) {
		began := time.Now()
		_, err := f.WriteAt(page, int64(i%512)*int64(len(page)))
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			b.Error(err)
		}
		took.add(time.Since(began))
	})
}

func messageDoc(i int, at time.Time) string {
	return fmt.Sprintf(`<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[ZhangWei]]></FromUserName><CreateTime>%d</CreateTime>`+
		`<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[我的客户]]></Content><MsgId>%d</MsgId><AgentID>%d</AgentID></xml>`,
		dataWeCom.CorpID, at.Unix(), 7_300_000_000_000_000_000+i, dataWeCom.AgentID)
}

// clickDoc is a click on a card that was never sent: it is verified, stored and looked up like any other.
func clickDoc(i int, at time.Time) string {
	return fmt.Sprintf(`<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[ZhangWei]]></FromUserName><CreateTime>%d</CreateTime>`+
		`<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[claim]]></EventKey>`+
		`<TaskId><![CDATA[lead-%d]]></TaskId><CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[code-%d]]></ResponseCode>`+
		`<AgentID>%d</AgentID></xml>`, dataWeCom.CorpID, at.Unix(), i, i, dataWeCom.AgentID)
}

// callback posts a document as the platform does: encrypted and signed with the library that senders use.
func (g *dataGateway) callback(ctx context.Context, doc string) error {
	key, err := base64.StdEncoding.DecodeString(dataWeCom.AESKey + "=")
	if err != nil {
		return err
	}
	sealed := base64.StdEncoding.EncodeToString(util.AESEncryptMsg([]byte("0123456789abcdef"), []byte(doc), dataWeCom.CorpID, key))
	at, nonce := strconv.FormatInt(g.now().Unix(), 10), "bench"
	query := url.Values{"timestamp": {at}, "nonce": {nonce}, "msg_signature": {util.Signature(dataWeCom.Token, at, nonce, sealed)}}
	body := fmt.Sprintf("<xml><ToUserName><![CDATA[%s]]></ToUserName><AgentID><![CDATA[%d]]></AgentID><Encrypt><![CDATA[%s]]></Encrypt></xml>",
		dataWeCom.CorpID, dataWeCom.AgentID, sealed)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+"/callbacks/wecom?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("callback: %s", resp.Status)
	}
	return nil
}
