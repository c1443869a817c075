package assign

import (
	"lingke/internal/access"
	"lingke/internal/customer"
)

// Concern says whom c concerns; see access.Directory.Sees.
func (p Pools) Concern(c customer.Customer) access.Concern {
	pool, _ := p.ByName(c.Pool)
	return access.Concern{Owner: c.Owner, PoolTeam: pool.Team}
}
