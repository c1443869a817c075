package assign

import (
	"math/big"
	"strconv"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/customer"
)

// load is what somebody has of customers at the moment, and what of that is not in the store yet.
type load struct {
	day, holding int
}

// candidateOf tells what a person may get of a pool's customer, or why nothing.
func (s *Service) candidateOf(p access.Person, pool Pool, c customer.Customer, got int, has load) (candidate, customer.Block) {
	at := s.now()
	capacity, joined := ramped(p, at)
	switch {
	case !p.May(access.Claim):
		return candidate{}, customer.BlockRole
	case p.Role == access.RoleManager && p.Monthly == 0 && p.Weight == 0: // they lead the team; who sells as well says how much
		return candidate{}, customer.BlockManager
	case s.gone(p.ID):
		return candidate{}, customer.BlockLeft
	case !joined:
		return candidate{}, customer.BlockNew
	case s.working(p.ID).Away(at):
		return candidate{}, customer.BlockLeave
	case s.gaveBack(c, pool, p.ID):
		return candidate{}, customer.BlockFormer
	case p.Monthly > 0 && big.NewRat(int64(got), 1).Cmp(capacity) >= 0:
		return candidate{}, customer.BlockMonth
	case has.day >= p.Daily:
		return candidate{}, customer.BlockDaily
	case has.holding >= p.Holding:
		return candidate{}, customer.BlockHolding
	}
	out := candidate{id: p.ID, weight: weight(p, pool.Strategy, at), open: has.holding}
	if p.Monthly > 0 {
		out.quota = capacity
	}
	return out, ""
}

// steps is in how many months somebody new comes to the full share.
const steps = 3

// ramp is the part of the full share, of steps, that a person has at an instant: 0 before the first day, then a step more each month.
func ramp(p access.Person, at time.Time) int64 {
	for month := range steps {
		if at.Before(calendar.MonthsAfter(p.Joined, month)) {
			return int64(month)
		}
	}
	return steps
}

// ramped is how many customers a month a person can work on at an instant; joined is false before the first day.
func ramped(p access.Person, at time.Time) (capacity *big.Rat, joined bool) {
	r := ramp(p, at)
	return big.NewRat(int64(max(1, p.Monthly))*r, steps), r > 0
}

// weight is what a person's share follows.
func weight(p access.Person, strategy Strategy, at time.Time) *big.Rat {
	full := one()
	switch strategy {
	case Rotate, Least, ByManager:
		full = big.NewRat(int64(max(1, p.Monthly)), 1)
	case Weighted:
		full = decimal(p.Weight)
	}
	return full.Mul(full, big.NewRat(ramp(p, at), steps))
}

// decimal is a number as somebody wrote it: 0.1 is a tenth. 0 counts as 1.
func decimal(w float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(w, 'f', -1, 64))
	if !ok || r.Sign() <= 0 {
		return one()
	}
	return r
}
