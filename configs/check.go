package configs

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a machine without a zone database still knows Asia/Shanghai
)

// checker looks at what the decoder read. A value that could not be read is not looked at again.
type checker struct {
	*decoder
	cfg       *Config
	condition func(cfg *Config, condition string) error
	scheme    func(cfg *Config, s Scheme) error
	connector func(name string, c Connector) error
	doubts    func(cfg *Config, name string, c Connector) Problems

	ladder      func(l Ladder) error
	workingSpan func(string) error
	hours       func(string) error
	leave       func(string) error
	holidays    func(file string, text []byte) error
}

func (c *checker) check() {
	c.placeholders()
	c.zone()
	c.calendar()
	c.store()
	c.server()
	c.between("limits.daily", c.cfg.Limits.Daily, 1, 100_000)
	c.between("limits.holding", c.cfg.Limits.Holding, 1, 1_000_000)
	c.between("limits.views", c.cfg.Limits.Views, 0, 100_000)
	c.delivery()
	c.bots()
	c.connectors()
	c.sources()
	c.people()
	c.addressBook()
	c.pools()
	c.ownership()
	c.announcements()
	c.models()
	c.schemes()
	c.jobs()
}

// ApprovePublish has a scoring model wait that is published by a command or the API, or whose file was changed. Going back to one that was in force does not wait.
const ApprovePublish = "publish"

// models: one or several, not both.
func (c *checker) models() {
	c.notEmpty("model", c.cfg.Model)
	if c.given("models") && c.given("model") {
		c.refuse("models", "the file names both model and models", "put the model for all last into models")
	}
	for i, file := range c.cfg.Models {
		c.notEmpty(fmt.Sprintf("models[%d]", i), file)
	}
	for i, what := range c.cfg.Approvals {
		c.oneOf(fmt.Sprintf("approvals[%d]", i), what, ApprovePublish)
	}
}

// given reports whether path stands in the file and was read; only then a check of its value makes sense.
func (c *checker) given(path string) bool {
	at := c.places[path]
	return at != nil && at.ok && at.line > 0
}

// absent reports whether the file says nothing at path.
func (c *checker) absent(path string) bool {
	at := c.places[path]
	return at == nil || at.null
}

// filled is given for a value that is not the placeholder of a sample.
func (c *checker) filled(path string) bool {
	return c.given(path) && !placeholder(c.places[path].raw)
}

func (c *checker) placeholders() {
	for _, path := range slices.Sorted(maps.Keys(c.places)) {
		if at := c.places[path]; at.line > 0 && placeholder(at.raw) {
			c.warnPlaceholder(c.where(path), lastKey(path))
		}
	}
}

// required reports a key of the mapping at path that is absent or empty.
func (c *checker) required(path, key string, empty bool) {
	full := join(path, key)
	switch {
	case !c.given(path): // it was no mapping at all
	case c.absent(full):
		c.problem(c.where(full), fmt.Sprintf("%q is missing", key), "")
	case empty && c.given(full):
		c.refuse(full, fmt.Sprintf("%q is empty", key), "")
	}
}

func (c *checker) notEmpty(path, value string) {
	if c.given(path) && strings.TrimSpace(value) == "" {
		c.refuse(path, fmt.Sprintf("%q is empty", lastKey(path)), "")
	}
}

func (c *checker) between(path string, n, low, high int) {
	if c.given(path) && (n < low || n > high) {
		c.refuse(path, fmt.Sprintf("%s must be from %d to %d, found %s", lastKey(path), low, high, c.shown(path)), "")
	}
}

func (c *checker) span(path string, d Duration, low, high time.Duration) {
	if c.given(path) && (time.Duration(d) < low || time.Duration(d) > high) {
		c.refuse(path, fmt.Sprintf("%s must be from %s to %s, found %s", lastKey(path), Duration(low), Duration(high), c.shown(path)), "")
	}
}

func (c *checker) oneOf(path, value string, allowed ...string) {
	if !c.given(path) || slices.Contains(allowed, value) {
		return
	}
	hint := "use one of " + strings.Join(allowed, ", ")
	if meant := nearest(value, allowed); meant != "" {
		hint = fmt.Sprintf("did you mean %q?", meant)
	}
	c.refuse(path, fmt.Sprintf("unknown %s %s", lastKey(path), c.shown(path)), hint)
}

// address checks the base address of an HTTP service; empty is fine.
func (c *checker) address(path, value string) {
	if c.filled(path) && value != "" && !absoluteURL(value) {
		c.refuse(path, fmt.Sprintf("%s %s is not the address of a service", lastKey(path), c.shown(path)),
			"write it like https://crm.example.com, without user, ? and #")
	}
}

func (c *checker) zone() {
	name := c.cfg.Timezone
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		if c.given("timezone") {
			c.refuse("timezone", fmt.Sprintf("unknown timezone %s", c.shown("timezone")), `use a name like "Asia/Shanghai"`)
		}
		return
	}
	c.cfg.Location = loc
}

func (c *checker) store() {
	uri := c.cfg.Store.URI.Reveal()
	if !c.given(storeURI) {
		return
	}
	scheme, rest, found := strings.Cut(uri, "://")
	known := scheme == "sqlite" || scheme == "mongodb" || scheme == "mongodb+srv"
	if !found || !known || rest == "" || strings.ContainsAny(uri, "\n\x00") {
		c.refuse(storeURI, "the store's uri is unknown", "use sqlite://PATH or mongodb://HOST/DATABASE")
	}
	if c.places[storeURI].literal && hasPassword(uri) {
		c.warning(c.where(storeURI), "the store's password is written in the file", "better put it into the environment and write ${NAME} here")
	}
}

func (c *checker) server() {
	s := c.cfg.Server
	if host, port, err := net.SplitHostPort(s.Addr); c.given("server.addr") && (err != nil || !portNumber(port) || strings.ContainsAny(host, " /")) {
		c.refuse("server.addr", fmt.Sprintf("addr %s is not an address to listen at", c.shown("server.addr")), `use HOST:PORT or ":8080"`)
	}
	c.address("server.public_url", s.PublicURL)
	c.tokens(s.Tokens)
	for i, secret := range s.Secrets {
		if path := fmt.Sprintf("server.secrets[%d]", i); c.filled(path) && len(secret.Reveal()) < 16 {
			c.refuse(path, "the secret is too short to keep anything", "use at least 16 random characters, better 32")
		}
	}
	c.between("server.body_limit", s.BodyLimit, 1<<10, 64<<20)
	c.span("server.read_timeout", s.ReadTimeout, time.Second, time.Hour)
	c.span("server.write_timeout", s.WriteTimeout, time.Second, time.Hour)
	c.span("server.idle_timeout", s.IdleTimeout, time.Second, time.Hour)
	c.span("server.drain_timeout", s.DrainTimeout, 0, time.Hour)
}

// tokens: an empty one would let everybody in.
func (c *checker) tokens(all []Secret) {
	for i, token := range all {
		path := fmt.Sprintf("server.tokens[%d]", i)
		switch {
		case c.given(path) && token.Empty():
			c.refuse(path, "the token is empty", "")
		case c.absent(path):
			c.problem(c.where(path), fmt.Sprintf("token %d is empty", i+1), "")
		case c.filled(path) && len(token.Reveal()) < 16:
			c.warning(c.where(path), "the token is short", "use at least 16 random characters")
		}
	}
}

func portNumber(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == text
}
