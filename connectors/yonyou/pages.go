package yonyou

import (
	"context"
	"errors"
)

// pages walks a list that is asked for by page number and promises no order.
//
// What somebody changes, adds or removes between two pages may shift the rows behind it, and a row that moves from the
// beginning of the next page to the end of the last one would never be seen. So after each page but the first the walk
// asks for one single row: the one at the place where the page before ended. If that row is none of that page, rows have
// moved forward; the walk goes a page back and reads it again. Rows that move backward are merely read twice.
type pages struct {
	size  int
	id    func(object) string
	fetch func(ctx context.Context, page, size int) ([]object, error) // empty beyond the end
	// done is called after all rows of a page that is not the last were taken; last is the id of its last row.
	done func(page int, last string) error

	read  map[int]map[string]bool // the ids of the last few pages
	steps int
}

// keptPages is how many pages a walk can go back; further, it starts anew. mostSteps bounds how often it does either.
const (
	keptPages = 4
	mostSteps = 20
)

var errMoving = errors.New("the list changes faster than it can be read")

// walk goes through the pages after the given one, whose last row was last ("" where nobody knows), and hands each row to
// take.
func (p *pages) walk(ctx context.Context, after int, last string, take func(object) error) error {
	p.read = map[int]map[string]bool{}
	if after > 0 && last != "" {
		p.read[after] = map[string]bool{last: true}
	}
	for page := after + 1; ; page++ {
		rows, err := p.fetch(ctx, page, p.size)
		if err != nil {
			return err
		}
		if back, err := p.slipped(ctx, page); err != nil {
			return err
		} else if back != page {
			page = back - 1
			continue
		}
		for _, r := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := take(r); err != nil {
				return err
			}
		}
		if len(rows) < p.size {
			return nil
		}
		p.keep(page, rows)
		if p.done == nil {
			continue
		}
		if err := p.done(page, p.id(rows[len(rows)-1])); err != nil {
			return err
		}
	}
}

// slipped returns page where it follows the one before it without a gap, else the page to go back to.
func (p *pages) slipped(ctx context.Context, page int) (int, error) {
	if page == 1 {
		return page, nil
	}
	before, known := p.read[page-1]
	if known {
		rows, err := p.fetch(ctx, (page-1)*p.size, 1)
		if err != nil {
			return 0, err
		}
		if len(rows) == 1 && before[p.id(rows[0])] {
			return page, nil
		}
	}
	if p.steps++; p.steps > mostSteps {
		return 0, errMoving
	}
	if _, ok := p.read[page-2]; ok {
		return page - 1, nil
	}
	return 1, nil
}

func (p *pages) keep(page int, rows []object) {
	ids := make(map[string]bool, len(rows))
	for _, r := range rows {
		ids[p.id(r)] = true
	}
	p.read[page] = ids
	delete(p.read, page-keptPages)
}
