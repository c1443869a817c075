package contact

import (
	"context"
	"errors"
	"fmt"

	"lingke/connectors"
)

// Takes returns the tier where there is a group of tags for it: the platform has no place for others.
func (c *Conn) Takes() []string {
	if c.cfg.TagGroup == "" {
		return nil
	}
	return []string{connectors.WriteTier}
}

// WriteBack marks the tier as a tag of the contact, for every member who has it, and takes the group's other tags off; an empty tier takes all off. What a pull then reads is
// not changed by it: tags are no field of a record. The error wraps connectors.ErrBadRecord where the contact is gone.
func (c *Conn) WriteBack(ctx context.Context, ch connectors.Change) error {
	tier, ok := ch.Fields[connectors.WriteTier]
	if !ok || c.cfg.TagGroup == "" {
		return nil
	}
	_, relations, err := c.api.contact(ctx, ch.ID)
	if err != nil {
		return fmt.Errorf("contact %q: %s: %w", c.id, ch.ID, err)
	}
	add, remove, err := c.tags(ctx, tier)
	if err != nil {
		return fmt.Errorf("contact %q: tags: %w", c.id, err)
	}
	var failed error
	for _, r := range relations {
		if err := c.api.mark(ctx, r.UserID, ch.ID, add, remove); err != nil && !errors.Is(err, errNoContact) { // that relation has ended
			failed = errors.Join(failed, fmt.Errorf("contact %q: tag %s for %s: %w", c.id, ch.ID, r.UserID, err))
		}
	}
	return failed
}

// tags returns the tag of a tier, made where it is missing, and the group's other tags.
func (c *Conn) tags(ctx context.Context, tier string) (add, remove []string, err error) {
	groups, err := c.api.tagGroups(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range groups {
		if g.Name != c.cfg.TagGroup {
			continue
		}
		for _, t := range g.Tags {
			if t.Name == tier {
				add = append(add, t.ID)
			} else {
				remove = append(remove, t.ID)
			}
		}
	}
	if tier == "" || len(add) > 0 {
		return add, remove, nil
	}
	made, err := c.api.addTag(ctx, c.cfg.TagGroup, tier)
	if err != nil {
		return nil, nil, err
	}
	return []string{made}, remove, nil
}
