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
	if book, ok := x.(bots.AddressBook); ok && !sick {
		d.compare(p, book)
	}
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
