package chat

import (
	"context"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// command is one thing that people ask for. A new one is a line in the table of its group, and its functions in that group's file.
type command struct {
	id string // never changes: dialogs keep it
	// words are what people begin with, the first Chinese one is shown. What is spelled like them in pinyin or by its initials is understood too.
	words []string
	// forms are whole texts around a customer's name, "{}什么层级", folded.
	forms []string
	// bare commands take nothing but fillers behind their word: 今天要做什么, but not 今天没空.
	bare  bool
	usage lang.Text
	may   access.Permission
	about about
	// reads says that it changes nothing, so that a name that only sounds like what was typed is good enough.
	reads bool
	// private answers are for the person alone, also where a group reads along.
	private bool
	// ask tells what a command would do that cannot be taken back, or refuses by no. Such a command runs once the person has confirmed exactly that text. It is nil for others.
	ask func(s *Service, ctx context.Context, q question) (what, no string, err error)
	// shows is what its question and answer show of the customer; nil: the tier. A reply that says for itself what it shows has more to tell; see reply.saw.
	shows func(s *Service, q question) access.Sight
	// run does it. Doing it again for the same question.id changes nothing more.
	run func(s *Service, ctx context.Context, q question) (reply, error)
}

// about says which part of the text names a customer. It is found before the command runs, and the person is asked where several are meant.
type about int

const (
	aboutNothing    about = iota
	aboutRest             // everything behind the command's word
	aboutFirstWord        // up to the first blank; what follows stays in question.rest
	aboutAllButLast       // up to the last blank; what follows stays in question.rest
)

// question is a command as somebody means it.
type question struct {
	id   string // names the question, the same at each attempt; ids of what the command creates follow from it
	who  access.Person
	from place
	at   time.Time // when it was asked, UTC
	// readers are who reads the answer: the asker, or everybody in the group.
	readers []access.Person
	rest    string // what stood behind the command's word, and behind the customer's name where that is found
	name    string // of the customer as it was typed, once it is parted from rest
	// customer is set where the command is about one.
	customer customer.Customer
}

func (q question) group() bool { return q.from.group }

// say and sayf speak the person's language; see lang.
func (q question) say(zh, en string) string { return q.who.Language.Say(zh, en) }

func (q question) sayf(zh, en string, args ...any) string {
	return q.who.Language.Sayf(zh, en, args...)
}

// reply is what a person is answered.
type reply struct {
	text    string
	card    *bots.Card
	private bool    // for the person alone, also where a group reads along
	aside   string  // what the person is told alone besides
	dialog  *dialog // what the bot wants to know; see dialog.go
	shown   showing // what it tells of customers, for the read log; see reply.saw
	// file is sent before the text, to where it goes.
	file *bots.Attachment
}

func said(text string) reply { return reply{text: text} }

// commands in the order of the help.
func commands() []command {
	var all []command
	for _, group := range [][]command{
		lookups(),
		lists(),
		claiming(),
		owning(),
		leaving(),
		notings(),
		tasking(),
		churning(),
		outcomings(),
		identities(),
		adjusting(),
		importing(),
		operations(),
		logs(),
		figures(),
		helps(),
	} {
		all = append(all, group...)
	}
	return all
}

// commandByID returns a command; false where a dialog from an older version names one that is no more.
func commandByID(id string) (command, bool) {
	for _, c := range commands() {
		if c.id == id {
			return c, true
		}
	}
	return command{}, false
}

// ask understands a text and answers it.
func (s *Service) ask(ctx context.Context, q question, text string) (reply, error) {
	text, err := s.byNumber(ctx, q, text)
	if err != nil {
		return reply{}, err
	}
	r, ok, err := s.understand(ctx, q, text)
	if err == nil && (!ok || r.name == "") {
		if of, has, wrong := s.byPronoun(ctx, q, text); has || wrong != nil {
			r, ok, err = of, has, wrong
		}
	}
	cut := bots.CutRunes(strings.TrimSpace(text), 20)
	switch {
	case err != nil:
		return reply{}, err
	case !ok:
		if r, answered, err := s.byOpenForm(ctx, q, text); err != nil || answered {
			return r, err
		}
		texts, err := s.offers(ctx, q, text)
		if err != nil || len(texts) == 0 {
			return said(notUnderstood(q, cut)), err
		}
		return s.meaning(q, texts), nil
	case r.meant != "":
		return said(q.sayf("没看懂“%s”。如果是想“%s”，请把这两个字打全，后面写客户名称。", "I did not understand “%s”. If you mean “%s”, please type that word as it is, and the customer's name behind it.", cut, r.meant)), nil
	}
	q.name, q.rest = r.name, r.rest
	return s.do(ctx, r.command, q, "")
}

func notUnderstood(q question, text string) string {
	return q.sayf("没看懂“%s”。发“帮助”看看我会什么。", "I did not understand “%s”. Send “help” to see what I can do.", text)
}

// do answers a command: it finds the customer, asks back what must be asked, and runs. confirmed is the text that the person has agreed to, "" where nobody was asked.
func (s *Service) do(ctx context.Context, c command, q question, confirmed string) (reply, error) {
	r, err := s.carryOut(ctx, c, &q, confirmed)
	r.shown.command = c.words[0]
	if len(r.shown.customers) == 0 && q.customer.ID != "" { // the answer names it
		sight := access.Sight{Tier: true}
		if c.shows != nil {
			sight = c.shows(s, q)
		}
		r = r.saw(sight, q.customer)
	}
	return r, err
}

func (s *Service) carryOut(ctx context.Context, c command, asked *question, confirmed string) (reply, error) {
	q := *asked
	defer func() { asked.customer, asked.rest = q.customer, q.rest }()
	if !q.who.May(c.may) {
		return said(q.sayf("你没有使用“%s”的权限，需要时请找主管。发“帮助”看看你可以用什么。", "You may not use “%s”; ask a manager. Send “help” to see what you may use.", c.words[0])), nil
	}
	if c.about != aboutNothing && q.customer.ID == "" {
		if r, err := s.findFor(ctx, c, &q); err != nil || q.customer.ID == "" {
			return r, err
		}
	}
	if c.ask != nil {
		what, no, err := c.ask(s, ctx, q)
		if err != nil {
			return reply{}, err
		}
		if no != "" {
			return said(no), nil
		}
		if what != confirmed {
			return s.confirm(c, q, what), nil
		}
	}
	aside := q.group() && (c.private || !access.AllMay(q.readers, access.SeeTier))
	if aside {
		q.readers = []access.Person{q.who}
	}
	r, err := c.run(s, ctx, q)
	r.private = r.private || aside
	return r, err
}
