package world

import (
	"fmt"
	"slices"
)

// keep is how many messages a conversation remembers; older ones are forgotten, so that a long load test ends.
const keep = 20000

// Conversation is one chat as one person sees it, messages oldest first.
type Conversation struct {
	ID       string    `json:"id"` // "" is the single chat with the bot
	Title    string    `json:"title"`
	Kind     string    `json:"kind"` // "single" or "group"
	Messages []Message `json:"messages"`
}

// group is a conversation of several people and the bot.
type group struct {
	id, title string
	members   []string
}

// mailbox is all that one account sees: its conversations in the order of their first message.
type mailbox struct {
	order []string
	chats map[string][]Message
}

// AddGroup makes a group conversation whose members are user ids of the platform; a second call replaces its members.
func (w *World) AddGroup(platform, id, title string, members ...string) {
	w.mu.Lock()
	w.groups[at(platform, id)] = &group{id: id, title: title, members: slices.Clone(members)}
	w.mu.Unlock()
	w.watch.tell()
}

// Group returns a group's members, and whether there is such a group.
func (w *World) Group(platform, id string) (members []string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, ok := w.groups[at(platform, id)]
	if !ok {
		return nil, false
	}
	return slices.Clone(g.members), true
}

// Post shows m to one user in the single chat with the bot (conversation ""), or to every member of a group, and
// returns the message's id: m.ID, or a new one where that is empty. An empty m.At becomes the present, an empty m.From
// the bot. A conversation that does not exist takes nothing and gives "".
func (w *World) Post(platform, userID, conversation string, m Message) (messageID string) {
	w.mu.Lock()
	readers := []string{userID}
	if conversation != "" {
		g, ok := w.groups[at(platform, conversation)]
		if !ok {
			w.mu.Unlock()
			return ""
		}
		readers, conversation = g.members, g.id
	}
	m = w.complete(m)
	for _, r := range readers {
		w.box(platform, r).add(conversation, m)
	}
	w.mu.Unlock()
	w.watch.tell()
	return m.ID
}

// PostTo is Post for one user's eyes: in a group, the other members see nothing of m.
func (w *World) PostTo(platform, userID, conversation string, m Message) (messageID string) {
	w.mu.Lock()
	m = w.complete(m)
	if g, ok := w.groups[at(platform, conversation)]; ok {
		conversation = g.id
	}
	w.box(platform, userID).add(conversation, m)
	w.mu.Unlock()
	w.watch.tell()
	return m.ID
}

func (w *World) complete(m Message) Message {
	if m.ID == "" {
		w.serial++
		m.ID = fmt.Sprintf("m%06d", w.serial)
	}
	if m.At.IsZero() {
		m.At = w.base().Add(w.offset)
	}
	if m.From == "" {
		m.From = Bot
	}
	if m.Card != nil {
		m.Card = m.Card.clone()
	}
	return m
}

func (w *World) box(platform, userID string) *mailbox {
	key := at(platform, userID)
	b, ok := w.boxes[key]
	if !ok {
		b = &mailbox{chats: map[string][]Message{}}
		w.boxes[key] = b
	}
	return b
}

func (b *mailbox) add(conversation string, m Message) {
	if _, ok := b.chats[conversation]; !ok {
		b.order = append(b.order, conversation)
	}
	list := append(b.chats[conversation], m)
	if len(list) > 2*keep { // not at every message: each cut copies the rest
		list = slices.Clone(list[len(list)-keep:])
	}
	b.chats[conversation] = list
}

// SetCard replaces what one user sees of the card in a message from now on; others keep their view. It reports whether
// the user has such a message.
func (w *World) SetCard(platform, userID, messageID string, c Card) bool {
	w.mu.Lock()
	m := w.message(platform, userID, messageID)
	if m != nil {
		m.Card = c.clone()
	}
	w.mu.Unlock()
	if m != nil {
		w.watch.tell()
	}
	return m != nil
}

// Message returns one message as one user sees it. Its card must not be changed.
func (w *World) Message(platform, userID, messageID string) (Message, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := w.message(platform, userID, messageID); m != nil {
		return *m, true
	}
	return Message{}, false
}

// message finds the newest message of that id; callers hold the lock.
func (w *World) message(platform, userID, messageID string) *Message {
	b, ok := w.boxes[at(platform, userID)]
	if !ok {
		return nil
	}
	for _, all := range b.chats {
		list := remembered(all)
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].ID == messageID {
				return &list[i]
			}
		}
	}
	return nil
}

// Recall takes a message out of one user's view and reports whether it was there.
func (w *World) Recall(platform, userID, messageID string) bool {
	w.mu.Lock()
	found := false
	if b, ok := w.boxes[at(platform, userID)]; ok {
		for c, list := range b.chats {
			if i := slices.IndexFunc(list, func(m Message) bool { return m.ID == messageID }); i >= 0 {
				b.chats[c], found = slices.Delete(list, i, i+1), true
			}
		}
	}
	w.mu.Unlock()
	if found {
		w.watch.tell()
	}
	return found
}

// Conversations returns what a user of the platform sees now. The single chat with the bot comes first and is there
// even while it is empty; then the groups that the user belongs to. The cards in it must not be changed.
func (w *World) Conversations(platform, userID string) []Conversation {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.box(platform, userID)
	out := []Conversation{{Title: "领客", Kind: "single", Messages: b.messages("")}}
	for _, id := range b.order {
		if id != "" {
			out = append(out, Conversation{id, w.groupTitle(platform, id), "group", b.messages(id)})
		}
	}
	for _, g := range w.silent(platform, userID, b) {
		out = append(out, Conversation{g.id, g.title, "group", []Message{}})
	}
	return out
}

// Newest returns the last n messages of a user's single chat with the bot, oldest first, and how many it remembers in all. The cards in them must not be changed.
func (w *World) Newest(platform, userID string, n int) (last []Message, all int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	chat := remembered(w.box(platform, userID).chats[""])
	return slices.Clone(chat[max(0, len(chat)-n):]), len(chat)
}

func (b *mailbox) messages(conversation string) []Message {
	return append([]Message{}, remembered(b.chats[conversation])...)
}

func remembered(all []Message) []Message { return all[max(0, len(all)-keep):] }

func (w *World) groupTitle(platform, id string) string {
	if g, ok := w.groups[at(platform, id)]; ok {
		return g.title
	}
	return id
}

// silent lists the user's groups in which nothing was said yet, by id.
func (w *World) silent(platform, userID string, b *mailbox) []*group {
	var out []*group
	for key, g := range w.groups {
		_, spoken := b.chats[g.id]
		member := slices.ContainsFunc(g.members, func(m string) bool { return at(platform, m) == at(platform, userID) })
		if key.platform == platform && !spoken && member {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *group) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	return out
}
