package staff

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"time"

	"lingke/bots"
	"lingke/internal/access"
)

// Use says where people come from.
type Use string

// The ways to use address books.
const (
	UseConfig Use = "config" // the people of the config and nobody else; the books are not asked
	UseBoth   Use = "both"   // the people of the config, kept current, and those of the departments that are teams
	UseBook   Use = "book"   // only those whom an address book has; the config says more about some of them
)

// Rules say what becomes of the books' members.
type Rules struct {
	Use Use
	// Teams are the departments whose members are taken in, and the teams they make.
	Teams map[string]string
	// Daily, Holding and Views are the allowances of those whom the config does not name.
	Daily, Holding, Views int
}

// People are the people of the config, made current by the books: their accounts follow renamed ids, an account that left is gone, who has no account left has left, and
// members of departments that are teams are taken in. Somebody who has an account on both platforms and is named in neither place by both is recognised by a name that is
// unique on each.
func People(configured []access.Person, books map[bots.Platform]Book, r Rules) []access.Person {
	if r.Use == UseConfig || r.Use == "" || len(books) == 0 {
		return slices.Clone(configured)
	}
	var out []access.Person
	taken := map[bots.Platform]map[string]bool{bots.DingTalk: {}, bots.WeCom: {}}
	for _, p := range configured {
		known := r.current(&p, books, taken)
		if r.Use == UseBook && !known {
			continue
		}
		out = append(out, p)
	}
	return append(out, r.newcomers(books, taken)...)
}

// account is a person's account on a platform.
func account(p *access.Person, platform bots.Platform) *string {
	if platform == bots.WeCom {
		return &p.WeCom
	}
	return &p.DingTalk
}

// current brings one person up to date and reports whether any book knows them. A book that was never read says nothing.
func (r Rules) current(p *access.Person, books map[bots.Platform]Book, taken map[bots.Platform]map[string]bool) (known bool) {
	accounts, gone := 0, time.Time{}
	for platform, book := range books {
		a := account(p, platform)
		if *a == "" {
			continue
		}
		*a = book.current(platform, *a)
		taken[platform][key(platform, *a)] = true
		e, found := book.Members[key(platform, *a)]
		switch {
		case !found || e.Left.IsZero():
			accounts++
			known = known || found
		default:
			known = true
			if e.Left.After(gone) {
				gone = e.Left
			}
			*a = ""
		}
		if found {
			r.describe(p, e)
		}
	}
	for _, platform := range bots.Platforms() {
		if _, asked := books[platform]; !asked && *account(p, platform) != "" {
			accounts++ // nobody can tell
		}
	}
	if accounts == 0 && !gone.IsZero() && p.Left.IsZero() {
		p.Left = gone
	}
	return known
}

// describe takes over what the book says of somebody whom the config names: name and team, where it says any.
func (r Rules) describe(p *access.Person, e Entry) {
	p.Name = cmp.Or(e.Name, p.Name)
	if team := r.team(e); team != "" {
		p.Team = team
	}
}

// team is what team an entry's departments make, the person's own first.
func (r Rules) team(e Entry) string {
	for _, d := range e.Teams {
		if t := r.Teams[d]; t != "" {
			return t
		}
	}
	return ""
}

// newcomers are the members of departments that are teams and of whom the config says nothing, sorted by id. Those who left are among them, since they may own customers.
func (r Rules) newcomers(books map[bots.Platform]Book, taken map[bots.Platform]map[string]bool) []access.Person {
	byID := map[string]access.Person{}
	twins := twins(books)
	for _, platform := range bots.Platforms() {
		book, ok := books[platform]
		if !ok {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(book.Members)) {
			e := book.Members[k]
			team := r.team(e)
			if team == "" || taken[platform][k] || !usable(e.ID) {
				continue
			}
			p := access.Person{ID: string(platform) + "." + k, Name: cmp.Or(e.Name, e.ID), Role: access.RoleRep, Team: team, Daily: r.Daily, Holding: r.Holding, Views: r.Views, Left: e.Left}
			if e.Leader {
				p.Role = access.RoleManager
			}
			*account(&p, platform) = e.ID
			if other, ok := twins[platform][k]; ok && platform == bots.DingTalk && !taken[bots.WeCom][other.key] {
				taken[bots.WeCom][other.key] = true
				p.WeCom = other.id
			}
			if !e.Left.IsZero() {
				p.DingTalk, p.WeCom = "", ""
			}
			byID[p.ID] = p
		}
	}
	out := make([]access.Person, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		out = append(out, byID[id])
	}
	return out
}

type twin struct{ key, id string }

// twins pairs DingTalk members with WeCom members of the same name, where each platform has that name once.
func twins(books map[bots.Platform]Book) map[bots.Platform]map[string]twin {
	out := map[bots.Platform]map[string]twin{bots.DingTalk: {}}
	ding, wecom := once(books[bots.DingTalk]), once(books[bots.WeCom])
	for name, k := range ding {
		if other := wecom[name]; k != "" && other != "" {
			out[bots.DingTalk][k] = twin{other, books[bots.WeCom].Members[other].ID}
		}
	}
	return out
}

// once are the names of those who are there, each with its key, "" where several have it.
func once(b Book) map[string]string {
	out := map[string]string{}
	for k, e := range b.Members {
		if e.Name == "" || !e.Left.IsZero() {
			continue
		}
		if _, twice := out[e.Name]; twice {
			out[e.Name] = ""
		} else {
			out[e.Name] = k
		}
	}
	return out
}

// usable reports whether a user id can be part of a person's id.
func usable(id string) bool {
	return usableID.MatchString(id)
}

var usableID = regexp.MustCompile(`^[0-9A-Za-z._@-]{1,50}$`)
