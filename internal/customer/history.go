package customer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Order is what a customer bought, or may buy. Its customer is named by the source's ref, so that merging and parting
// customers moves no orders.
type Order struct {
	ID         Ref       `json:"id" bson:"_id"`
	Customer   Ref       `json:"customer" bson:"customer"`
	Amount     Money     `json:"amount" bson:"amount"`
	Margin     Money     `json:"margin,omitempty" bson:"margin,omitempty"`
	Date       time.Time `json:"date" bson:"date"`
	Status     string    `json:"status" bson:"status"` // open, won, lost, cancelled
	Product    string    `json:"product,omitempty" bson:"product,omitempty"`
	Rep        string    `json:"rep,omitempty" bson:"rep,omitempty"`       // the source's name of the sales person
	Opened     time.Time `json:"opened,omitzero" bson:"opened,omitempty"`  // when the opportunity began; zero where nobody tells
	Reason     string    `json:"reason,omitempty" bson:"reason,omitempty"` // why it was lost
	By         string    `json:"by,omitempty" bson:"by,omitempty"`         // the id of the person who told it; "" for sources
	Deleted    bool      `json:"deleted,omitempty" bson:"deleted,omitempty"`
	ModifiedAt time.Time `json:"modified_at" bson:"modified_at"`
}

// Activity is what a customer did, or what a person noted about it.
type Activity struct {
	ID         Ref       `json:"id" bson:"_id"`
	Customer   Ref       `json:"customer" bson:"customer"`
	Type       string    `json:"type" bson:"type"`
	Text       string    `json:"text,omitempty" bson:"text,omitempty"`
	By         string    `json:"by,omitempty" bson:"by,omitempty"` // a person's id, for notes
	At         time.Time `json:"at" bson:"at"`
	Deleted    bool      `json:"deleted,omitempty" bson:"deleted,omitempty"`
	ModifiedAt time.Time `json:"modified_at" bson:"modified_at"`
}

// Version orders the versions of one order: a version with a greater text replaces one with a smaller. It starts with the
// modification time; a digest of the content settles two versions of the same time, always the same way.
func (o Order) Version() string { return version(o.ModifiedAt, o) }

// Version orders the versions of one activity, as Order.Version does.
func (a Activity) Version() string { return version(a.ModifiedAt, a) }

func version(at time.Time, content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("customer: encoding %T: %v", content, err)) // plain structs always encode
	}
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%016x-%s", max(at.UnixMilli(), 0), hex.EncodeToString(sum[:8]))
}
