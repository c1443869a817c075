package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"lingke/bots"
)

type paramMap struct {
	Params map[string]string `json:"cardParamMap"`
}

type updateOptions struct {
	CardByKey    bool `json:"updateCardDataByKey"`
	PrivateByKey bool `json:"updatePrivateDataByKey"`
}

// createRequest is the body of createAndDeliver, as far as we use it.
type createRequest struct {
	Template    string        `json:"cardTemplateId"`
	OutTrackID  string        `json:"outTrackId"`
	Callback    string        `json:"callbackType"`
	RouteKey    string        `json:"callbackRouteKey,omitempty"`
	Data        paramMap      `json:"cardData"`
	OpenSpaceID string        `json:"openSpaceId"`
	UserIDType  int           `json:"userIdType"` // 1: userId, here and in the callbacks
	RobotSpace  *spaceModel   `json:"imRobotOpenSpaceModel,omitempty"`
	Robot       *deliverModel `json:"imRobotOpenDeliverModel,omitempty"`
	GroupSpace  *spaceModel   `json:"imGroupOpenSpaceModel,omitempty"`
	Group       *deliverModel `json:"imGroupOpenDeliverModel,omitempty"`
}

type spaceModel struct {
	SupportForward bool              `json:"supportForward"`
	LastMessage    map[string]string `json:"lastMessageI18n"`
}

type deliverModel struct {
	SpaceType string `json:"spaceType,omitempty"`
	RobotCode string `json:"robotCode"`
}

type deliverResult struct {
	SpaceID  string   `json:"spaceId"`
	Success  flexBool `json:"success"`
	ErrorMsg string   `json:"errorMsg"`
}

// sendCard creates the card and delivers it to everybody of m, who then share its one public state.
func (b *Bot) sendCard(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	const op = "send card"
	req, err := b.createRequest(m)
	if err != nil {
		return bots.Receipt{}, err
	}
	var out struct {
		Success flexBool `json:"success"`
		Result  struct {
			Delivered []deliverResult `json:"deliverResults"`
		} `json:"result"`
	}
	err = b.api.call(ctx, op, http.MethodPost, "/v1.0/card/instances/createAndDeliver", req, &out)
	if code(err) == "param.cardAlreadyExist" {
		return b.refreshCard(ctx, m)
	}
	if err != nil {
		return bots.Receipt{}, err
	}
	if !out.Success {
		return bots.Receipt{}, failed(op, "success is false", "the platform gives no reason")
	}
	return b.cardReceipt(m, out.Result.Delivered)
}

func (b *Bot) createRequest(m bots.Outgoing) (createRequest, error) {
	space := &spaceModel{LastMessage: map[string]string{"ZH_CN": bots.CutRunes(m.Card.Title, 60)}}
	req := createRequest{Template: b.cfg.CardTemplate, OutTrackID: m.ID, Callback: "STREAM",
		Data: paramMap{cardParams(*m.Card)}, UserIDType: 1}
	if b.cfg.CardRouteKey != "" {
		req.Callback, req.RouteKey = "HTTP", b.cfg.CardRouteKey
	}
	if len(m.To) > 0 {
		req.OpenSpaceID = openSpaceID("IM_ROBOT", m.To)
		req.RobotSpace, req.Robot = space, &deliverModel{"IM_ROBOT", b.cfg.RobotCode}
	} else {
		req.OpenSpaceID = openSpaceID("IM_GROUP", []string{m.Conversation})
		req.GroupSpace, req.Group = space, &deliverModel{RobotCode: b.cfg.RobotCode}
	}
	if n := len([]rune(req.OpenSpaceID)); n > maxOpenSpaceID {
		return req, refuse("too many people", fmt.Sprintf("their ids make an openSpaceId of %d characters, at most %d", n, maxOpenSpaceID))
	}
	return req, nil
}

// openSpaceID is dtv1.card//IM_ROBOT.u1;IM_ROBOT.u2: two slashes and no colon, as the platform's examples have it.
func openSpaceID(space string, ids []string) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = space + "." + id
	}
	return "dtv1.card//" + strings.Join(parts, ";")
}

// cardReceipt reads the outcome of each delivery: HTTP 200 with success true can hide one that failed.
func (b *Bot) cardReceipt(m bots.Outgoing, results []deliverResult) (bots.Receipt, error) {
	receivers := m.To
	if len(receivers) == 0 {
		receivers = []string{m.Conversation}
	}
	var refused []bots.Refusal
	for _, r := range results {
		if r.Success {
			continue
		}
		reason := b.api.clean(r.ErrorMsg)
		if !slices.Contains(receivers, r.SpaceID) {
			// An entry for no receiver of ours (IM_ALL) speaks of the whole delivery.
			return bots.Receipt{}, failed("send card", "not delivered", reason)
		}
		refused = append(refused, bots.Refusal{To: r.SpaceID, Reason: reason})
	}
	return receipt("send card", m.ID, refused, receivers)
}

// receipt fails where everybody was left out.
func receipt(op, id string, refused []bots.Refusal, receivers []string) (bots.Receipt, error) {
	if len(refused) > 0 && len(refused) >= len(receivers) {
		return bots.Receipt{}, failed(op, "not delivered", refused[0].Reason)
	}
	return bots.Receipt{Handle: bots.Handle{Message: id}, Refused: refused}, nil
}

func failed(op, code, text string) error {
	return &bots.Error{Kind: bots.ErrPermanent, Platform: bots.DingTalk, Op: op, Code: code, Text: text}
}

// refreshCard is a Send whose card exists already, from an attempt whose answer was lost: nobody sees a second card, and
// the one shown gets m's content.
func (b *Bot) refreshCard(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	if err := b.putCard(ctx, "refresh card", m.ID, *m.Card); err != nil {
		return bots.Receipt{}, err
	}
	return bots.Receipt{Handle: bots.Handle{Message: m.ID}}, nil
}

// Update shows m.Card in place of the card of h for everybody. Cards that were sent as text, and cards that the platform
// no longer knows, give ErrNotUpdatable. The platform compares no versions: of two updates at once the last one wins.
func (b *Bot) Update(ctx context.Context, h bots.Handle, m bots.Outgoing) (bots.Handle, error) {
	const op = "update card"
	if m.Card == nil {
		return h, failed(op, "bad content", "an update needs a card")
	}
	if _, robot := robotKey(h); h.Message == "" || robot || b.cfg.CardTemplate == "" {
		return h, notUpdatable(op, "not a card", "it was sent as text")
	}
	err := b.putCard(ctx, op, h.Message, *m.Card)
	if code(err) == "param.cardNotExist" {
		return h, notUpdatable(op, "param.cardNotExist", "the platform does not know this card")
	}
	return h, err
}

func notUpdatable(op, code, text string) error {
	return &bots.Error{Kind: bots.ErrNotUpdatable, Platform: bots.DingTalk, Op: op, Code: code, Text: text}
}

// putCard replaces the public variables by key. Without "by key" the platform would empty every variable not sent.
func (b *Bot) putCard(ctx context.Context, op, outTrackID string, c bots.Card) error {
	req := struct {
		OutTrackID string        `json:"outTrackId"`
		UserIDType int           `json:"userIdType"`
		Data       paramMap      `json:"cardData"`
		Options    updateOptions `json:"cardUpdateOptions"`
	}{outTrackID, 1, paramMap{cardParams(c)}, updateOptions{true, true}}
	var out struct {
		Success *flexBool `json:"success"`
	}
	if err := b.api.call(ctx, op, http.MethodPut, "/v1.0/card/instances", req, &out); err != nil {
		return err
	}
	if out.Success != nil && !*out.Success {
		return errors.New("dingtalk: " + op + ": success is false")
	}
	return nil
}
