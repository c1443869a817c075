package dingtalk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
)

// How far a callback's timestamp may be off. The platform says one hour for robots and nothing for cards.
const (
	robotWindow = time.Hour
	cardWindow  = 10 * time.Minute
)

// RobotSign is base64(HMAC-SHA256(secret, timestamp + "\n" + secret)); timestamp is in milliseconds. Robot callbacks and
// custom group robots use it alike.
func RobotSign(secret, timestamp string) string { return sign(secret, timestamp+"\n"+secret) }

// CardSign is base64(HMAC-SHA256(secret, timestamp)).
func CardSign(secret, timestamp string) string { return sign(secret, timestamp) }

func sign(secret, message string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// VerifyRobot checks the headers timestamp and sign of a robot callback. They do not cover the body: who saw one pair
// can send any body for an hour, so callbacks need HTTPS and what a message asks for is checked against our own records.
func VerifyRobot(secret, timestamp, signature string, now time.Time) error {
	return verify(secret, RobotSign(secret, timestamp), timestamp, signature, now, robotWindow)
}

// VerifyCard checks the headers x-ddpaas-signature-timestamp and x-ddpaas-signature of a card callback. They do not
// cover the body either.
func VerifyCard(secret, timestamp, signature string, now time.Time) error {
	return verify(secret, CardSign(secret, timestamp), timestamp, signature, now, cardWindow)
}

// verify compares in constant time. Without a secret nothing is accepted.
func verify(secret, want, timestamp, signature string, now time.Time, window time.Duration) error {
	if secret == "" || !hmac.Equal([]byte(want), []byte(signature)) {
		return ErrSignature
	}
	at, ok := stamp(timestamp)
	if !ok {
		return fmt.Errorf("%w: timestamp", ErrSignature)
	}
	if off := now.Sub(at); off > window || off < -window {
		return fmt.Errorf("%w: timestamp outside the window", ErrSignature)
	}
	return nil
}

// stamp reads a timestamp in milliseconds.
func stamp(text string) (time.Time, bool) {
	ms, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(ms), err == nil
}
