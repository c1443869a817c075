// Package dingtalk is the DingTalk (钉钉) bot: it shows cards and texts as one in-house app of one organisation and takes
// in what people write and press.
//
// Out: Send draws a card with the one generic template (params.go) and creates it under Outgoing.ID as outTrackId, so that
// a repeated Send finds "already exists" and only refreshes what is shown (card.go). Update changes it for everybody. Text
// goes through the conversation's own reply address where there is one, else through the robot API (text.go). Without a
// template a card becomes text with the words to type (plain.go). Every call passes api.go: one shared token, refreshed
// early and by one caller at a time (tokens.go), and every refusal sorted into the kinds of package bots (failure.go).
//
// In, stream mode: Listen keeps one WebSocket open through the official SDK. One link (link.go) is one SDK client and one
// connection, never reused; the supervisor (stream.go) replaces it when it is lost, silent, or asked to leave, the new one
// before the old one where the old one still works. A frame is acknowledged only after the handler stored it; a frame
// that cannot be taken now is answered with 500 so that the platform repeats it (frames.go).
//
// In, HTTP mode: Callback checks the signature, parses and calls the same handler (callback.go).
//
// Both ways end in the parsers of message.go and click.go, which trust nothing but the shape they check.
package dingtalk
