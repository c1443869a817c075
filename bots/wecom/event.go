package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lingke/bots"
)

// field numbers the elements of an envelope or event that are read; all others are skipped.
type field int

const (
	toUser field = iota
	fromUser
	createTime
	msgType
	content
	msgID
	agentID
	event
	eventKey
	taskID
	responseCode
	selectedItems
	encrypt
	fieldCount
	unread field = -1
)

// fieldOf is a switch because the compiler makes it faster than a map.
func fieldOf(name string) field {
	switch name {
	case "ToUserName":
		return toUser
	case "FromUserName":
		return fromUser
	case "CreateTime":
		return createTime
	case "MsgType":
		return msgType
	case "Content":
		return content
	case "MsgId":
		return msgID
	case "AgentID":
		return agentID
	case "Event":
		return event
	case "EventKey":
		return eventKey
	case "TaskId":
		return taskID
	case "ResponseCode":
		return responseCode
	case "SelectedItems":
		return selectedItems
	case "Encrypt":
		return encrypt
	}
	return unread
}

// document is what one XML document says. An absent element is empty.
type document struct {
	values [fieldCount]string
	seen   [fieldCount]bool
}

// parse reads doc. A read element that comes twice is an error: readers that disagree on which one counts are a way to
// sign one thing and do another.
func parse(doc string) (*document, error) {
	body, err := root(doc)
	if err != nil {
		return nil, err
	}
	var m document
	if err := children(body, m.take); err != nil {
		return nil, err
	}
	return &m, nil
}

// take stores one element.
func (m *document) take(name, inner string) error {
	f := fieldOf(name)
	if f == unread {
		return nil
	}
	if m.seen[f] {
		return fmt.Errorf("%w: %s comes twice", errXML, name)
	}
	m.seen[f] = true
	if f == selectedItems { // has elements of its own: see selections
		m.values[f] = inner
		return nil
	}
	value, err := text(inner)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	m.values[f] = value
	return nil
}

// forAgent reports whether the document is for this app. Only a few organisation-wide events name no app.
func (m *document) forAgent(id int) bool {
	return !m.seen[agentID] || m.values[agentID] == strconv.Itoa(id)
}

// errIncomplete is a message or click that lacks what makes it one.
var errIncomplete = errors.New("an element is missing or malformed")

// incoming turns a decrypted document into what the handler takes; ok is false for what the bot does not react to, such
// as pictures.
func (m *document) incoming(doc []byte) (in bots.Incoming, ok bool, err error) {
	switch kind := m.values[msgType]; {
	case kind == "text":
		in, err = m.text()
	case kind == "event" && (m.values[event] == "template_card_event" || m.values[event] == "template_card_menu_event"):
		in, err = m.click(doc)
	case kind == "event" && m.values[event] == "click" && strings.HasPrefix(m.values[eventKey], menuPrefix):
		in, err = m.menu(doc)
	case kind == "event":
		in, err = m.platformEvent(doc)
	case kind == "":
		return in, false, fmt.Errorf("%w: MsgType", errIncomplete)
	default:
		return in, false, nil
	}
	in.Platform = bots.WeCom
	return in, err == nil, err
}

// text is a message that a member wrote. MsgId is a 64-bit number; it is kept as text.
func (m *document) text() (bots.Incoming, error) {
	at, err := m.sender()
	if err != nil {
		return bots.Incoming{}, err
	}
	id := m.values[msgID]
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return bots.Incoming{}, fmt.Errorf("%w: MsgId", errIncomplete)
	}
	return bots.Incoming{ID: "wecom:msg:" + id, Message: &bots.Message{
		From: m.values[fromUser], Text: strings.TrimSpace(m.values[content]), At: at,
	}}, nil
}

// click is a pressed button. Events have no id; sender and second, which the platform suggests, are the same for two
// clicks of one second, so the hash of the whole document stands for it. A redelivery repeats the document.
func (m *document) click(doc []byte) (bots.Incoming, error) {
	at, err := m.sender()
	if err != nil {
		return bots.Incoming{}, err
	}
	if m.values[taskID] == "" || m.values[eventKey] == "" {
		return bots.Incoming{}, fmt.Errorf("%w: TaskId and EventKey", errIncomplete)
	}
	inputs, err := selections(m.values[selectedItems])
	if err != nil {
		return bots.Incoming{}, err
	}
	sum := sha256.Sum256(doc)
	return bots.Incoming{ID: "wecom:click:" + hex.EncodeToString(sum[:]), Click: &bots.Click{
		From: m.values[fromUser], Card: m.values[taskID], Action: m.values[eventKey], Inputs: inputs, At: at,
		Code: m.values[responseCode],
	}}, nil
}

// menu is a pressed entry of the app's menu: what it says is a message of the person.
func (m *document) menu(doc []byte) (bots.Incoming, error) {
	at, err := m.sender()
	if err != nil {
		return bots.Incoming{}, err
	}
	sum := sha256.Sum256(doc)
	return bots.Incoming{ID: "wecom:menu:" + hex.EncodeToString(sum[:]), Message: &bots.Message{
		From: m.values[fromUser], Text: strings.TrimSpace(strings.TrimPrefix(m.values[eventKey], menuPrefix)), At: at,
	}}, nil
}

// platformEvent is everything else that happens: a contact was added, a member left, somebody opened the chat. Like a click it has no id.
func (m *document) platformEvent(doc []byte) (bots.Incoming, error) {
	at, _ := m.sender() // not every event names somebody; understand dates one without a time
	e := bots.Event{Type: m.values[event], Fields: map[string]string{}, At: at}
	if e.Type == "" {
		return bots.Incoming{}, fmt.Errorf("%w: Event", errIncomplete)
	}
	body, err := root(string(doc))
	if err != nil {
		return bots.Incoming{}, err
	}
	err = children(body, func(name, inner string) error {
		if value, err := text(inner); err == nil { // what has elements of its own is left out
			e.Fields[name] = value
		}
		return nil
	})
	sum := sha256.Sum256(doc)
	return bots.Incoming{ID: "wecom:event:" + hex.EncodeToString(sum[:]), Event: &e}, err
}

// sender checks the two elements that every message has. CreateTime is in seconds.
func (m *document) sender() (time.Time, error) {
	s, err := strconv.ParseInt(m.values[createTime], 10, 64)
	if err != nil || s < 0 || s > 1<<33 || m.values[fromUser] == "" {
		return time.Time{}, fmt.Errorf("%w: FromUserName and CreateTime", errIncomplete)
	}
	return time.Unix(s, 0).UTC(), nil
}

// selections reads SelectedItems: per question the chosen options, several joined with a comma. It may be absent.
func selections(items string) (map[string]string, error) {
	var chosen map[string]string
	err := children(items, func(name, inner string) error {
		if name != "SelectedItem" {
			return nil
		}
		question, options, err := selection(inner)
		if err != nil || question == "" {
			return err
		}
		if chosen == nil {
			chosen = map[string]string{}
		}
		if _, twice := chosen[question]; twice {
			return fmt.Errorf("%w: one question answered twice", errXML)
		}
		chosen[question] = strings.Join(options, ",")
		if chosen[question] == nothing.ID { // a list that nobody opened
			chosen[question] = ""
		}
		return nil
	})
	return chosen, err
}

// selection reads one SelectedItem.
func selection(item string) (question string, options []string, err error) {
	err = children(item, func(name, inner string) error {
		switch name {
		case "QuestionKey":
			question, err = text(inner)
			return err
		case "OptionIds":
			return children(inner, func(_, inner string) error {
				option, err := text(inner)
				options = append(options, option)
				return err
			})
		}
		return nil
	})
	return question, options, err
}
