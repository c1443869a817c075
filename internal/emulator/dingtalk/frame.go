package dingtalk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// The topics that the emulator pushes.
const (
	topicMessage = "/v1.0/im/bot/messages/get"
	topicCard    = "/v1.0/card/instances/callback"
)

// frame is one message of the platform on a stream connection; Data is JSON as text.
type frame struct {
	SpecVersion string            `json:"specVersion,omitempty"`
	Type        string            `json:"type"`
	Headers     map[string]string `json:"headers"`
	Data        string            `json:"data"`
}

// ack is the app's answer to a frame.
type ack struct {
	Code    int               `json:"code"`
	Headers map[string]string `json:"headers"`
	Message string            `json:"message"`
	Data    string            `json:"data"`
}

func (a ack) messageID() string { return a.Headers["messageId"] }

// parseAck reads what the app sent. Official clients differ in what they leave empty; only code and messageId matter.
func parseAck(text []byte) (ack, error) {
	var a ack
	if err := json.Unmarshal(text, &a); err != nil {
		return ack{}, fmt.Errorf("acknowledgement: %w", err)
	}
	return a, nil
}

// callback builds a CALLBACK frame for one connection; every delivery has a messageId of its own.
func (s *Server) callback(connection, topic string, data any, now time.Time) (frame, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return frame{}, fmt.Errorf("frame for %s: %w", topic, err)
	}
	return frame{
		SpecVersion: "1.0",
		Type:        "CALLBACK",
		Headers: map[string]string{
			"appId":        s.opt.ClientID,
			"connectionId": connection,
			"contentType":  "application/json",
			"messageId":    serial(),
			"time":         strconv.FormatInt(now.UnixMilli(), 10),
			"topic":        topic,
		},
		Data: string(text),
	}, nil
}

// system builds a SYSTEM frame; the documents show it without specVersion.
func system(topic, messageID, data string) frame {
	h := map[string]string{"topic": topic, "contentType": "application/json"}
	if messageID != "" {
		h["messageId"] = messageID
	}
	return frame{Type: "SYSTEM", Headers: h, Data: data}
}
