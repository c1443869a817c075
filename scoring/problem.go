package scoring

import (
	"errors"
	"slices"
	"strconv"
)

// ProblemError is one thing that is wrong in a model or an expression, with its place. ParseModel and ParseCondition
// return all that they found, joined; errors.As finds the first.
type ProblemError struct {
	File   string // as given to ParseModel; empty for a condition
	Line   int    // from 1
	Column int    // from 1, in characters
	What   string
}

// Error returns "file:line:column: what", without "file:" where there is none.
func (p *ProblemError) Error() string {
	place := strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) + ": "
	if p.File != "" {
		place = p.File + ":" + place
	}
	return place + p.What
}

// maxProblems bounds what is reported at once: nobody reads more, and a hostile file could produce millions.
const maxProblems = 50

// problems gathers what is wrong.
type problems struct {
	file string
	list []*ProblemError
}

func (p *problems) add(line, column int, what string) {
	if len(p.list) < maxProblems {
		p.list = append(p.list, &ProblemError{p.file, line, column, what})
	}
}

// err joins the problems in the order of their places; nil if there is none.
func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b *ProblemError) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	errs := make([]error, 0, len(p.list))
	for _, one := range p.list {
		errs = append(errs, one)
	}
	return errors.Join(errs...)
}
