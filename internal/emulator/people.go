package emulator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"lingke/internal/emulator/world"
)

// who finds the platform and the person of a request; a person goes by the organisation's id or the platform's.
func (e *Emulator) who(platform, person string) (Platform, world.Person, error) {
	for _, p := range e.chats {
		if p.Name() != platform {
			continue
		}
		for _, one := range e.world.People() {
			account := one.Account(platform)
			if account != "" && (one.ID == person || account == person) {
				return p, one, nil
			}
		}
		return nil, world.Person{}, wrong("nobody on %s is called %q", platform, person)
	}
	return nil, world.Person{}, wrong("no platform %q, want dingtalk or wecom", platform)
}

func (e *Emulator) getPeople(*http.Request) (any, error) {
	people := e.world.People()
	if people == nil {
		people = []world.Person{}
	}
	return people, nil
}

// postPerson lets somebody come to the organisation, or changes them, and tells the apps.
func (e *Emulator) postPerson(r *http.Request) (any, error) {
	var p world.Person
	if err := read(r, &p); err != nil {
		return nil, err
	}
	if p.ID == "" || p.Name == "" {
		return nil, wrong("a person needs id and name")
	}
	before, known := e.world.Put(p)
	var dingtalkErr, wecomErr error
	if known {
		dingtalkErr, wecomErr = e.dingtalk.Changed(p), e.wecom.Changed(r.Context(), p, before.WeCom)
	} else {
		dingtalkErr, wecomErr = e.dingtalk.Joined(p), e.wecom.Joined(r.Context(), p)
	}
	return outcome("", "平台的通知没有送达", errors.Join(dingtalkErr, wecomErr)), nil
}

// deletePerson lets somebody leave and tells the apps.
func (e *Emulator) deletePerson(r *http.Request) (any, error) {
	p, known := e.world.Leave(r.PathValue("id"))
	if !known {
		return nil, &refusal{http.StatusNotFound, fmt.Errorf("nobody is called %q", r.PathValue("id"))}
	}
	return outcome("", "平台的通知没有送达", errors.Join(e.dingtalk.Left(p), e.wecom.Left(r.Context(), p))), nil
}

// getMenu is the menu below the app's chat in WeCom; DingTalk has none.
func (e *Emulator) getMenu(*http.Request) (any, error) { return e.wecom.Menu(), nil }

// postMenu is a person pressing an entry of it.
func (e *Emulator) postMenu(r *http.Request) (any, error) {
	var req struct{ Person, Key string }
	if err := read(r, &req); err != nil {
		return nil, err
	}
	_, p, err := e.who("wecom", req.Person)
	if err != nil {
		return nil, err
	}
	return outcome("", "应用没有收到", e.wecom.PressMenu(r.Context(), p, req.Key)), nil
}

// getConversations tells what a person sees now; last limits it to the newest messages of each conversation.
func (e *Emulator) getConversations(r *http.Request) (any, error) {
	q := r.URL.Query()
	_, p, err := e.who(q.Get("platform"), q.Get("person"))
	if err != nil {
		return nil, err
	}
	list := e.world.Conversations(q.Get("platform"), p.Account(q.Get("platform")))
	if q.Get("last") == "" {
		return list, nil
	}
	last, err := strconv.Atoi(q.Get("last"))
	if err != nil || last < 0 {
		return nil, wrong("last %q is no number of messages", q.Get("last"))
	}
	for i, c := range list {
		list[i].Messages = c.Messages[max(0, len(c.Messages)-last):]
	}
	return list, nil
}

// accepted tells what became of a message or click. Refused ones are answered with 200 too: the platform did its part.
type accepted struct {
	Accepted bool   `json:"accepted"`
	Toast    string `json:"toast"`
	Error    string `json:"error,omitempty"`
}

func outcome(toast, failed string, err error) accepted {
	if err != nil {
		return accepted{false, failed, err.Error()}
	}
	return accepted{true, toast, ""}
}

func (e *Emulator) postMessage(r *http.Request) (any, error) {
	var req struct{ Platform, Person, Conversation, Text string }
	if err := read(r, &req); err != nil {
		return nil, err
	}
	if req.Text == "" {
		return nil, wrong("text is empty")
	}
	p, person, err := e.who(req.Platform, req.Person)
	if err != nil {
		return nil, err
	}
	err = p.Say(r.Context(), person, req.Conversation, req.Text)
	return outcome("", "机器人没有收到这条消息", err), nil
}

// filer is a platform on which people send files. The error tells that the app did not hear of it.
type filer interface {
	SendFile(ctx context.Context, person world.Person, conversation, name string, content []byte) error
}

// postFile is a person sending a file; its content comes in base64.
func (e *Emulator) postFile(r *http.Request) (any, error) {
	var req struct {
		Platform, Person, Conversation, Name string
		Content                              []byte
	}
	if err := read(r, &req); err != nil {
		return nil, err
	}
	if req.Name == "" {
		return nil, wrong("name is empty")
	}
	p, person, err := e.who(req.Platform, req.Person)
	if err != nil {
		return nil, err
	}
	f, ok := p.(filer)
	if !ok {
		return nil, wrong("nobody sends files on %s", req.Platform)
	}
	err = f.SendFile(r.Context(), person, req.Conversation, req.Name, req.Content)
	return outcome("", "机器人没有收到这个文件", err), nil
}

func (e *Emulator) postClick(r *http.Request) (any, error) {
	var req struct {
		Platform, Person, Message, Action string
		Inputs                            map[string]string
	}
	if err := read(r, &req); err != nil {
		return nil, err
	}
	p, person, err := e.who(req.Platform, req.Person)
	if err != nil {
		return nil, err
	}
	toast, err := p.Click(r.Context(), person, req.Message, req.Action, req.Inputs)
	return outcome(toast, "操作失败，请稍后重试", err), nil
}

func (e *Emulator) postRecord(r *http.Request) (any, error) {
	var req struct {
		System, Form string
		Fields       map[string]any
	}
	if err := read(r, &req); err != nil {
		return nil, err
	}
	erp, ok := e.erps[req.System]
	if !ok {
		return nil, wrong("no system %q, want one of %s", req.System, strings.Join(slices.Sorted(maps.Keys(e.erps)), ", "))
	}
	if err := erp.PutRecord(req.Form, req.Fields); err != nil {
		return nil, wrong("record of %s: %w", req.Form, err)
	}
	return map[string]bool{"accepted": true}, nil
}
