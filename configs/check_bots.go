package configs

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

func (c *checker) bots() {
	if t := c.cfg.Bots.DingTalk; t != nil {
		c.dingTalk("bots.dingtalk", t)
	}
	if w := c.cfg.Bots.WeCom; w != nil {
		c.weCom("bots.wecom", w)
	}
}

func (c *checker) dingTalk(path string, t *DingTalk) {
	c.required(path, "client_id", t.ClientID == "")
	c.required(path, "client_secret", t.ClientSecret.Empty())
	c.oneOf(join(path, "mode"), t.Mode, ModeStream, ModeHTTP)
	c.aesKey(join(path, "event_aes_key"), t.EventAESKey)
	if t.EventToken.Empty() != t.EventAESKey.Empty() && c.given(join(path, "event_token")) {
		c.problem(c.where(join(path, "event_token")), "event_token and event_aes_key belong together", "set both or none")
	}
	c.address(join(path, "base_url"), t.BaseURL)
	c.address(join(path, "oapi_url"), t.OapiURL)
}

func (c *checker) weCom(path string, w *WeCom) {
	c.required(path, "corp_id", w.CorpID == "")
	c.required(path, "agent_id", false)
	c.between(join(path, "agent_id"), w.AgentID, 1, 1<<31-1)
	c.required(path, "secret", w.Secret.Empty())
	c.required(path, "token", w.Token.Empty())
	c.required(path, "encoding_aes_key", w.EncodingAESKey.Empty())
	c.aesKey(join(path, "encoding_aes_key"), w.EncodingAESKey)
	c.address(join(path, "base_url"), w.BaseURL)
}

// aesKey checks the key that both platforms' consoles hand out: 43 characters, Base64 of 32 bytes without its last "=".
func (c *checker) aesKey(path string, key Secret) {
	if !c.filled(path) || key.Empty() {
		return
	}
	raw, err := base64.StdEncoding.DecodeString(key.Reveal() + "=")
	if len(key.Reveal()) != 43 || err != nil || len(raw) != 32 {
		c.refuse(path, fmt.Sprintf("%s is not a key of 43 letters and digits", lastKey(path)), "copy it from the platform's console")
	}
}

func (c *checker) connectors() {
	for _, name := range slices.Sorted(maps.Keys(c.cfg.Connectors)) {
		path := join("connectors", name)
		if c.absent(path) {
			c.problem(c.where(path), fmt.Sprintf("connector %s is empty", quote(name)), "")
			continue
		}
		if !identifier(name, 32) {
			c.problem(c.where(path), fmt.Sprintf("the connector's name %s is not usable in addresses", quote(name)),
				"use up to 32 lower-case letters, digits, - and _")
		}
		c.required(path, "type", c.cfg.Connectors[name].Type == "")
		c.schedule(path, "every", c.cfg.Connectors[name].Every)
		if scan := c.cfg.Connectors[name].Scan; scan != ScanNever {
			c.schedule(path, "scan", scan)
		}
		c.keepRaw(path, name)
		c.settings(path, name)
	}
}

func (c *checker) keepRaw(path, name string) {
	text := c.cfg.Connectors[name].KeepRaw
	if text == "" || text == KeepRawNever {
		return
	}
	d, err := ParseDuration(text)
	if err != nil || time.Duration(d) < time.Hour || time.Duration(d) > MostKeepRaw {
		c.problem(c.where(join(path, "keep_raw")), fmt.Sprintf("keep_raw is %s", quote(text)), `write a time span from 1h to 366d, such as "30d", or never`)
	}
}

// settings has the connector's own type look at what it alone understands.
func (c *checker) settings(path, name string) {
	connector := c.cfg.Connectors[name]
	if c.connector == nil || connector.Type == "" {
		return
	}
	err := c.connector(name, connector)
	var placed Problems
	switch {
	case errors.As(err, &placed):
		c.problems = append(c.problems, placed...)
	case err != nil:
		c.problem(c.where(path), err.Error(), "")
	case c.doubts != nil:
		c.warnings = append(c.warnings, c.doubts(c.cfg, name, connector)...)
	}
}

// identifier: names that stand in addresses and keys.
func identifier(name string, longest int) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || r != '-' && r != '_') {
			return false
		}
	}
	return name != "" && len(name) <= longest
}

func (c *checker) schedule(path, key, spec string) {
	path = join(path, key)
	if !c.given(path) || spec == "" {
		return
	}
	if message := cronProblem(spec); message != "" {
		c.refuse(path, fmt.Sprintf("%s %s is not a schedule: %s", key, c.shown(path), message),
			`use five fields like "*/10 * * * *" (minute hour day month weekday) or "@every 10m"`)
	}
}

// cronProblem returns why spec is no schedule, or "". The zone is the whole file's: a zone of its own in a spec is
// refused, also because the cron library panics on one without fields.
func cronProblem(spec string) string {
	if strings.Contains(spec, "TZ=") {
		return "the time zone belongs into timezone"
	}
	if every, ok := strings.CutPrefix(strings.TrimSpace(spec), "@every "); ok {
		if d, err := time.ParseDuration(strings.TrimSpace(every)); err == nil && d < time.Second {
			return "the interval must be at least 1s"
		}
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return err.Error()
	}
	if schedule.Next(time.Unix(0, 0).UTC()).IsZero() {
		return "that day never comes"
	}
	return ""
}

// namelessSources are where values come from without a connector.
var namelessSources = []string{"excel", "csv", "api", "chat", "manual"}

func (c *checker) sources() {
	known := slices.Concat(slices.Sorted(maps.Keys(c.cfg.Connectors)), namelessSources)
	for i, name := range c.cfg.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		switch {
		case !c.given(path):
		case slices.Contains(c.cfg.Sources[:i], name):
			c.refuse(path, fmt.Sprintf("source %s stands here twice", c.shown(path)), "")
		case !slices.Contains(known, name):
			hint := ""
			if meant := nearest(name, known); meant != "" {
				hint = fmt.Sprintf("did you mean %q?", meant)
			}
			c.warning(c.where(path), fmt.Sprintf("no connector is called %s", c.shown(path)), hint)
		}
	}
}
