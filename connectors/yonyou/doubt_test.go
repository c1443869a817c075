package yonyou_test

import (
	"log/slog"
	"strings"
	"testing"

	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
	"lingke/connectors/yonyou"
	emulator "lingke/internal/emulator/yonyou"
)

// mapped is a mapping that reads fields by other names.
func mapped(t testing.TB, pairs ...string) mapping.Mapping {
	t.Helper()
	m := mapping.Mapping{}
	for i := 0; i < len(pairs); i += 2 {
		p, err := jsondoc.ParsePath(pairs[i+1])
		if err != nil {
			t.Fatal(err)
		}
		m[mapping.Target(pairs[i])] = mapping.Rule{From: p}
	}
	return m
}

// said collects warnings.
func said() (*slog.Logger, *strings.Builder) {
	var b strings.Builder
	return slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelWarn})), &b
}

// names wants every part of a warning, or no warning at all where there are none.
func names(t *testing.T, what string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(what, p) {
			t.Errorf("%q lacks %s", what, p)
		}
	}
	if len(parts) == 0 && what != "" {
		t.Errorf("a right mapping is doubted: %s", what)
	}
}

func TestYonBIPNamesFieldsThatNoRowHasBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	n.customer(t, 1, "")
	n.order(t, 1, 1, 1, "")
	for _, tt := range []struct {
		m     mapping.Mapping
		wants []string
	}{
		{mapped(t, "phone", "contactTel", "order.rep", "agentId"), nil},
		{mapped(t, "phone", "contactTell", "order.margin", "payMony"), []string{"mapping.phone", `no field \"contactTell\"`, "contactTel", "mapping.order.margin", "payMony"}},
	} {
		log, text := said()
		cfg := n.config()
		cfg.Mapping = tt.m
		c, err := cfg.Open("yonyou", append(liveBy(n.Clock), yonyou.WithLogger(log))...)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		names(t, text.String(), tt.wants...)
	}
}

func TestU8NamesFieldsThatNoRowHasBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	n := newRelay(t, nil)
	n.customer(t, 1, "客户")
	n.order(t, 1, 1, "审核")
	for _, tt := range []struct {
		m     mapping.Mapping
		wants []string
	}{
		{mapped(t, "phone", "mobile", "order.rep", "personname"), nil},
		{mapped(t, "phone", "mobil", "order.rep", "personnam"), []string{"mapping.phone", `no field \"mobil\"`, "mobile", "mapping.order.rep", "personname"}},
	} {
		log, text := said()
		o := u8Credentials()
		cfg := yonyou.U8Config{BaseURL: n.url, FromAccount: o.FromAccount, AppKey: o.AppKey, AppSecret: o.AppSecret, CallsPerMinute: 6000, Mapping: tt.m}
		u, err := cfg.Open("u8", append(liveBy(n.Clock), yonyou.WithLogger(log))...)
		if err != nil {
			t.Fatal(err)
		}
		if err := u.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		names(t, text.String(), tt.wants...)
	}
}

// T+ answers with what was asked for only, so a field that it does not know is one that no row has.
func TestChanjetNamesFieldsThatNoRowHasBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		m     mapping.Mapping
		wants []string
	}{
		{mapped(t, "phone", "TelephoneNo", "group", "PartnerClass.Code"), nil},
		{mapped(t, "phone", "TelephonNo"), []string{"mapping.phone", `no field \"TelephonNo\"`}},
	} {
		log, text := said()
		n := newAccount(t, func(*emulator.ChanjetOptions) {}, func(c *yonyou.ChanjetConfig) { c.Mapping = tt.m }, yonyou.WithLogger(log))
		n.partner(t, 1, "客户")
		if !n.PushTicket(t.Context()) {
			t.Fatal("the ticket was not taken")
		}
		if err := n.conn.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		names(t, text.String(), tt.wants...)
	}
}
