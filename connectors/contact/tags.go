package contact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lingke/connectors"
)

// place is a group of enterprise tags that shows a field.
type place struct{ field, group string }

func (c *Conn) places() []place {
	all := []place{{connectors.WriteTier, c.cfg.TagGroup}, {connectors.WriteTags, c.cfg.PlayTagGroup}}
	return slices.DeleteFunc(all, func(p place) bool { return p.group == "" })
}

// Takes returns the tier and the marks of plays, each where there is a group of tags for it: the platform has no place for others.
func (c *Conn) Takes() (fields []string) {
	for _, p := range c.places() {
		fields = append(fields, p.field)
	}
	return fields
}

// WriteBack marks the tier, and what plays marked, as tags of the contact, for every member who has it, and takes the groups' other tags off. What a pull then reads is
// not changed by it: tags are no field of a record. The error wraps connectors.ErrBadRecord where the contact is gone.
func (c *Conn) WriteBack(ctx context.Context, ch connectors.Change) error {
	told := slices.DeleteFunc(c.places(), func(p place) bool { _, ok := ch.Fields[p.field]; return !ok })
	if len(told) == 0 {
		return nil
	}
	_, relations, err := c.api.contact(ctx, ch.ID)
	if err != nil {
		return fmt.Errorf("contact %q: %s: %w", c.id, ch.ID, err)
	}
	groups, err := c.api.tagGroups(ctx)
	if err != nil {
		return fmt.Errorf("contact %q: tags: %w", c.id, err)
	}
	var add, remove []string
	for _, p := range told {
		on, off, err := c.tags(ctx, groups, p.group, ch.Fields[p.field])
		if err != nil {
			return fmt.Errorf("contact %q: tags: %w", c.id, err)
		}
		add, remove = append(add, on...), append(remove, off...)
	}
	if len(add)+len(remove) == 0 {
		return nil // the platform refuses to mark nothing
	}
	var failed error
	for _, r := range relations {
		if err := c.api.mark(ctx, r.UserID, ch.ID, add, remove); err != nil && !errors.Is(err, errNoContact) { // that relation has ended
			failed = errors.Join(failed, fmt.Errorf("contact %q: tag %s for %s: %w", c.id, ch.ID, r.UserID, err))
		}
	}
	return failed
}

// tags returns a group's tags of the names in a text, made where they are missing, and the group's other tags.
func (c *Conn) tags(ctx context.Context, groups []tagGroup, group, text string) (add, remove []string, err error) {
	var wanted []string
	if text != "" {
		wanted = strings.Split(text, connectors.TagComma)
	}
	for _, g := range groups {
		if g.Name != group {
			continue
		}
		for _, t := range g.Tags {
			if i := slices.Index(wanted, t.Name); i >= 0 {
				add, wanted = append(add, t.ID), slices.Delete(wanted, i, i+1)
			} else {
				remove = append(remove, t.ID)
			}
		}
	}
	for _, name := range wanted {
		made, err := c.api.addTag(ctx, group, name)
		if err != nil {
			return nil, nil, err
		}
		add = append(add, made)
	}
	return add, remove, nil
}
