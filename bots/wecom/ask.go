package wecom

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"lingke/bots"
)

// What the platform's cards can ask (document 90236): one drop-down beside buttons, up to three on a card of their own, or one longer list. None takes typed text.
const (
	buttonCard   = "button_interaction"
	voteCard     = "vote_interaction"
	multipleCard = "multiple_interaction"

	maxSelects    = 3
	maxVoteOption = 17
	maxVote       = 20
)

// nothing is the first entry of every drop-down. The platform sends the shown entry with each click, chosen or not; so without it whoever opens no list would choose
// its first entry. It is told apart from answers by its id, which no option of ours has.
var nothing = option{ID: "-", Text: "请选择"}

type checkbox struct {
	QuestionKey string   `json:"question_key"`
	Mode        int      `json:"mode"` // 0: one of the options
	Options     []option `json:"option_list"`
}

type submit struct {
	Text string `json:"text"`
	Key  string `json:"key"`
}

// asks reports whether c is a question and no more, so that the card types that only ask lose nothing of it: one action with choices, and no fields or long text, which
// those types have no place for. A single choice that fits beside a button stays there.
func asks(c bots.Card) bool {
	if len(c.Actions) != 1 || len(c.Fields) > 0 || utf8.RuneCountInString(oneLine(c.State+" "+plain(c.Body))) > maxDesc {
		return false
	}
	inputs := c.Actions[0].Inputs
	for _, in := range inputs {
		if len(in.Options) == 0 {
			return false
		}
	}
	return len(inputs) > 1 || len(inputs) == 1 && len(inputs[0].Options) >= maxOptions
}

// question fills t with a's inputs. What exceeds the platform's numbers is left out and comes back as missing.
func question(t templateCard, a bots.Action) templateCard {
	t.MainTitle.Desc = bots.CutRunes(oneLine(t.MainTitle.Desc+" "+t.SubTitleText), maxDesc)
	t.SubTitleText, t.Fields = "", nil
	t.Submit = &submit{Text: bots.CutRunes(oneLine(firstOf(a.Label, "提交")), maxButton), Key: a.ID}
	if len(a.Inputs) == 1 {
		in := a.Inputs[0]
		t.CardType = voteCard
		t.Checkbox = &checkbox{QuestionKey: in.ID, Options: options(in.Options, maxVote, maxVoteOption)}
		return t
	}
	t.CardType = multipleCard
	for _, in := range a.Inputs[:min(len(a.Inputs), maxSelects)] {
		t.Selects = append(t.Selects, dropDown(in))
	}
	return t
}

// choice returns the one drop-down that a card with buttons may have: the first input with options.
func choice(actions []bots.Action) *selector {
	for _, a := range actions {
		for _, in := range a.Inputs {
			if len(in.Options) > 0 {
				s := dropDown(in)
				return &s
			}
		}
	}
	return nil
}

func dropDown(in bots.Input) selector {
	first := nothing
	if !strings.ContainsFunc(in.Label, func(r rune) bool { return unicode.Is(unicode.Han, r) }) { // the card is in English
		first.Text = "Please choose"
	}
	return selector{
		QuestionKey: in.ID, Title: bots.CutRunes(oneLine(in.Label), maxOption), Selected: nothing.ID,
		Options: append([]option{first}, options(in.Options, maxOptions-1, maxOption)...),
	}
}

// options shows the first most ones.
func options(all []bots.Option, most, length int) []option {
	var list []option
	for _, o := range all[:min(len(all), most)] {
		list = append(list, option{ID: o.ID, Text: bots.CutRunes(oneLine(firstOf(o.Label, o.ID)), length)})
	}
	return list
}
