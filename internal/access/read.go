package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Read is one line of the read log: who was shown what of which customers, where, when and by which command. Lines are numbered from 1 without gaps, and each is
// sealed together with the seal of the line before.
type Read struct {
	N int64 `json:"n" bson:"_id"`
	// ID names what was answered: the same at every attempt, so that doing it again after a crash leaves one line.
	ID        string    `json:"id" bson:"id"`
	At        time.Time `json:"at" bson:"at"`                                   // UTC, milliseconds
	Person    string    `json:"person,omitempty" bson:"person,omitempty"`       // Lingke's id; empty for somebody unknown and for programs
	Account   string    `json:"account,omitempty" bson:"account,omitempty"`     // the platform's user id, or what a program called itself
	Platform  string    `json:"platform" bson:"platform"`                       // dingtalk, wecom, h5, api, terminal
	Place     string    `json:"place" bson:"place"`                             // private, a group's id, a path
	Command   string    `json:"command" bson:"command"`                         // 查, click claim, send approval, GET /customers
	Layers    string    `json:"layers,omitempty" bson:"layers,omitempty"`       // Sight.String of what was shown; empty: nothing of a customer
	Customers []string  `json:"customers,omitempty" bson:"customers,omitempty"` // ids, at most MostCustomers
	More      int       `json:"more,omitempty" bson:"more,omitempty"`           // how many more customers were shown
	Note      string    `json:"note,omitempty" bson:"note,omitempty"`           // a reason that was given, or why the answer was a refusal
	Key       string    `json:"key" bson:"key"`                                 // which key sealed it
	Prev      string    `json:"prev,omitempty" bson:"prev,omitempty"`           // the seal of line N-1
	Seal      string    `json:"seal" bson:"seal"`                               // over everything above
}

// MostCustomers is how many customers one line names; the command says how to find the rest.
const MostCustomers = 100

// ReadQuery selects lines, newest first; the zero value of a field does not restrict.
type ReadQuery struct {
	Person   string
	Customer string // an id
	After    string // the page's next
	Limit    int    // 1…1000; 0 means 100
}

// Saw returns r with customers added to what it tells.
func (r Read) Saw(ids ...string) Read {
	seen := append([]string(nil), r.Customers...)
	for _, id := range ids {
		if len(seen) < MostCustomers {
			seen = append(seen, id)
			continue
		}
		r.More++
	}
	r.Customers = seen
	return r
}

// sealOf computes a line's seal: HMAC-SHA-256 over the line as JSON, which has its fields in one fixed order and the former seal in it.
func (r Read) sealOf(key []byte) string {
	r.Seal = ""
	text, _ := json.Marshal(r) // texts, numbers and times always encode
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))
}

// follow makes r the line after last.
func (r Read) follow(last Read, key Key) Read {
	r.N, r.Prev, r.Key = last.N+1, last.Seal, key.ID
	r.At = r.At.UTC().Truncate(time.Millisecond)
	r.Seal = r.sealOf(key.secret)
	return r
}
