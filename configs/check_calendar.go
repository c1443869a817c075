package configs

import "fmt"

func (c *checker) calendar() {
	c.words("calendar.hours", c.cfg.Calendar.Hours, c.hours)
	for i, written := range c.cfg.Calendar.Holidays {
		path := fmt.Sprintf("calendar.holidays[%d]", i)
		if !c.given(path) {
			continue
		}
		file, text, err := c.cfg.readHolidays(written)
		if err == nil && c.holidays != nil {
			err = c.holidays(file, text)
		}
		if err != nil {
			c.refuse(path, err.Error(), "")
		}
	}
}

// words checks a text that only another part of the program understands; without a check, and where the file says nothing, anything goes.
func (c *checker) words(path, text string, check func(string) error) {
	if check == nil || text == "" || !c.given(path) {
		return
	}
	if err := check(text); err != nil {
		c.refuse(path, fmt.Sprintf("%s %s: %v", lastKey(path), c.shown(path), err), "")
	}
}

// Holidays is a file of public holidays as it was read.
type Holidays struct {
	File string
	Text []byte
}

// ReadHolidays reads the files that Calendar.Holidays names, in that order.
func (c *Config) ReadHolidays() ([]Holidays, error) {
	var all []Holidays
	for _, written := range c.Calendar.Holidays {
		file, text, err := c.readHolidays(written)
		if err != nil {
			return nil, err
		}
		all = append(all, Holidays{File: file, Text: text})
	}
	return all, nil
}

func (c *Config) readHolidays(written string) (file string, text []byte, err error) {
	return c.readShipped("holidays", written)
}
