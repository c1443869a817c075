// Package emulator is DingTalk, WeCom, Kingdee and Yonyou in one process and at one port, for the demo and for tests.
//
// A request comes in through Handler: it is written down (requests.go), suffers an injected fault where one fits
// (faulty.go), and reaches the platform that its path belongs to; their paths do not collide. What the platforms show
// people lives in the world package; the chat page at /_emulator/ draws it, and the control API (control.go) is how
// people and tests type, click, change ERP records, inject faults and turn the clock.
//
// The emulator shares no code with the clients that it tests.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/page"
	"lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
	"lingke/internal/emulator/xingchen"
	"lingke/internal/emulator/yonyou"
)

// Platform is a chat product as the control API uses it.
type Platform interface {
	Name() string
	// Mount adds the platform's own endpoints.
	Mount(mux *http.ServeMux)
	// Say is a person writing to the bot (conversation "") or in a group.
	Say(ctx context.Context, person world.Person, conversation, text string) error
	// Click is a person pressing a button; the toast is the short line that the product shows after it.
	Click(ctx context.Context, person world.Person, messageID, actionID string, inputs map[string]string) (toast string, err error)
}

// Records is an ERP as the control API uses it.
type Records interface {
	// PutRecord creates or changes one record of a form.
	PutRecord(form string, fields map[string]any) error
}

// Group is a conversation of several people and the bot.
type Group struct {
	Platform string   // "dingtalk" or "wecom"
	ID       string   // the platform's conversation id
	Title    string   // what people read
	Members  []string // user ids of the platform
}

// Options describes the emulated organisation, its apps and its ERP.
type Options struct {
	People   []world.Person
	Groups   []Group
	DingTalk dingtalk.Options
	WeCom    wecom.Options
	Kingdee  kingdee.Options
	YonBIP   yonyou.Options
	U8       yonyou.U8Options
	Chanjet  yonyou.ChanjetOptions
	XingChen xingchen.Options
	Seed     func(Records) error // fills the ERP before the first request; may be nil
	Now      func() time.Time    // time.Now where nil
	Log      *slog.Logger        // silent where nil
}

// Emulator is the running whole. Its methods may be called from several goroutines.
type Emulator struct {
	world    *world.World
	dingtalk *dingtalk.Server
	wecom    *wecom.Server
	kingdee  *kingdee.Server
	yonbip   *yonyou.YonBIP
	u8       *yonyou.U8
	chanjet  *yonyou.Chanjet
	xingchen *xingchen.Server
	chats    []Platform
	erps     map[string]Records
	pushes   []*pushTransport // carry what is pushed to the gateway by HTTP, but for the clients that the options brought

	faults   faults
	requests requests
	handler  http.Handler
	log      *slog.Logger

	once sync.Once
	done chan struct{} // closed by Close
}

// New builds the emulator. Close it to end its connections.
func New(opt Options) (*Emulator, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if err := dingtalk.CheckTemplate(opt.DingTalk.Template); err != nil {
		return nil, err
	}
	e := &Emulator{world: world.New(opt.People, opt.Now), log: opt.Log, done: make(chan struct{})}
	for _, g := range opt.Groups {
		e.world.AddGroup(g.Platform, g.ID, g.Title, g.Members...)
	}
	e.build(opt)
	if opt.Seed != nil {
		if err := opt.Seed(e.kingdee); err != nil {
			e.Close()
			return nil, fmt.Errorf("seed the emulated ERP: %w", err)
		}
	}
	e.handler = e.routes()
	return e, nil
}

// build makes the platforms and connects their pushes to the injected faults.
func (e *Emulator) build(opt Options) {
	if opt.DingTalk.Trouble == nil {
		opt.DingTalk.Trouble = e.dingtalkTrouble
	}
	if opt.DingTalk.Log == nil {
		opt.DingTalk.Log = e.log
	}
	if opt.DingTalk.Client == nil {
		opt.DingTalk.Client = e.pushClient("dingtalk/callback")
	}
	if opt.WeCom.Client == nil {
		opt.WeCom.Client = e.pushClient("wecom/callback")
	}
	if opt.YonBIP.Client == nil {
		opt.YonBIP.Client = e.pushClient("yonyou/event")
	}
	if opt.Chanjet.Client == nil {
		opt.Chanjet.Client = e.pushClient("chanjet/message")
	}
	e.dingtalk = dingtalk.New(opt.DingTalk, e.world)
	e.wecom = wecom.New(opt.WeCom, e.world)
	e.kingdee = kingdee.New(opt.Kingdee, e.world.Now)
	e.yonbip = yonyou.NewYonBIP(opt.YonBIP, e.world.Now)
	e.u8 = yonyou.NewU8(opt.U8, e.world.Now)
	e.chanjet = yonyou.NewChanjet(opt.Chanjet, e.world.Now)
	e.xingchen = xingchen.New(opt.XingChen, e.world.Now)
	e.erps = map[string]Records{"kingdee": e.kingdee, "yonyou": e.yonbip, "u8": e.u8, "chanjet": e.chanjet, "xingchen": e.xingchen, "dingtalk": e.dingtalk, "wecom": e.wecom}
	e.chats = []Platform{e.dingtalk, e.wecom}
}

// World returns the emulated organisation.
func (e *Emulator) World() *world.World { return e.world }

// DingTalk returns the emulated DingTalk, for what only it can do.
func (e *Emulator) DingTalk() *dingtalk.Server { return e.dingtalk }

// WeCom returns the emulated WeCom.
func (e *Emulator) WeCom() *wecom.Server { return e.wecom }

// Kingdee returns the emulated ERP.
func (e *Emulator) Kingdee() *kingdee.Server { return e.kingdee }

// YonBIP returns the emulated tenant of Yonyou.
func (e *Emulator) YonBIP() *yonyou.YonBIP { return e.yonbip }

// U8 returns the emulated account set of U8.
func (e *Emulator) U8() *yonyou.U8 { return e.u8 }

// Chanjet returns the emulated account of 畅捷通.
func (e *Emulator) Chanjet() *yonyou.Chanjet { return e.chanjet }

// XingChen returns the emulated 金蝶云·星辰.
func (e *Emulator) XingChen() *xingchen.Server { return e.xingchen }

// Handler serves everything: the platforms, the chat page and the control API.
func (e *Emulator) Handler() http.Handler { return e.handler }

func (e *Emulator) routes() http.Handler {
	platforms := http.NewServeMux()
	for _, p := range e.chats {
		p.Mount(platforms)
	}
	e.yonbip.Mount(platforms)
	e.u8.Mount(platforms)
	e.chanjet.Mount(platforms)
	own := http.NewServeMux()
	e.mountControl(own)
	own.HandleFunc("GET /_emulator/events", e.events)
	own.Handle("GET /_emulator/", page.Handler("/_emulator/", e.world.People()))
	erp := e.kingdee.Handler()
	outside := e.record(e.faulty(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(strings.ToLower(r.URL.Path), "/k3cloud/") {
			erp.ServeHTTP(w, r)
			return
		}
		if xingchen.Owns(r.URL.Path) {
			e.xingchen.ServeHTTP(w, r)
			return
		}
		platforms.ServeHTTP(w, r)
	})))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			http.Redirect(w, r, "/_emulator/", http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/_emulator"):
			own.ServeHTTP(w, r)
		default:
			outside.ServeHTTP(w, r)
		}
	})
}

// Run serves on l until ctx ends, then closes the emulator. It returns nil when ctx ended it.
func (e *Emulator) Run(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: e.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(e.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		e.Close()
		_ = srv.Close() // open event streams would hold a graceful stop for ever
	}()
	err := srv.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		<-ended
		return nil
	}
	e.Close()
	return fmt.Errorf("serve the emulator: %w", err)
}

// Close ends every connection, hanging request and event stream. It may be called several times.
func (e *Emulator) Close() {
	e.once.Do(func() {
		close(e.done)
		e.dingtalk.Close()
		e.wecom.Close()
		e.yonbip.Close()
		for _, p := range e.pushes {
			p.next.CloseIdleConnections()
		}
	})
}
