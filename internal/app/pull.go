package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/ingest"
)

// ErrNoConnector says that no connector of that name can be pulled.
var ErrNoConnector = errors.New("no such connector to pull")

func (a *App) pulled(name string) (connectors.Connector, error) {
	c, ok := a.connectors[name]
	if !ok {
		if len(a.connectors) == 0 {
			return nil, fmt.Errorf("%w: %q; the config has none that is pulled (a webhook is pushed to by its source)", ErrNoConnector, name)
		}
		return nil, fmt.Errorf("%w: %q; there are: %s", ErrNoConnector, name, strings.Join(slices.Sorted(maps.Keys(a.connectors)), ", "))
	}
	return c, nil
}

// Pull runs one connector now. ErrNoConnector.
func (a *App) Pull(ctx context.Context, name string, full bool, progress func(int)) (ingest.Report, error) {
	c, err := a.pulled(name)
	if err != nil {
		return ingest.Report{}, err
	}
	return a.track(ctx, name, func() (ingest.Report, error) {
		if err := a.inspect(ctx, name, c, full); err != nil {
			return ingest.Report{}, err
		}
		return a.puller.Pull(ctx, name, c, full, progress)
	})
}

// inspect lets a connector name what its mapping reads and its source does not have, before a first or full pull writes anything.
func (a *App) inspect(ctx context.Context, name string, c connectors.Connector, full bool) error {
	checker, ok := c.(connectors.Checker)
	if !ok {
		return nil
	}
	if !full {
		since, err := a.store.Cursor(ctx, name)
		if err != nil {
			return fmt.Errorf("cursor of %s: %w", name, err)
		}
		if since != "" {
			return nil
		}
	}
	return checker.Check(ctx)
}

// Preview tells in lines of text what Pull would do, after the connector has checked its credentials and fields, and writes nothing. Phones are masked.
// ErrNoConnector.
func (a *App) Preview(ctx context.Context, name string, full bool, progress func(int)) ([]string, error) {
	c, err := a.pulled(name)
	if err != nil {
		return nil, err
	}
	if checker, ok := c.(connectors.Checker); ok {
		if err := checker.Check(ctx); err != nil {
			return nil, err
		}
	}
	p, err := a.puller.Preview(ctx, name, c, full, progress)
	return previewLines(name, p), err
}

func previewLines(name string, p ingest.Preview) []string {
	lines := []string{name + ": dry run, nothing was written"}
	for _, kind := range slices.Sorted(maps.Keys(p.Kinds)) {
		o := p.Kinds[kind]
		lines = append(lines, fmt.Sprintf("  %-8s %d read: %d new, %d joining another source's customer, %d changed, %d as known, %d refused",
			kind, o.Read(), o.New, o.Joining, o.Changed, o.Known, o.Refused))
	}
	lines = append(lines, ownerLines(p)...)
	for _, r := range p.First {
		lines = append(lines, recordLine(r))
	}
	for _, why := range p.Refused {
		lines = append(lines, "  refused: "+why)
	}
	return lines
}

// namedStrangers is how many names of a source that are nobody's with us are told, those of the most customers first.
const namedStrangers = 10

// ownerLines say what would follow from the owners that the source names.
func ownerLines(p ingest.Preview) (lines []string) {
	if p.Owned > 0 {
		lines = append(lines, fmt.Sprintf("  owner    %d customers belong to somebody in people, who becomes their owner where nobody here has had them", p.Owned))
	}
	names := slices.SortedFunc(maps.Keys(p.Strangers), func(a, b string) int { return cmp.Or(cmp.Compare(p.Strangers[b], p.Strangers[a]), cmp.Compare(a, b)) })
	if len(names) == 0 {
		return lines
	}
	told := make([]string, 0, namedStrangers)
	for _, name := range names[:min(namedStrangers, len(names))] {
		told = append(told, fmt.Sprintf("%q (%d)", name, p.Strangers[name]))
	}
	if more := len(names) - namedStrangers; more > 0 {
		told = append(told, fmt.Sprintf("%d more", more))
	}
	return append(lines, "  owner    names of no rep or manager in people, or of several, which own nothing: "+strings.Join(told, ", "))
}

// recordLine shows one record; texts may hold numbers of phones anywhere.
func recordLine(r connectors.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  e.g. %s %s", r.Kind, r.ID)
	if r.Customer != "" {
		fmt.Fprintf(&b, " of customer %s", r.Customer)
	}
	fmt.Fprintf(&b, ", version of %s:", r.ModifiedAt.Format(time.RFC3339))
	for _, field := range slices.Sorted(maps.Keys(r.Fields)) {
		fmt.Fprintf(&b, " %s=%q", field, masked(field, r.Fields[field]))
	}
	return b.String()
}
