package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// ErrSeveral says that what was typed is part of several customers' names; the error names some of them.
var ErrSeveral = errors.New("several customers have this in their names")

// fewNames is how many customers ErrSeveral names.
const fewNames = 5

// Explain returns the score of a customer as people read it in chat, in a language. The customer is named by id, or by its name or a part of it that no other
// customer's name has. store.ErrNotFound, ErrSeveral.
func (a *App) Explain(ctx context.Context, typed string, l lang.Language) (string, error) {
	c, err := a.customerNamed(ctx, typed)
	if err != nil {
		return "", err
	}
	return a.dispatch.Cards.In(l).Why(c), nil
}

func (a *App) customerNamed(ctx context.Context, typed string) (customer.Customer, error) {
	c, err := a.store.Customer(ctx, typed)
	if !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	found, searchErr := a.store.SearchCustomers(ctx, typed, fewNames+1)
	switch {
	case searchErr != nil:
		return c, searchErr
	case len(found) == 0:
		return c, fmt.Errorf("no id or name of a customer has %q in it: %w", typed, store.ErrNotFound)
	case len(found) == 1, found[0].Name == typed && found[1].Name != typed:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = fmt.Sprintf("%s (%s)", f.Name, f.ID)
	}
	if len(names) > fewNames {
		names[fewNames] = "…"
	}
	return c, fmt.Errorf("%q: %w: %s", typed, ErrSeveral, strings.Join(names, ", "))
}
