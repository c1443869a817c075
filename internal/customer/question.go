package customer

import "time"

// Question is what managers are asked about two customers that may be one: nobody joins them by weak keys alone. One is asked about two records once,
// whatever the answer.
type Question struct {
	ID  string `json:"id" bson:"_id"` // the same for every question about the two records
	Rev int64  `json:"-" bson:"rev"`  // guards the next write, as Customer.Rev does
	A   Ref    `json:"a" bson:"a"`    // a record of the one customer, the smaller
	B   Ref    `json:"b" bson:"b"`    // a record of the other

	Grade  string        `json:"grade" bson:"grade"`   // of the names: "same" or "likely"
	Phones []string      `json:"phones" bson:"phones"` // numbers that both have
	State  QuestionState `json:"state" bson:"state"`
	Due    time.Time     `json:"due" bson:"due"`     // when it is to be asked; while it is open, when it was
	Asked  time.Time     `json:"asked" bson:"asked"` // when it first came up
	Times  int           `json:"times" bson:"times"` // how often it was shown
	Cards  []string      `json:"cards" bson:"cards"` // the deliveries that show it now

	Answer   Answer    `json:"answer,omitempty" bson:"answer,omitempty"`
	By       string    `json:"by,omitempty" bson:"by,omitempty"` // a person's id
	Answered time.Time `json:"answered,omitzero" bson:"answered,omitempty"`
}

// QuestionState is where a question stands.
type QuestionState string

// The states of a question.
const (
	QuestionWaiting  QuestionState = "waiting"  // to be shown at Due, when fewer are open
	QuestionOpen     QuestionState = "open"     // managers have its card
	QuestionAnswered QuestionState = "answered" // Answer says how
)

// Answer is what became of a question.
type Answer string

// The answers. Later is none: it puts the question off.
const (
	AnswerSame  Answer = "same"  // 合并
	AnswerApart Answer = "apart" // 不是同一家
	AnswerMoot  Answer = "moot"  // sources or other decisions have settled it meanwhile
	AnswerLater Answer = "later" // 稍后
)

// Ask returns the question whether the customers of two different records are one.
func Ask(a, b Ref, grade string, phones []string, at time.Time) Question {
	a, b = min(a, b), max(a, b)
	at = at.UTC().Truncate(time.Millisecond)
	return Question{ID: pairID(a, b), A: a, B: b, Grade: grade, Phones: phones, State: QuestionWaiting, Due: at, Asked: at}
}
