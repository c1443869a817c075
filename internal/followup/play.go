package followup

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring"
	"lingke/scoring/risk"
)

// Play is what is done for some customers.
type Play struct {
	ID      string
	Name    lang.Text
	When    *scoring.Condition // the audience; nil: everybody
	Risk    risk.Cause         // only customers at risk for this cause; "": all
	AtOnce  bool               // also as soon as the condition comes to hold, not only in the morning
	Again   time.Duration      // after which a customer may have a part in it again; 0: never
	Holdout float64            // the share of the audience, from 0 to 0.5, for whom nothing is done, by lot
	Measure time.Duration      // how long before and after is compared
	Respond []string           // what counts as an answer: "order" or types of activities
	Stop    *scoring.Condition // on which the rest is left out; nil: none
	Steps   []Step
}

// Step is one thing to do; one of Tag, Task, Message and Event is set.
type Step struct {
	After   time.Duration
	If      string // "clicked", "silent", or ""
	Tag     string
	Task    *PlayTask
	Message string // to the customer: in whatever language the customer reads
	Event   string // which webhooks are told
}

// PlayTask is a task of a step; its texts may hold {{variables}}.
type PlayTask struct {
	Title lang.Text
	Due   string
	Why   lang.Text
}

// Held reports whether the lot holds a customer out of a play: the same on every machine and at every time.
func Held(play, customerID string, share float64) bool {
	sum := sha256.Sum256([]byte(play + "\x00" + customerID))
	return float64(binary.BigEndian.Uint64(sum[:8]))/math.MaxUint64 < share
}

// plays goes on with what the customer has a part in and, in the morning or where a play is at once, lets it have a part in others.
func (r *Rules) plays(v customer.View) {
	if !v.Settled || v.Occasion != customer.Arrival && v.Occasion != customer.Plays || v.Is.Stage == customer.Lost {
		return
	}
	for i := range v.Is.Exposures {
		r.observe(v, i)
	}
	for _, p := range r.Plays {
		if r.begins(v, p) {
			_, n := v.Is.Exposed(p.ID)
			r.replace(v, p, n)
			v.Is.Expose(customer.Exposure{Play: p.ID, N: n + 1, At: v.Now, Held: Held(p.ID, v.Is.ID, p.Holdout), Tier: v.Is.Tier, Next: r.after(v.Now, p.Steps[0].After)})
		}
	}
	for i := range v.Is.Exposures {
		r.act(v, i)
	}
}

// replace ends what the nth turn of a play asked for and nobody did: the next one begins with it anew. Turns count from 1; there is nothing to end before the first.
func (r *Rules) replace(v customer.View, p Play, n int) {
	for i, s := range p.Steps {
		if n > 0 && (s.Task != nil || s.Message != "") {
			why := lang.Text{ZH: "打法已开始新一轮，见新任务", EN: "the play has begun anew, see the new task"}
			r.calm(v, stepTask(p, n, i), why, customer.Work{Kind: KindPlay, Play: p.ID})
		}
	}
}

// stepTask names what a step of a play's nth turn asks for.
func stepTask(p Play, n, step int) string { return fmt.Sprintf("play %s %d %d", p.ID, n, step) }

// begins reports whether the customer comes to have a part in a play now.
func (r *Rules) begins(v customer.View, p Play) bool {
	if v.Occasion == customer.Arrival && p.Risk == "" && !p.AtOnce {
		return false
	}
	last, n := v.Is.Exposed(p.ID)
	if n > 0 && (p.Again == 0 || v.Now.Before(last.At.Add(p.Again)) || last.Ended.IsZero() && !last.Held) {
		return false
	}
	if v.Is.Owner == "" && p.needsOwner() || !r.fits(v, p) {
		return false
	}
	return v.Occasion == customer.Plays || p.Risk != "" || p.AtOnce && r.justNow(v, p)
}

// fits reports whether the customer is of the play's audience.
func (r *Rules) fits(v customer.View, p Play) bool {
	if p.Risk != "" {
		cause := v.Is.RiskCause
		if cause == "" && v.Is.Risk != nil {
			cause = v.Is.Risk.Cause
		}
		if !open(v.Is.Risk) || cause != p.Risk {
			return false
		}
	}
	return p.When == nil || p.When.Match(v.Facts, v.Is.Score.Total, v.Is.Tier)
}

// justNow reports whether the condition did not hold before: what held all along is the morning's, which spreads it over days.
func (r *Rules) justNow(v customer.View, p Play) bool {
	if p.When == nil || v.Was.Facts == nil {
		return false
	}
	before, err := v.Facts.Schema().DecodeFacts(v.Was.Facts)
	return err == nil && !p.When.Match(before, v.Was.Score.Total, v.Was.Tier)
}

// needsOwner reports whether somebody has to do something.
func (p Play) needsOwner() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Task != nil || s.Message != "" })
}

// play returns the play of that id.
func (r *Rules) play(id string) (Play, bool) {
	i := slices.IndexFunc(r.Plays, func(p Play) bool { return p.ID == id })
	if i < 0 {
		return Play{}, false
	}
	return r.Plays[i], true
}

// observe notes what the customer did since it has a part in a play: its answer, its click, and in the end what it bought.
func (r *Rules) observe(v customer.View, i int) {
	e := v.Is.Exposures[i]
	p, known := r.play(e.Play)
	if !known || !e.Measured.IsZero() {
		return
	}
	for _, a := range v.Activities {
		if !a.At.After(e.At) || a.At.After(v.Now) {
			continue
		}
		if e.Responded.IsZero() && slices.Contains(p.Respond, a.Type) {
			e.Responded = a.At
		}
		if e.Clicked.IsZero() && (a.Type == connectors.ActivityOpened || a.Type == connectors.ActivityContent || a.Type == connectors.ActivityVisit) {
			e.Clicked = a.At
		}
	}
	before, after, orders, first := bought(v, e.At, p.Measure)
	if e.Responded.IsZero() && slices.Contains(p.Respond, "order") && !first.IsZero() {
		e.Responded = first
	}
	if !v.Now.Before(e.At.Add(p.Measure)) {
		e.Before, e.After, e.Orders, e.Measured = before, after, orders, v.Now
	}
	v.Is.Exposures = slices.Clone(v.Is.Exposures)
	v.Is.Exposures[i] = e
}

// bought is what the customer bought in as long before and after an instant, how many orders after it, and when the first of them was.
func bought(v customer.View, at time.Time, span time.Duration) (before, after customer.Money, orders int, first time.Time) {
	for _, o := range v.Orders {
		switch {
		case o.Status != connectors.StatusWon || o.Date.After(v.Now):
		case o.Date.After(at) && !o.Date.After(at.Add(span)):
			after, orders = after+o.Amount, orders+1
			if first.IsZero() {
				first = o.Date
			}
		case !o.Date.After(at) && o.Date.After(at.Add(-span)):
			before += o.Amount
		}
	}
	return before, after, orders, first
}

// act does the steps of a play that are due for the customer. One that is held out gets none.
func (r *Rules) act(v customer.View, i int) {
	e := v.Is.Exposures[i]
	p, known := r.play(e.Play)
	if e.Held || !e.Ended.IsZero() {
		return
	}
	end := func(why string) { e.Ended, e.Why, e.Next = v.Now, why, time.Time{} }
	for e.Ended.IsZero() && known && !e.Next.After(v.Now) {
		switch {
		case !e.Responded.IsZero():
			end("answered")
		case p.Stop != nil && p.Stop.Match(v.Facts, v.Is.Score.Total, v.Is.Tier), p.Risk != "" && !open(v.Is.Risk):
			end("stopped")
		case e.Step >= len(p.Steps):
			end("done")
		default:
			if s := p.Steps[e.Step]; s.If == "" || s.If == "clicked" && !e.Clicked.IsZero() || s.If == "silent" && e.Clicked.IsZero() {
				r.step(v, p, e, s)
			}
			if e.Step++; e.Step < len(p.Steps) {
				e.Next = r.after(v.Now, p.Steps[e.Step].After)
			} else {
				end("done")
			}
		}
	}
	if !known {
		end("the play is no more")
	}
	v.Is.Exposures = slices.Clone(v.Is.Exposures)
	v.Is.Exposures[i] = e
}

// after is when a step may be done that comes so long after another. Whole days end with the beginning of the day: the morning's job would miss the step by a minute, and do
// it a day late, where it comes to the customer a little earlier than last time.
func (r *Rules) after(at time.Time, span time.Duration) time.Time {
	const day = 24 * time.Hour
	if span < day || span%day != 0 {
		return at.Add(span)
	}
	year, month, today := at.In(r.Zone).Date()
	return time.Date(year, month, today+int(span/day), 0, 0, 0, 0, r.Zone).UTC()
}

// step does one step.
func (r *Rules) step(v customer.View, p Play, e customer.Exposure, s Step) {
	name := stepTask(p, e.N, e.Step)
	switch {
	case s.Tag != "":
		v.Is.Tag(s.Tag)
	case s.Task != nil:
		why := lang.Both("- 打法：%s\n%s", "- Play: %s\n%s", p.Name, r.fill(v, s.Task.Why))
		r.require(v, name, r.fill(v, s.Task.Title), why, customer.Work{Kind: KindPlay, Due: s.Task.Due, Play: p.ID})
	case s.Message != "":
		title := lang.Text{ZH: "代发消息", EN: "Send a message"}
		why := lang.Both("- 打法：%s\n请以你的名义发给客户：\n**%s**", "- Play: %s\nPlease send this to the customer in your own name:\n**%s**", p.Name, r.expand(v, s.Message, lang.Chinese))
		r.require(v, name, title, why, customer.Work{Kind: KindPlay, Due: "1 workday", Play: p.ID})
	case s.Event != "":
		v.Is.Require(customer.Effect{Kind: customer.EffectTell, At: v.Now, Work: &customer.Work{Task: r.taskID(v, name), Kind: s.Event, Play: p.ID, At: v.Now}})
	}
}

var variable = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// fill expands a text in each language that it is written in.
func (r *Rules) fill(v customer.View, t lang.Text) lang.Text {
	return lang.Text{ZH: r.expand(v, t.ZH, lang.Chinese), EN: r.expand(v, t.EN, lang.English)}
}

// expand puts the customer's values in place of {{variables}}, with units in the text's language; what is not known is left out of the sentence.
func (r *Rules) expand(v customer.View, text string, l lang.Language) string {
	return variable.ReplaceAllStringFunc(text, func(m string) string {
		switch name := variable.FindStringSubmatch(m)[1]; name {
		case "客户":
			return v.Is.Name
		case "联系人":
			return v.Is.Text(connectors.FieldContact)
		case "负责人":
			return r.Names[v.Is.Owner]
		case "层级":
			return v.Is.Tier
		case "偏好渠道":
			return v.Is.Text("preferred_channel")
		default:
			return r.figure(v, name, l)
		}
	})
}

// figure is a number or text that follows from the customer's orders.
func (r *Rules) figure(v customer.View, name string, l lang.Language) string {
	year, count, last := v.Now.AddDate(-1, 0, 0), 0, time.Time{}
	var inYear, total customer.Money
	var products []string
	for _, o := range v.Orders {
		if o.Status != connectors.StatusWon || o.Date.After(v.Now) {
			continue
		}
		total, last = total+o.Amount, o.Date
		if o.Product != "" && !slices.Contains(products, o.Product) {
			products = append(products, o.Product)
		}
		if o.Date.After(year) {
			inYear, count = inYear+o.Amount, count+1
		}
	}
	switch name {
	case "近一年订单数":
		return fmt.Sprint(count)
	case "近一年消费额":
		return yuan(l, inYear)
	case "累计消费额":
		return yuan(l, total)
	case "产品":
		return strings.Join(products, l.Say("、", ", "))
	case "距上次下单天数":
		if !last.IsZero() {
			return fmt.Sprint(int(v.Now.Sub(last) / (24 * time.Hour)))
		}
	}
	return ""
}

// yuan is an amount without its cents: 5000 元, ¥5,000.
func yuan(l lang.Language, m customer.Money) string {
	if l == lang.English {
		return message.NewPrinter(language.English).Sprintf("¥%.0f", m.Yuan())
	}
	return fmt.Sprintf("%.0f 元", m.Yuan())
}

// audienceFields lists the facts that the plays read.
func (r *Rules) audienceFields() (all []string) {
	for _, p := range r.Plays {
		for _, c := range []*scoring.Condition{p.When, p.Stop} {
			if c != nil {
				all = append(all, c.Fields()...)
			}
		}
	}
	return all
}
