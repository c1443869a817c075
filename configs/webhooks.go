package configs

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Webhook is an address that is told, signed as Standard Webhooks says, what changes of a customer.
type Webhook struct {
	Name   string // in the log and the API; the address's host where it is empty
	URL    string
	Secret Secret   // "whsec_" and base64, or at least 16 characters
	Events []string // of the Event constants; empty means all
	// AllowPrivate lets the address be one of a private network or this machine.
	AllowPrivate bool
}

// Group is a chat group in which changes of customers are announced.
type Group struct {
	Platform     string // PlatformDingTalk or PlatformWeCom
	Conversation string // the platform's id of the group
	Events       []string
	Language     string // that the group reads: zh, en; empty: zh
}

// What is announced.
const (
	EventTier  = "tier"
	EventScore = "score"
	EventOwner = "owner"
)

// The platforms that have groups.
const (
	PlatformDingTalk = "dingtalk"
	PlatformWeCom    = "wecom"
)

func (c *checker) announcements() {
	names := map[string]bool{}
	for i, w := range c.cfg.Webhooks {
		path := fmt.Sprintf("webhooks[%d]", i)
		c.required(path, "url", w.URL == "")
		c.required(path, "secret", w.Secret.Empty())
		c.webhook(path, w)
		if name := w.label(); names[name] {
			c.problem(c.where(path), fmt.Sprintf("two webhooks are called %q", name), "give each a name of its own")
		}
		names[w.label()] = true
	}
	for i, g := range c.cfg.Groups {
		path := fmt.Sprintf("groups[%d]", i)
		c.required(path, "platform", g.Platform == "")
		c.required(path, "conversation", g.Conversation == "")
		c.oneOf(join(path, "platform"), g.Platform, PlatformDingTalk, PlatformWeCom)
		if g.Language != "" {
			c.oneOf(join(path, "language"), g.Language, "zh", "en")
		}
		c.robot(join(path, "conversation"), g)
		c.announced(path, g.Events)
	}
}

// robot: a group that a robot tells must name one of its platform's robots.
func (c *checker) robot(path string, g Group) {
	name, is := strings.CutPrefix(g.Conversation, "robot:")
	if !is {
		return
	}
	known := false
	switch d, w := c.cfg.Bots.DingTalk, c.cfg.Bots.WeCom; {
	case g.Platform == PlatformDingTalk && d != nil:
		_, known = d.Robots[name]
	case g.Platform == PlatformWeCom && w != nil:
		_, known = w.Robots[name]
	}
	if !known {
		c.refuse(path, fmt.Sprintf("no group robot of %s is called %q", g.Platform, name), "name it under bots."+g.Platform+".robots")
	}
}

func (c *checker) webhook(path string, w Webhook) {
	at := join(path, "url")
	if u, err := url.Parse(w.URL); c.filled(at) && w.URL != "" &&
		(err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !w.AllowPrivate)) {
		c.refuse(at, "the url is not one that can be told", "use https://…, without user; http:// needs allow_private")
	}
	if s := w.Secret.Reveal(); c.filled(join(path, "secret")) && s != "" && !strings.HasPrefix(s, "whsec_") && len(s) < 16 {
		c.refuse(join(path, "secret"), "the secret is too short", "use at least 16 characters")
	}
	c.announced(path, w.Events)
}

func (c *checker) announced(path string, events []string) {
	for i, e := range events {
		c.oneOf(fmt.Sprintf("%s[%d]", join(path, "events"), i), e, EventTier, EventScore, EventOwner)
	}
}

// label is what the webhook is called.
func (w Webhook) label() string {
	if w.Name != "" {
		return w.Name
	}
	u, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// settleAnnouncements derives what the file leaves to defaults.
func (c *Config) settleAnnouncements() {
	all := []string{EventTier, EventScore, EventOwner}
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		w.Name = w.label()
		if len(w.Events) == 0 {
			w.Events = slices.Clone(all)
		}
	}
	for i := range c.Groups {
		if len(c.Groups[i].Events) == 0 {
			c.Groups[i].Events = []string{EventTier}
		}
	}
}

func (c *Config) announcementLines() (lines []string) {
	for _, w := range c.Webhooks {
		lines = append(lines, entry("webhook", fmt.Sprintf("%s: %s", w.Name, strings.Join(w.Events, ", "))))
	}
	for _, g := range c.Groups {
		lines = append(lines, entry("group", fmt.Sprintf("%s %s: %s", g.Platform, g.Conversation, strings.Join(g.Events, ", "))))
	}
	return lines
}
