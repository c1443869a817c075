package dingtalk

import (
	"slices"
	"strings"
)

// space is one place of an openSpaceId.
type space struct{ kind, id string } // kind is upper case

// parseSpaces reads dtv1.card//KIND.id[;KIND.id…]. Kinds come in both cases and a last semicolon may follow, as in the
// platform's own examples; one line of its documents writes a colon after "card".
func parseSpaces(text string) ([]space, *failure) {
	if text == "" {
		return nil, bad("param.openSpaceIdEmpty")
	}
	rest, ok := strings.CutPrefix(text, "dtv1.card//")
	if !ok {
		rest, ok = strings.CutPrefix(text, "dtv1.card://")
	}
	if !ok || len([]rune(text)) > 1000 {
		return nil, bad("param.openSpaceIdInvalid")
	}
	var out []space
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, ";"), ";") {
		kind, id, ok := strings.Cut(part, ".")
		kind = strings.ToUpper(kind)
		if !ok || id == "" || !slices.Contains(spaceKinds, kind) {
			return nil, bad("param.openSpaceIdInvalid")
		}
		out = append(out, space{kind, id})
	}
	return out, nil
}

var spaceKinds = []string{"IM_ROBOT", "IM_GROUP", "IM_SINGLE", "ONE_BOX"}

// delivered is one entry of deliverResults.
type delivered struct {
	SpaceType string `json:"spaceType"`
	SpaceID   string `json:"spaceId"`
	Success   bool   `json:"success"`
	CarrierID string `json:"carrierId"`
	ErrorMsg  string `json:"errorMsg"`
}

// place delivers a card to one space; recipients, where given, limits who of a group sees it. Callers are inside
// cards.with.
func (s *Server) place(card *instance, to space, idType int, recipients []string) delivered {
	out := delivered{SpaceType: to.kind, SpaceID: to.id}
	if !card.spaces[to.kind] {
		return delivered{SpaceType: "IM", SpaceID: "IM_ALL", ErrorMsg: "spaces of card is empty"}
	}
	users, conversation := s.audience(to, idType)
	if len(users) == 0 {
		out.ErrorMsg = "spaceId is illegal"
		return out
	}
	if to.kind == "IM_GROUP" && len(recipients) > 0 {
		users = slices.DeleteFunc(users, func(u string) bool { return !slices.Contains(recipients, u) })
	}
	out.Success, out.CarrierID = true, s.show(card, users, conversation)
	return out
}

// audience names who sees a space: one person in the chat with the bot, or a group's members.
func (s *Server) audience(to space, idType int) (users []string, conversation string) {
	if to.kind == "IM_ROBOT" {
		if user, ok := s.user(to.id, idType); ok {
			return []string{user}, ""
		}
		return nil, ""
	}
	members, _ := s.world.Group(platform, to.id)
	return members, to.id
}
