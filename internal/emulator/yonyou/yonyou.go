// Package yonyou emulates the three products of Yonyou 用友 that the gateway talks to: a YonBIP tenant with its data centre
// (yonbip_*.go), an account set of U8 behind the cloud relay (u8.go) and an account of 畅捷通 T+ (chanjet.go).
//
// The way of one YonBIP call: whether the interface is registered → the token → the grant → the throttle → the body → the
// interface. A refusal is HTTP 200 with a code inside, as on the real gateway; only an unknown interface is 404. Documents
// are kept in memory (shelf.go) and change through PutRecord or through the platform's own interfaces; each change of a
// customer or an order sends an event, encrypted and signed, again until somebody answers success.
//
// It shares no code with the connector that it tests. Where the public facts end, an Option decides.
package yonyou
