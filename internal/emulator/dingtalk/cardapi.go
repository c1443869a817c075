package dingtalk

import (
	"encoding/json"
	"net/http"
)

// newCard checks a request that creates a card.
func (s *Server) newCard(req *cardRequest) (*instance, *failure) {
	switch {
	case req.Template == "":
		return nil, bad("param.cardTemplateIdEmpty")
	case req.Track == "":
		return nil, bad("param.outTrackIdEmpty")
	case len(req.Track) > maxTrack:
		return nil, bad("outTrackId.outOfLimit")
	case req.Template != s.opt.CardTemplate:
		return nil, bad("param.templateNotExist")
	case s.opt.Unpublished:
		return nil, bad("param.templateUnpublished")
	case req.Data == nil || req.Data.Params == nil:
		return nil, bad("param.cardPublicDataEmpty")
	case req.Callback != "" && req.Callback != "STREAM" && req.Callback != "HTTP", req.Callback == "HTTP" && req.RouteKey == "":
		return nil, bad("param.invalid")
	}
	ch, f := s.change(req)
	if f != nil {
		return nil, f
	}
	return &instance{
		track: req.Track, callback: req.Callback, routeKey: req.RouteKey, idType: max(req.UserIDType, 1),
		public: ch.public, private: ch.private, spaces: req.spaces(), template: s.template, offered: map[string]pressable{},
	}, nil
}

// createCard makes a card that nobody sees yet.
func (s *Server) createCard(r *http.Request) (any, *failure) {
	var req cardRequest
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	card, f := s.newCard(&req)
	if f != nil {
		return nil, f
	}
	if !s.cards.create(card) && !s.opt.SilentRepeat {
		return nil, bad("param.cardAlreadyExist")
	}
	return map[string]any{"success": true, "result": req.Track}, nil
}

// createAndDeliver makes a card and shows it. A repeated outTrackId shows nothing a second time.
func (s *Server) createAndDeliver(r *http.Request) (any, *failure) {
	var req cardRequest
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	card, f := s.newCard(&req)
	if f != nil {
		return nil, f
	}
	spaces, f := s.targets(&req)
	if f != nil {
		return nil, f
	}
	results := []delivered{}
	switch {
	case s.cards.create(card):
		results = s.placeAll(&req, spaces)
	case !s.opt.SilentRepeat:
		return nil, bad("param.cardAlreadyExist")
	}
	return map[string]any{
		"success": true, "result": map[string]any{"outTrackId": req.Track, "deliverResults": results},
	}, nil
}

// deliverCard shows an existing card in further places.
func (s *Server) deliverCard(r *http.Request) (any, *failure) {
	var req cardRequest
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	if !s.cards.with(req.Track, func(*instance) {}) {
		return nil, bad("param.cardNotExist")
	}
	spaces, f := s.targets(&req)
	if f != nil {
		return nil, f
	}
	return map[string]any{"success": true, "result": s.placeAll(&req, spaces)}, nil
}

// targets reads where to deliver to and checks that each kind of place has its deliver model.
func (s *Server) targets(req *cardRequest) ([]space, *failure) {
	spaces, f := parseSpaces(req.OpenSpaceID)
	if f != nil {
		return nil, f
	}
	models := req.delivers()
	if len(models) == 0 {
		return nil, bad("param.openDeliverModelEmpty")
	}
	for _, to := range spaces {
		if !models[to.kind] {
			return nil, bad("param.spaceDeliverModelEmpty")
		}
	}
	if !s.ownRobot(req.RobotDeliver, true) || !s.ownRobot(req.GroupDeliver, false) {
		return nil, bad("param.openDeliverModelError")
	}
	return spaces, nil
}

// ownRobot reports whether a deliver model, where sent, names the app's robot. In the single chat with it the model need not
// name it, and the official Python client does not.
func (s *Server) ownRobot(model json.RawMessage, optional bool) bool {
	if !present(model) {
		return true
	}
	var m struct {
		RobotCode string `json:"robotCode"`
	}
	if json.Unmarshal(model, &m) != nil {
		return false
	}
	return m.RobotCode == s.opt.RobotCode || optional && m.RobotCode == ""
}

func (s *Server) placeAll(req *cardRequest, spaces []space) []delivered {
	results := []delivered{}
	recipients := s.recipients(req)
	s.cards.with(req.Track, func(card *instance) {
		for _, to := range spaces {
			results = append(results, s.place(card, to, req.UserIDType, recipients))
		}
	})
	return results
}

// recipients are the userIds that a group's deliver model limits the card to; none is everybody.
func (s *Server) recipients(req *cardRequest) []string {
	var model struct {
		Recipients []string `json:"recipients"`
	}
	_ = json.Unmarshal(req.GroupDeliver, &model) // checked by ownRobot
	var out []string
	for _, id := range model.Recipients {
		if user, ok := s.user(id, req.UserIDType); ok {
			out = append(out, user)
		}
	}
	return out
}

// addSpaces permits further kinds of place.
func (s *Server) addSpaces(r *http.Request) (any, *failure) {
	var req cardRequest
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	more := req.spaces()
	if len(more) == 0 {
		return nil, bad("param.emptyAppendSpaces")
	}
	if !s.cards.with(req.Track, func(card *instance) {
		for kind := range more {
			card.spaces[kind] = true
		}
	}) {
		return nil, bad("param.cardNotExist")
	}
	return map[string]any{"success": true, "result": true}, nil
}

// updateCard changes what people see of a card.
func (s *Server) updateCard(r *http.Request) (any, *failure) {
	var req cardRequest
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	if req.Track == "" {
		return nil, bad("param.outTrackIdEmpty")
	}
	ch, f := s.change(&req)
	if f != nil {
		return nil, f
	}
	if ch.public == nil && len(ch.private) == 0 {
		return nil, bad("param.cardDataAndPrivateDataBothEmpty")
	}
	if !s.cards.with(req.Track, func(card *instance) { card.apply(ch); s.redraw(card) }) {
		return nil, bad("param.cardNotExist")
	}
	return map[string]any{"success": true, "result": true}, nil
}
