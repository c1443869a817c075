package e2e_test

import (
	"encoding/json"
	"fmt"

	"lingke/internal/emulator"
)

// class is what a code of the platforms asks of the gateway.
type class string

const (
	busy    class = "busy"    // try again
	tooFast class = "limit"   // wait, and try again
	token   class = "token"   // fetch a new one, and try again
	setting class = "app"     // a person has to mend something: wait for that
	final   class = "final"   // never accepted: another platform, or a dead letter that is replayed
	known   class = "known"   // it is there already
	gone    class = "gone"    // a card that cannot be changed gets a successor
	network class = "network" // slow, cut, doubled
)

// trouble is one kind of trouble under a name of its own.
type trouble struct {
	class class
	name  string
	fault emulator.Fault
	// needs are faults without which the call would not be made.
	needs []emulator.Fault
}

// Where the platforms are called.
const (
	onCard   = "POST /v1.0/card/instances/createAndDeliver"
	onUpdate = "PUT /v1.0/card/instances"
	onReply  = "POST /robot/sendBySession"
	onRobot  = "POST /v1.0/robot/oToMessages/batchSend"
	onToken  = "POST /v1.0/oauth2/accessToken"
	onSend   = "POST /cgi-bin/message/send"
	onChange = "POST /cgi-bin/message/update_template_card"
	onTicket = "GET /cgi-bin/gettoken"
)

// v1 is a refusal of DingTalk's v1.0 API.
func v1(c class, match string, status int, code string) trouble {
	body := fmt.Sprintf(`{"code":%q,"requestid":"R","message":%q}`, code, code)
	return trouble{class: c, name: fmt.Sprintf("dingtalk %s %d %s", match, status, code), fault: emulator.Fault{Match: match, Times: 1, Status: status, Body: json.RawMessage(body)}}
}

// robot is v1 of a text that the reply address did not take.
func robot(c class, status int, code string) trouble {
	x := v1(c, onRobot, status, code)
	x.needs = []emulator.Fault{{Match: onReply, Times: 1, Status: 200, Body: json.RawMessage(`{"errcode":300001,"errmsg":"session 不存在"}`)}}
	return x
}

// wx is a refusal of WeCom.
func wx(c class, match string, codes ...int) (all []trouble) {
	for _, code := range codes {
		body := fmt.Sprintf(`{"errcode":%d,"errmsg":"fault %d"}`, code, code)
		all = append(all, trouble{class: c, name: fmt.Sprintf("wecom %s %d", match, code), fault: emulator.Fault{Match: match, Times: 1, Status: 200, Body: json.RawMessage(body)}})
	}
	return all
}

// wire is what happens to a call on its way.
func wire(name string, f emulator.Fault) trouble {
	f.Times = 1
	return trouble{class: network, name: name + " " + f.Match, fault: f}
}

// errorCodes are the codes that the platforms' documents name for the calls that the gateway makes, and what networks do.
func errorCodes() (all []trouble) {
	html := func(c class, match string, status int) trouble {
		return trouble{class: c, name: fmt.Sprintf("dingtalk %s %d html", match, status), fault: emulator.Fault{Match: match, Times: 1, Status: status, Body: json.RawMessage(`"<html>bad gateway</html>"`)}}
	}
	hidden := v1(final, onCard, 200, "")
	hidden.name = "dingtalk " + onCard + " 200 deliverResults.success=false"
	hidden.fault.Body = json.RawMessage(`{"success":true,"result":{"outTrackId":"x","deliverResults":[{"spaceType":"IM_ROBOT","success":false,"errorMsg":"spaceId is illegal"}]}}`)
	exists, used := v1(known, onCard, 400, "param.cardAlreadyExist"), wx(known, onSend, 42014)[0] // both are said of what was taken before
	exists.fault.After, used.fault.After = true, true
	all = []trouble{
		v1(tooFast, onCard, 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"), v1(tooFast, onCard, 403, "Forbidden.AccessDenied.QpsLimitForApi"),
		v1(tooFast, onCard, 403, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"), v1(tooFast, onCard, 429, "Throttling"), v1(tooFast, onUpdate, 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"),
		v1(token, onCard, 400, "InvalidAuthentication"), v1(token, onUpdate, 400, "InvalidAuthentication"),
		v1(busy, onCard, 500, "system.busy"), v1(busy, onCard, 500, "system.error"), v1(busy, onCard, 503, "ServiceUnavailable"), v1(busy, onCard, 503, "serviceBusy"), v1(busy, onCard, 504, "timeout"),
		html(busy, onCard, 502), v1(busy, onUpdate, 500, "system.busy"), v1(busy, onUpdate, 503, "ServiceUnavailable"), v1(busy, onToken, 500, "system.error"),
		v1(setting, onCard, 403, "Forbidden.AccessDenied.AccessTokenPermissionDenied"), v1(setting, onCard, 403, "Forbidden.AccessDenied.IpNotInWhiteList"), v1(setting, onCard, 400, "param.templateNotExist"),
		v1(setting, onCard, 400, "param.templateUnpublished"), v1(setting, onCard, 400, "param.cardTemplateIdEmpty"), v1(setting, onToken, 400, "invalidClientIdOrSecret"), html(setting, onCard, 404), html(setting, onCard, 302),
		v1(final, onCard, 400, "param.contentUnsafe"), v1(final, onCard, 400, "param.userIdNotExist"), v1(final, onCard, 400, "param.openSpaceIdInvalid"), v1(final, onCard, 400, "param.openDeliverModelEmpty"),
		v1(final, onCard, 400, "param.invalid"), v1(final, onUpdate, 400, "param.contentUnsafe"), hidden, exists, used,
		robot(tooFast, 400, "send.too.fast"), robot(tooFast, 400, "too.many.people"), robot(busy, 500, "system.error"), robot(token, 400, "InvalidAuthentication"),
		robot(setting, 400, "chatbotId.notAllow.sendOTO"), robot(setting, 400, "robot.oto.notExist"), robot(setting, 400, "template.stopped"), robot(setting, 400, "invalidParameter.robotCode.notExsit"),
		robot(final, 400, "staffId.notExisted"), robot(final, 400, "invalidParameter.msgParam.invalid"), robot(final, 400, "contain.sensitive"),
		wire("cut", emulator.Fault{Match: onCard, Cut: true}), wire("answer lost", emulator.Fault{Match: onCard, Cut: true, After: true}), wire("slow", emulator.Fault{Match: onCard, DelayMS: 300}),
		wire("cut", emulator.Fault{Match: onUpdate, Cut: true}), wire("slow", emulator.Fault{Match: onUpdate, DelayMS: 300}), wire("cut", emulator.Fault{Match: onSend, Cut: true}),
		wire("slow", emulator.Fault{Match: onSend, DelayMS: 300}), wire("cut", emulator.Fault{Match: onChange, Cut: true}), wire("cut", emulator.Fault{Match: onTicket, Cut: true}),
		wire("twice", emulator.Fault{Match: "PUSH wecom/callback", Twice: true}), wire("answer lost", emulator.Fault{Match: "PUSH wecom/callback", Cut: true, After: true}),
		wire("cut", emulator.Fault{Match: "PUSH wecom/callback", Cut: true}), wire("twice", emulator.Fault{Match: "PUSH dingtalk/card", Twice: true}), wire("cut", emulator.Fault{Match: "PUSH dingtalk/card", Cut: true}),
		wire("twice", emulator.Fault{Match: "PUSH dingtalk/message", Twice: true}),
	}
	defer func() { // a token is only fetched once the old one is refused
		for i, x := range all {
			switch x.fault.Match {
			case onToken:
				all[i].needs = []emulator.Fault{v1(token, onCard, 400, "InvalidAuthentication").fault}
			case onTicket:
				all[i].needs = []emulator.Fault{wx(token, onSend, 40014)[0].fault}
			}
		}
	}()
	all = append(all, wx(busy, onSend, -1)...)
	all = append(all, wx(busy, onChange, -1)...)
	all = append(all, wx(busy, onTicket, -1)...)
	all = append(all, wx(tooFast, onSend, 45009, 45033, 45035)...)
	all = append(all, wx(tooFast, onChange, 45009, 45033)...)
	all = append(all, wx(token, onSend, 40014, 42001)...)
	all = append(all, wx(token, onChange, 40014)...)
	all = append(all, wx(setting, onSend, 40056, 41011, 43012, 48002, 50003, 60020, 301002)...)
	all = append(all, wx(setting, onChange, 42015)...)
	all = append(all, wx(setting, onTicket, 40001, 40013)...)
	all = append(all, wx(final, onSend, 40003, 40008, 40032, 40058, 41016, 44004, 45002, 50002, 81013, 82001, 42027, 42028, 42031, 42033, 42035, 42038, 42039, 42045, 42047)...)
	all = append(all, wx(final, onChange, 40058)...)
	return append(all, wx(gone, onChange, 60140, 82102)...)
}

// oneOfEach are some of the codes, two of each class at most, without those that a person has to mend: they are waited for.
func oneOfEach(all []trouble) (some []trouble) {
	seen := map[class]int{}
	for _, x := range all {
		most := 2
		if x.class == setting {
			most = 0
		}
		if x.class == network {
			most = 20
		}
		if seen[x.class]++; seen[x.class] <= most {
			some = append(some, x)
		}
	}
	return some
}
