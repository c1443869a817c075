package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/lang"
)

// logs tell who was shown what.
func logs() []command {
	return []command{{id: "log", words: []string{"日志", "谁看过", "log"}, may: access.Manage, reads: true, private: true, run: (*Service).showLog,
		usage: lang.Text{ZH: "日志 [<客户>]：谁在什么时候看过；日志 检查：核对日志是否完整", EN: "log [<customer>]: who looked and when; log check: whether the log is whole"}}}
}

// shownLines is how many lines of the log one answer has.
const shownLines = 15

// checkWords behind the command ask whether the log is whole.
var checkWords = []string{"检查", "核对", "check", "verify"}

// showLog answers 日志.
func (s *Service) showLog(ctx context.Context, q question) (reply, error) {
	word := bare(q.rest)
	if q.customer.ID == "" && slices.Contains(checkWords, word) {
		return s.checkLog(ctx, q)
	}
	if q.customer.ID == "" && word != "" {
		c, _ := commandByID("log")
		c.about = aboutRest
		if found, err := s.search(ctx, q.rest, false); err != nil {
			return reply{}, err
		} else if len(found) == 0 { // 日志 华星 最近谁打开过
			c.about = aboutFirstWord
		}
		if r, err := s.findFor(ctx, c, &q); err != nil || q.customer.ID == "" {
			return r, err
		}
	}
	page, next, err := s.Log.Find(ctx, access.ReadQuery{Customer: q.customer.ID, Limit: shownLines})
	if err != nil {
		return reply{}, fmt.Errorf("read log: %w", err)
	}
	if len(page) == 0 {
		return said(q.say("还没有查看记录。", "Nobody has looked yet.")), nil
	}
	lines := []string{q.say("最近的查看记录：", "The latest lines:")}
	if q.customer.ID != "" {
		lines[0] = q.sayf("谁看过 %s：", "Who looked at %s:", cards.Name(q.customer))
	}
	for _, r := range page {
		lines = append(lines, "- "+s.logLine(ctx, q, r))
	}
	if next != "" {
		lines = append(lines, q.sayf("只列出最近 %d 条。", "These are the latest %d.", shownLines))
	}
	r := said(strings.Join(lines, "\n"))
	if q.customer.ID != "" {
		r = r.saw(access.Sight{Tier: true}, q.customer)
	}
	return r, nil
}

// logLine is one line as people read it.
func (s *Service) logLine(ctx context.Context, q question, r access.Read) string {
	who := r.Account
	if r.Person != "" {
		who = s.name(r.Person)
	}
	text := fmt.Sprintf("%d. %s %s %s %s", r.N, s.cards(q).When(r.At), who, whereShown(q, r), s.commandShown(q, r.Command))
	if r.Layers != "" {
		text += q.say("：", ": ") + layerNames(q.who.Language, r.Layers)
	}
	if q.customer.ID == "" && len(r.Customers) > 0 {
		text += q.sayf("（%s）", " (%s)", s.customerNames(ctx, q, r))
	}
	return text
}

// commandShown is a command of the log, which has it by its first word, in the reader's language.
func (s *Service) commandShown(q question, logged string) string {
	for _, c := range commands() {
		if i := slices.IndexFunc(c.words, func(w string) bool { return !strings.ContainsFunc(w, han) }); c.words[0] == logged && i >= 0 && q.who.Language == lang.English {
			return c.words[i]
		}
	}
	return s.cards(q).Logged(logged)
}

// whereShown says where something was shown.
func whereShown(q question, r access.Read) string {
	platform := map[string]string{"dingtalk": q.say("钉钉", "DingTalk"), "wecom": q.say("企业微信", "WeCom"), "h5": q.say("网页", "page"), "api": "API", "terminal": q.say("终端", "terminal"), "export": q.say("导出", "export")}[r.Platform]
	if strings.HasPrefix(r.Place, "group ") {
		return platform + q.say("群", " group")
	}
	return platform
}

func layerNames(l lang.Language, layers string) string {
	if layers == "" {
		return l.Say("无", "none")
	}
	var names []string
	for _, layer := range strings.Fields(layers) {
		names = append(names, map[string]string{"tier": l.Say("层级", "tier"), "basis": l.Say("依据", "basis"), "money": l.Say("金额", "money")}[layer])
	}
	return strings.Join(names, l.Say("、", ", "))
}

// customerNames names the first of those whom a line is about.
func (s *Service) customerNames(ctx context.Context, q question, r access.Read) string {
	const named = 3
	var names []string
	for _, id := range r.Customers[:min(named, len(r.Customers))] {
		if c, err := s.Records.Customer(ctx, id); err == nil {
			id = cards.Name(c)
		}
		names = append(names, id)
	}
	text := strings.Join(names, q.say("、", ", "))
	if more := len(r.Customers) + r.More - len(names); more > 0 {
		text += q.sayf(" 等 %d 家", " and %d more", len(names)+more)
	}
	return text
}

// checkLog answers 日志 检查.
func (s *Service) checkLog(ctx context.Context, q question) (reply, error) {
	found, err := s.Log.Check(ctx)
	if err != nil {
		return reply{}, err
	}
	if found.Whole() {
		return said(q.sayf("日志完整：%d 行，最新一行 %s", "The log is whole: %d lines, the latest is %s", found.Lines, found.Head())), nil
	}
	lines := []string{q.sayf("日志有 %d 处不完整：", "The log is damaged in %d places:", len(found.Damage))}
	for _, d := range found.Damage[:min(shownLines, len(found.Damage))] {
		lines = append(lines, "- "+d.String())
	}
	return said(strings.Join(lines, "\n")), nil
}
