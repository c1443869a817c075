package configs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// AddressBook says what the platforms' address books tell about people.
type AddressBook struct {
	Use   string // one of the Book constants
	Every string // when all of it is read, as Connector.Every; what changes in between comes as events
	// Teams are the departments whose members are taken in, and the team that each makes; members of others are only known if People names them.
	Teams map[string]string
}

// Where people come from.
const (
	BookConfig = "config" // from People alone
	BookBoth   = "both"   // from People, made current by the address books, and from the departments of Teams
	BookBook   = "book"   // from the address books; People says more about some of them
)

func (c *checker) addressBook() {
	b := c.cfg.AddressBook
	c.oneOf("address_book.use", b.Use, BookConfig, BookBoth, BookBook)
	c.schedule("address_book", "every", b.Every)
	for _, department := range slices.Sorted(maps.Keys(b.Teams)) {
		if at := join("address_book.teams", department); strings.TrimSpace(b.Teams[department]) == "" {
			c.refuse(at, fmt.Sprintf("department %s makes no team", quote(department)), "write the team's name, as pools use it")
		}
	}
	if b.Use == BookBook && len(b.Teams) == 0 {
		c.problem(c.where("address_book"), "address_book.use is book, and no department makes a team", "name departments under address_book.teams, such as {销售一部: 普通销售}")
	}
}
