package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"lingke/bots"
)

// Codes with a meaning in the control flow (document 90313).
const (
	codeInvalidToken = 40014
	codeExpiredToken = 42001
	codeTaskID       = 42014 // task_id illegal; ours is legal, so it was used before
	codeNoTask       = 42016
	codeResponse     = 60140 // response_code invalid, expired or used
	codeTooOld       = 42052 // msgid too old to recall
	codeNoTarget     = 82101
	codeNotRecipient = 82102
	codeFrequency    = 45009
	codeConcurrency  = 45033
	codeConcurrency2 = 45035
)

// How long a limit lasts: 45009 blocks for the window that was exceeded, the shortest of which is a minute; a
// concurrency limit is over when other calls end.
const (
	frequencyWait   = time.Minute
	concurrencyWait = 2 * time.Second
)

// kinds are the platform's codes that trying again will not change; any code that is missing here may pass by itself.
var kinds = map[int64]error{
	40003: bots.ErrPermanent, // userid
	40007: bots.ErrPermanent, // media_id
	40008: bots.ErrPermanent, // msgtype
	40031: bots.ErrPermanent, // userid list
	40032: bots.ErrPermanent, // too many userids
	40033: bots.ErrPermanent, // odd \u in the body
	40035: bots.ErrPermanent, // parameter
	40050: bots.ErrPermanent, // chatid
	40058: bots.ErrPermanent, // parameter
	40096: bots.ErrPermanent, // customer
	41016: bots.ErrPermanent, // title missing
	40004: bots.ErrPermanent, // media type
	40006: bots.ErrPermanent, // file too small or large
	44001: bots.ErrPermanent, // file empty
	45001: bots.ErrPermanent, // file too large
	44004: bots.ErrPermanent, // content empty
	45002: bots.ErrPermanent, // content too long
	42014: bots.ErrPermanent, // task_id of another message; for a first send see sendCard
	46004: bots.ErrPermanent, // member
	50002: bots.ErrPermanent, // outside the visible range
	60011: bots.ErrPermanent,
	60021: bots.ErrPermanent,
	60111: bots.ErrPermanent, // member
	81013: bots.ErrPermanent, // every recipient invalid
	82001: bots.ErrPermanent, // no recipient
	82002: bots.ErrPermanent,
	82003: bots.ErrPermanent,
	84061: bots.ErrPermanent, // no relation
	86001: bots.ErrPermanent, // chatid
	86003: bots.ErrPermanent,
	86008: bots.ErrPermanent, // another app's chat

	codeInvalidToken: bots.ErrMisconfigured, // again after a fresh token
	codeExpiredToken: bots.ErrMisconfigured,
	40001:            bots.ErrMisconfigured, // secret
	40013:            bots.ErrMisconfigured, // corpid
	40056:            bots.ErrMisconfigured, // agentid
	41001:            bots.ErrMisconfigured, // token missing
	41002:            bots.ErrMisconfigured, // corpid missing
	41004:            bots.ErrMisconfigured, // secret missing
	41011:            bots.ErrMisconfigured, // agentid missing
	42015:            bots.ErrMisconfigured, // another app's card
	43012:            bots.ErrMisconfigured, // no callback URL
	48001:            bots.ErrMisconfigured, // no right for this API
	48002:            bots.ErrMisconfigured,
	48006:            bots.ErrMisconfigured,
	48009:            bots.ErrMisconfigured,
	50001:            bots.ErrMisconfigured, // redirect domain
	50003:            bots.ErrMisconfigured, // app disabled
	60020:            bots.ErrMisconfigured, // caller's address not trusted
	93000:            bots.ErrMisconfigured, // a group robot's key
	93004:            bots.ErrMisconfigured,
	93008:            bots.ErrMisconfigured,
	301002:           bots.ErrMisconfigured, // token of another app

	codeFrequency:    bots.ErrRateLimited,
	codeConcurrency:  bots.ErrRateLimited,
	codeConcurrency2: bots.ErrRateLimited,

	codeNoTask:       bots.ErrNotUpdatable,
	codeResponse:     bots.ErrNotUpdatable,
	codeTooOld:       bots.ErrNotUpdatable,
	codeNoTarget:     bots.ErrNotUpdatable,
	codeNotRecipient: bots.ErrNotUpdatable,
}

// kindOf returns the kind of a code, nil where trying again may help.
func kindOf(code int64) error {
	if k, ok := kinds[code]; ok {
		return k
	}
	switch {
	case code >= 42017 && code <= 42051: // card parts missing or illegal
		return bots.ErrPermanent
	case code >= 701001 && code <= 701099: // licences
		return bots.ErrMisconfigured
	}
	return nil
}

// waitFor returns how long a limit lasts.
func waitFor(code int64) time.Duration {
	switch code {
	case codeFrequency:
		return frequencyWait
	case codeConcurrency, codeConcurrency2:
		return concurrencyWait
	}
	return 0
}

// call runs one API call with the access token's ticket. A refused token is fetched anew once. The error is finished.
func (b *Bot) call(ctx context.Context, op string, do func(ticket) error) error {
	for attempt := 1; ; attempt++ {
		token, err := b.tokens.get(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		err = b.through(ctx, url.Values{"access_token": {token}}, do)
		code := codeOf(err)
		refused := code == codeInvalidToken || code == codeExpiredToken
		if refused {
			b.tokens.drop(token)
		}
		if !refused || attempt > 1 {
			return b.failure(op, err, token)
		}
	}
}

// codeOf returns the platform's code in err, 0 where there is none.
func codeOf(err error) int64 {
	var c *util.CommonError
	if errors.As(err, &c) {
		return c.ErrCode
	}
	return 0
}

// failure turns what a call returned into this package's error, in which token does not appear.
func (b *Bot) failure(op string, err error, token string) error {
	var c *util.CommonError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &c):
		return b.refusal(op, c.ErrCode, c.ErrMsg, token)
	}
	return fmt.Errorf("wecom: %s: %w", op, bare(err))
}

// refusal is the platform's answer as an error.
func (b *Bot) refusal(op string, code int64, text, token string) *bots.Error {
	return &bots.Error{
		Kind: kindOf(code), Platform: bots.WeCom, Op: op, Code: strconv.FormatInt(code, 10),
		Text: b.clean(text, token), Wait: waitFor(code),
	}
}

// invalid is a message that the platform need not be asked about.
func invalid(op, text string) error {
	return &bots.Error{Kind: bots.ErrPermanent, Platform: bots.WeCom, Op: op, Code: "invalid", Text: text}
}

// clean keeps the platform's words short and without any secret of the app or the call, should it ever repeat one.
func (b *Bot) clean(text, token string) string {
	for _, s := range []string{b.cfg.Secret, b.cfg.EncodingAESKey, b.cfg.Token, token} {
		if len(s) >= 4 { // a shorter one would blank out ordinary words
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	return bots.CutRunes(text, 200)
}
