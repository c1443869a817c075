package delivery

import (
	"strconv"
	"strings"
)

// answerPrefix begins the ids of answers to what people just did.
const answerPrefix = "reply-"

// AnswerID is the id of an answer that a name stands for.
func AnswerID(name string) string { return answerPrefix + name }

// answers reports whether the delivery tells people what they just asked.
func (d *Delivery) answers() bool { return strings.HasPrefix(d.ID, answerPrefix) }

// successor stands between a delivery's id and the number of its successor card. No delivery id contains it.
const successor = "_r"

// MessageID is the platform's id of a delivery's message: the delivery's own, or that of its nth successor where the earlier card could not be changed.
func MessageID(id string, replaced int) string {
	if replaced == 0 {
		return id
	}
	return id + successor + strconv.Itoa(replaced)
}

// IDOf is the delivery that a message id belongs to.
func IDOf(message string) string {
	id, _, _ := strings.Cut(message, successor)
	return id
}
