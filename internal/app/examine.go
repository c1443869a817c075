package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lingke/bots"
)

// examine lets a bot look at its app in detail, and compares the people of the config with the platform's address book.
func (d *doctor) examine(p bots.Platform, x bots.Examiner) {
	part := "bots." + string(p)
	ctx, cancel := context.WithTimeout(d.ctx, patience)
	defer cancel()
	sick, unreachable := false, slices.ContainsFunc(d.findings, func(f Finding) bool {
		return f.Health == Sick && (f.Part == "server.public_url" || f.Part == "clock")
	})
	for _, s := range x.Examine(ctx, d.app.cfg.Server.PublicURL) {
		if unreachable && strings.HasPrefix(s.Part, "callback") {
			continue // says the same of each of them
		}
		name := part
		if s.Part != "" {
			name += "." + s.Part
		}
		switch {
		case s.Err != nil:
			sick = true
			d.findings = append(d.findings, Finding{Part: name, Health: Sick, What: s.What, Fix: s.Fix})
		case s.Well():
			d.findings = append(d.findings, Finding{Part: name, Health: Well, What: s.What})
		default:
			d.warn(name, s.What, s.Fix)
		}
	}
	if sick {
		return
	}
	if book, ok := x.(bots.AddressBook); ok {
		d.compare(p, book)
	}
	if m, ok := x.(menuBot); ok {
		d.menu(ctx, part+".menu", m)
	}
}

// menu tells whether the app's menu leads to our commands, which the gateway sees to when it starts.
func (d *doctor) menu(ctx context.Context, part string, m menuBot) {
	has, err := m.HasMenu(ctx, d.app.menu())
	what := "leads to the commands that people type most"
	if !has {
		what = "is another one, or none: lingke serve sets it when it starts"
	}
	if err != nil {
		d.warn(part, err.Error(), "work.weixin.qq.com/wework_admin → 应用管理 → the app → 自定义菜单: see that the app may set its menu; without it people type the commands")
		return
	}
	d.findings = append(d.findings, Finding{Part: part, Health: Well, What: what})
}

// compare tells whom the config names and the address book does not have, or has by another name.
func (d *doctor) compare(p bots.Platform, book bots.AddressBook) {
	names := map[string]string{}
	err := d.within(func(ctx context.Context) error {
		return book.Staff(ctx, func(m bots.Member) error {
			names[memberKey(p, m.ID)] = m.Name
			return nil
		})
	})
	if err != nil || len(names) == 0 {
		return // the symptoms tell why, where it matters
	}
	for _, person := range d.app.cfg.People {
		account := person.DingTalk
		if p == bots.WeCom {
			account = person.WeCom
		}
		name, there := names[memberKey(p, account)]
		switch {
		case account == "":
		case !there:
			d.warn("people."+person.ID, fmt.Sprintf("%s's account %q is not in the address book of %s, as far as the app sees it", person.Name, account, p),
				"correct the user id, or take the person out; if they are there, widen the app's visible range (可见范围)")
		case name != "" && name != person.Name:
			d.warn("people."+person.ID, fmt.Sprintf("%s is called %s in the address book of %s", person.Name, name, p), "see that it is the same person, and correct the name or the user id")
		}
	}
}

func memberKey(p bots.Platform, id string) string {
	if p == bots.WeCom {
		return strings.ToLower(id)
	}
	return id
}
