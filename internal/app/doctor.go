package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"lingke/bots"
	"lingke/bots/dingtalk"
	"lingke/bots/wecom"
	"lingke/configs"
	"lingke/connectors"
)

// Health is how serious a Finding is.
type Health string

// The three.
const (
	Well Health = "ok"
	Warn Health = "warning"
	Sick Health = "wrong"
)

// Finding is what a look at one part of the installation found.
type Finding struct {
	Part   string // "store", "bots.wecom", "connectors.kingdee", …
	Health Health
	What   string
	Fix    string // what to do about it; empty where all is well
}

// How long one part may take to answer, and by how much clocks may differ: signatures are refused from 5 minutes on by the strictest of the platforms' checks.
const (
	patience = 20 * time.Second
	maxSkew  = time.Minute
)

// Doctor tries every part that a config names: the store, the credentials of bots and connectors, the clock, the calendar, the public address. It sends no message and changes nothing.
// The config must have passed Check.
func Doctor(ctx context.Context, cfg *configs.Config, opts ...Option) []Finding {
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler), now: time.Now}
	for _, o := range opts {
		o(a)
	}
	d := doctor{app: a, ctx: ctx}
	if err := errors.Join(a.openPlatforms(), a.openConnectors()); err != nil {
		d.found("config", err, "run lingke check")
		return d.findings
	}
	d.store()
	d.calendar()
	d.people()
	d.clock()
	d.address()
	d.bots()
	d.connectors()
	return d.findings
}

type doctor struct {
	app      *App
	ctx      context.Context //nolint:containedctx // of one examination
	findings []Finding
}

// found notes that a part is well, or what is wrong with it and what to do.
func (d *doctor) found(part string, err error, fix string) {
	if err == nil {
		d.findings = append(d.findings, Finding{Part: part, Health: Well, What: "answers"})
		return
	}
	d.findings = append(d.findings, Finding{Part: part, Health: Sick, What: err.Error(), Fix: fix})
}

func (d *doctor) warn(part, what, fix string) {
	d.findings = append(d.findings, Finding{Part: part, Health: Warn, What: what, Fix: fix})
}

// within runs one look with the patience that a part deserves.
func (d *doctor) within(look func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(d.ctx, patience)
	defer cancel()
	return look(ctx)
}

func (d *doctor) store() {
	const fix = "check store.uri, the folder's permissions and the disk, or the database's address and user"
	d.found("store", d.within(func(ctx context.Context) error {
		s, err := openStore(ctx, d.app.cfg)
		if err != nil {
			return err
		}
		return errors.Join(s.Ping(ctx), s.Close())
	}), fix)
}

func (d *doctor) calendar() {
	w, err := loadWorkingTime(d.app.cfg, nil)
	if err != nil {
		d.found("calendar", err, "mend calendar.hours, calendar.holidays or people's hours")
		return
	}
	if year, missing := w.calendar.Missing(d.app.now(), d.app.cfg.Location); missing {
		d.warn("calendar", fmt.Sprintf("the public holidays of %d are not known: Monday to Friday count as workdays", year),
			"get the year's file in the form of holiday-cn or chinese-days and name it in calendar.holidays")
		return
	}
	d.findings = append(d.findings, Finding{Part: "calendar", Health: Well, What: w.calendar.String() + " are known"})
}

// people looks for those whom no message can reach.
func (d *doctor) people() {
	if len(d.app.cfg.People) == 0 {
		d.warn("people", "there are none", "list the team under people: nobody gets a card otherwise")
		return
	}
	has := make(map[bots.Platform]bool)
	for _, b := range d.app.bots {
		has[b.Platform()] = true
	}
	for _, p := range d.app.cfg.People {
		if (p.DingTalk == "" || !has[bots.DingTalk]) && (p.WeCom == "" || !has[bots.WeCom]) {
			d.warn("people."+p.ID, p.Name+" is on none of the platforms that have a bot", "give a user id: 钉钉管理后台 or 企业微信管理后台 → 通讯录 → the member's 账号")
		}
	}
}

// botFixes say where a refused app is mended.
var botFixes = map[bots.Platform]string{
	bots.DingTalk: "open-dev.dingtalk.com → 应用 → 凭证与基础信息: client_id (AppKey) and client_secret; 权限管理: robot and card permissions; 安全设置: this machine's address",
	bots.WeCom:    "work.weixin.qq.com/wework_admin → 应用管理 → the app: Secret and AgentId; 企业可信IP: this machine's outgoing address; 我的企业: corp_id",
}

func (d *doctor) bots() {
	if len(d.app.bots) == 0 {
		d.warn("bots", "there are none", "configure bots.dingtalk or bots.wecom: nobody gets a card otherwise")
	}
	for _, b := range d.app.bots {
		if x, ok := b.(bots.Examiner); ok {
			d.examine(b.Platform(), x)
			continue
		}
		c, ok := b.(bots.Checker)
		if !ok {
			continue
		}
		part := "bots." + string(b.Platform())
		err := d.within(c.Check)
		fix := botFixes[b.Platform()]
		if err != nil && !errors.Is(err, bots.ErrMisconfigured) {
			fix = "try again; if it stays, check this machine's way to the internet (proxy, DNS, firewall)"
		}
		d.found(part, err, fix)
	}
}

// clock compares this machine's clock with the one of the platforms' hosts: every answer over HTTP tells its own time.
func (d *doctor) clock() {
	for _, host := range d.hosts() {
		var off time.Duration
		err := d.within(func(ctx context.Context) (err error) {
			off, err = d.skew(ctx, host)
			return err
		})
		switch {
		case err != nil:
			continue // that the host cannot be reached shows at its bot
		case off.Abs() > maxSkew:
			d.findings = append(d.findings, Finding{Part: "clock", Health: Sick, What: fmt.Sprintf("this machine's clock is off by %s against %s", off.Round(time.Second), host),
				Fix: "let NTP set the clock (timedatectl set-ntp true): signed calls are refused otherwise"})
		default:
			d.findings = append(d.findings, Finding{Part: "clock", Health: Well, What: "agrees with " + host})
		}
		return
	}
}

// hosts are the platforms' addresses, as far as bots are configured.
func (d *doctor) hosts() []string {
	var out []string
	if c := d.app.cfg.Bots.DingTalk; c != nil {
		out = append(out, cmp.Or(c.BaseURL, dingtalk.DefaultBaseURL))
	}
	if c := d.app.cfg.Bots.WeCom; c != nil {
		out = append(out, cmp.Or(c.BaseURL, wecom.DefaultBaseURL))
	}
	return out
}

// skew returns by how much this clock is ahead of a host's, to the second.
func (d *doctor) skew(ctx context.Context, host string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, host, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, err
	}
	return d.app.now().Sub(theirs), nil
}

// connectorFixes say what to do about a kind of failure.
var connectorFixes = []struct {
	kind error
	fix  string
}{
	{connectors.ErrUnauthorized, "check the credentials and the permissions that its page names, and that this machine's address is allowed"},
	{connectors.ErrConfig, "mend the settings or the mapping: the message names the field"},
	{connectors.ErrThrottled, "the source is busy: try again later, or pull less often"},
}

func (d *doctor) connectors() {
	for _, name := range slices.Sorted(maps.Keys(d.app.checkers)) {
		err := d.within(d.app.checkers[name].Check)
		fix := "check the address and this machine's way to it (DNS, proxy, firewall)"
		for _, f := range connectorFixes {
			if errors.Is(err, f.kind) {
				fix = f.fix
				break
			}
		}
		d.found("connectors."+name, err, fix+"; its page is "+connectorPage(d.app.cfg.Connectors[name].Type))
	}
}

// address asks the public address for the gateway's own health page.
func (d *doctor) address() {
	public := d.app.cfg.Server.PublicURL
	if public == "" {
		if d.needsAddress() {
			d.warn("server.public_url", "it is empty, and callbacks or webhooks have to reach this gateway", "write the https address under which the internet reaches it")
		}
		return
	}
	d.found("server.public_url", d.within(func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, public+"/healthz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s/healthz answers %s", public, resp.Status)
		}
		return nil
	}), "start lingke serve, and let the proxy, load balancer or tunnel lead this address to server.addr")
}

// needsAddress reports whether anything outside has to call the gateway.
func (d *doctor) needsAddress() bool {
	b := d.app.cfg.Bots
	return len(d.app.receivers) > 0 || b.WeCom != nil || b.DingTalk != nil && b.DingTalk.Mode == configs.ModeHTTP
}
