// Package access knows the staff and what each of them may see and do.
//
// The way of a question: a platform's user id → Directory.ByPlatform → Person → Person.May(Permission). What nobody allowed
// is refused: an unknown role, the zero Person and an unknown permission may nothing.
package access

import (
	"slices"
	"time"

	"lingke/internal/lang"
)

// Role is what a person is in the organisation.
type Role string

// The roles.
const (
	RoleRep     Role = "rep"     // 销售: works with customers
	RoleManager Role = "manager" // 主管: leads reps
	RoleFinance Role = "finance" // 财务: sees money, owns no customers
	RoleAdmin   Role = "admin"   // runs Lingke; sees no money
)

// Permission is one thing that a person may do.
type Permission string

// The permissions. The first three are the layers of what is told about a customer.
const (
	SeeTier  Permission = "see_tier"  // tier and owner
	SeeBasis Permission = "see_basis" // score, its reasons, the strategy
	SeeMoney Permission = "see_money" // amounts, margins, lifetime value
	Claim    Permission = "claim"     // become the owner of a customer
	Manage   Permission = "manage"    // adjust, reassign, approve
	Propose  Permission = "propose"   // ask a manager for what takes one
	Admin    Permission = "admin"     // change how Lingke itself works
)

// granted lists what each role may; everything else is refused.
var granted = map[Role][]Permission{
	RoleRep:     {SeeTier, SeeBasis, Claim, Propose},
	RoleManager: {SeeTier, SeeBasis, SeeMoney, Claim, Manage, Propose},
	RoleFinance: {SeeTier, SeeMoney},
	RoleAdmin:   {SeeTier, SeeBasis, Manage, Admin, Propose},
}

// Person is a member of staff.
type Person struct {
	ID       string // Lingke's own
	Name     string
	Role     Role
	Team     string
	DingTalk string // user id there; empty where the person is not on it
	WeCom    string // user id there, in any case; empty where the person is not on it
	Home     string // the platform on which somebody who is on several is told things; empty: the first
	// Chosen is the platform on which the person themselves wants to be told things; it goes before everything else. Empty: Home counts.
	Chosen string
	// Language is what the person reads.
	Language lang.Language
	Daily    int // customers that may be claimed in a day
	Holding  int // customers that may be owned at a time
	Views    int // customers of pools that may be looked at in a day; 0: any number
	Monthly  int // how many customers a month are handed to the person by rule, and the share in that; 0: as many as come, with a share of 1
	// Weight is the share where a pool hands out by weight; 0 counts as 1.
	Weight float64
	// Joined is the person's first day at work: nothing is handed out before, and a third and two thirds of the share in the first two months. Zero: long ago.
	Joined time.Time
	// Left is from when on the person is no longer there: their customers are handed over. Zero while they are.
	Left time.Time
	// Deputy is the id of who gets the person's tasks that are due during a leave, unless the leave names somebody; empty: the tasks wait.
	Deputy string
	// Attributes are what pools match customers with: {"region": ["华东"], "seniority": ["资深"]}.
	Attributes map[string][]string
}

// Prefers is the platform on which somebody who is on several is told things and nowhere else; "" where neither they nor the company chose.
func (p Person) Prefers() string {
	if p.Chosen != "" {
		return p.Chosen
	}
	return p.Home
}

// May reports whether p's role allows want. Whether p is in the team concerned is for the caller to see.
func (p Person) May(want Permission) bool { return slices.Contains(granted[p.Role], want) }

// AllMay reports whether each of people may want: what a group is told is what its least privileged member may see.
// Nobody may nothing.
func AllMay(people []Person, want Permission) bool {
	for _, p := range people {
		if !p.May(want) {
			return false
		}
	}
	return len(people) > 0
}
