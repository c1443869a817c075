package kingdee

import "strings"

// fillEntries writes the list of entries: an entry that names its id is changed, any other is new.
func (c *change) fillEntries(r *record, value any) error {
	if c.only != nil && !c.only[strings.ToLower(c.form.entryKey)] {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		return invalid(c.form.entryKey, "单据体应为数组")
	}
	old := r.entries
	r.entries = nil
	for _, one := range list {
		members, ok := one.(map[string]any)
		if !ok {
			return invalid(c.form.entryKey, "分录应为对象")
		}
		entry, err := c.entry(&old, members)
		if err != nil {
			return err
		}
		r.entries = append(r.entries, entry)
	}
	if !c.wipe {
		r.entries = append(old, r.entries...)
	}
	for i, entry := range r.entries {
		entry[c.form.entryPK.at+1] = int64(i + 1) // FSeq
	}
	return nil
}

// entry changes the entry that members names by its id, taking it out of old, or makes a new one.
func (c *change) entry(old *[][]any, members map[string]any) ([]any, error) {
	cells := c.takeEntry(old, members)
	if cells == nil {
		c.form.nextEntry++
		cells = make([]any, c.form.entryFields)
		cells[c.form.entryPK.at] = c.form.nextEntry
	}
	only := c.only
	defer func() { c.only = only }()
	c.only = nil // the entry key in NeedUpDateFields stands for all that the entry brings
	for name, value := range members {
		if strings.EqualFold(name, "FEntryID") {
			continue
		}
		if err := c.set(cells, name, value, true); err != nil {
			return nil, err
		}
	}
	return cells, nil
}

func (c *change) takeEntry(old *[][]any, members map[string]any) []any {
	for name, value := range members {
		id, err := integer(value)
		if err != nil || !strings.EqualFold(name, "FEntryID") && !strings.EqualFold(name, c.form.entryPK.key) {
			continue
		}
		for i, cells := range *old {
			if cells[c.form.entryPK.at] == id {
				*old = append((*old)[:i:i], (*old)[i+1:]...)
				return cells
			}
		}
	}
	return nil
}
