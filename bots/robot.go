package bots

import (
	"strings"
	"sync"
	"time"
)

// RobotPrefix marks an Outgoing.Conversation that is not a group's id but the name of a group robot (群机器人) in the app's settings: "robot:sales". Such a robot only
// speaks: it takes text, cards become text, and nobody can press or answer anything.
const RobotPrefix = "robot:"

// RobotName is the name of the group robot that a conversation is, if it is one.
func RobotName(conversation string) (string, bool) {
	return strings.CutPrefix(conversation, RobotPrefix)
}

// RobotPerMinute is what both platforms take from one group robot in a minute. DingTalk stops listening for ten minutes when there is more.
const RobotPerMinute = 20

// RobotPace keeps a group robot within RobotPerMinute. The zero value is ready; its methods may be called from several goroutines.
type RobotPace struct {
	mu   sync.Mutex
	sent map[string][]time.Time // by robot, those of the last minute
}

// Take counts a message of a robot, or returns how long to wait before it can be sent.
func (p *RobotPace) Take(robot string, now time.Time) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sent == nil {
		p.sent = map[string][]time.Time{}
	}
	recent := p.sent[robot]
	for len(recent) > 0 && now.Sub(recent[0]) >= time.Minute {
		recent = recent[1:]
	}
	if len(recent) >= RobotPerMinute {
		p.sent[robot] = recent
		return recent[0].Add(time.Minute).Sub(now)
	}
	p.sent[robot] = append(recent, now)
	return 0
}
