package dispatch

import (
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/lang"
)

// languages are those that people read, with what the id of a delivery ends with that is written in it. People who share a card read one.
var languages = map[lang.Language]string{lang.Chinese: "", lang.English: "e"}

// reading are those of people who read a language.
func reading(people []access.Person, l lang.Language) []access.Person {
	var out []access.Person
	for _, p := range people {
		if (p.Language == lang.English) == (l == lang.English) {
			out = append(out, p)
		}
	}
	return out
}

// language is what those read to whom a delivery goes; groups read Chinese.
func (d *Dispatcher) language(x delivery.Delivery) lang.Language {
	if len(x.To) == 0 {
		return lang.Chinese
	}
	p, _ := d.People.ByPlatform(string(x.Platform), x.To[0])
	return p.Language
}

// languageOf is what a person reads.
func (d *Dispatcher) languageOf(person string) lang.Language {
	p, _ := d.People.ByID(person)
	return p.Language
}

// printer writes what those who see a delivery read and may know.
func (d *Dispatcher) printer(x delivery.Delivery, c customer.Customer) *cards.Printer {
	return d.Cards.In(d.language(x)).For(Sight(d.People, d.Pools(), x, c))
}
