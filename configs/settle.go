package configs

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

const sqliteScheme = "sqlite://"

// settle derives from a checked file what it leaves to defaults.
func (c *Config) settle(connectors []string) {
	c.settleAnnouncements()
	c.Store.URI = NewSecret(c.localURI(c.Store.URI.Reveal()))
	c.Server.PublicURL = strings.TrimRight(c.Server.PublicURL, "/")
	for _, name := range connectors {
		if !slices.Contains(c.Sources, name) {
			c.Sources = append(c.Sources, name)
		}
	}
	c.settlePeople()
	for i := range c.Schemes {
		if c.Schemes[i].Bands == nil {
			c.Schemes[i].Bands = ShippedBands()
		}
	}
	for i := range c.Pools {
		if len(c.Pools[i].Notify) == 0 {
			c.Pools[i].Notify = []string{NotifyTeam}
		}
	}
	if t := c.Bots.DingTalk; t != nil && t.Mode == "" {
		t.Mode = ModeStream
	}
	if t := c.Bots.DingTalk; t != nil && t.Notices == nil {
		t.Notices = []string{"alert"}
	}
}

func (c *Config) settlePeople() {
	for i := range c.People {
		p := &c.People[i]
		if p.Role == "" {
			p.Role = RoleRep
		}
		if p.Daily == 0 {
			p.Daily = c.Limits.Daily
		}
		if p.Views == 0 {
			p.Views = c.Limits.Views
		}
		if p.Holding == 0 {
			p.Holding = c.Limits.Holding
		}
	}
}

// localURI puts a relative SQLite path into the config's folder.
func (c *Config) localURI(uri string) string {
	path, local := strings.CutPrefix(uri, sqliteScheme)
	if !local || strings.HasPrefix(path, ":memory:") {
		return uri
	}
	path, query, has := strings.Cut(path, "?")
	uri = sqliteScheme + c.inFolder(path)
	if has {
		uri += "?" + query
	}
	return uri
}

// inFolder returns path seen from the folder of the config file.
func (c *Config) inFolder(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.file), path)
}

// connectorOrder lists the connectors as the file orders them.
func (c *checker) connectorOrder(root ast.Node) []string {
	var names []string
	all, ok := root.(ast.MapNode)
	if !ok {
		return nil
	}
	for it := all.MapRange(); it.Next(); {
		inner, ok := it.Value().(ast.MapNode)
		if !ok || keyText(it.Key()) != "connectors" {
			continue
		}
		for in := inner.MapRange(); in.Next(); {
			names = append(names, keyText(in.Key()))
		}
	}
	return names
}

// SourceRank returns how far a source is trusted: 0 is the most; sources that the file does not know come last, all the
// same.
func (c *Config) SourceRank(source string) int {
	if i := slices.Index(c.Sources, source); i >= 0 {
		return i
	}
	return len(c.Sources)
}

// StoreForPeople is the store's URI without its password and options.
func (c *Config) StoreForPeople() string {
	uri := c.Store.URI.Reveal()
	scheme, rest, _ := strings.Cut(uri, "://")
	rest, _, _ = strings.Cut(rest, "?")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 && scheme+"://" != sqliteScheme {
		rest = hidden + rest[at:]
	}
	return scheme + "://" + rest
}

// hasPassword reports whether a database URI names one.
func hasPassword(uri string) bool {
	_, rest, _ := strings.Cut(uri, "://")
	at := strings.LastIndexByte(rest, '@')
	return at >= 0 && strings.Contains(rest[:at], ":")
}

func absoluteURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == ""
}
