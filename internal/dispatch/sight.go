package dispatch

import (
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// Sight is what everybody to whom a delivery goes may know of the customer: what its card may tell. Amounts stay out of cards: a card is on the screens of
// many, and stays there.
func Sight(people *access.Directory, pools assign.Pools, x delivery.Delivery, c customer.Customer) access.Sight {
	readers := make([]access.Person, 0, len(x.To))
	for _, to := range x.To {
		p, _ := people.ByPlatform(string(x.Platform), to)
		readers = append(readers, p)
	}
	sight := people.AllSee(readers, pools.Concern(c))
	sight.Money = false
	return sight
}

// bySight parts people into those who may know the basis of a customer and those who may know its tier only.
func (d *Dispatcher) bySight(people []access.Person, c customer.Customer) (full, brief []access.Person) {
	concern := d.Pools().Concern(c)
	for _, p := range people {
		switch sight := d.People.Sees(p, concern); {
		case sight.Basis:
			full = append(full, p)
		case sight.Tier:
			brief = append(brief, p)
		}
	}
	return full, brief
}
