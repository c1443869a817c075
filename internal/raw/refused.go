package raw

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"lingke/connectors"
)

// Refused is a thing that a source told of and that could not be taken in, until a version of it can be. What the source told is among its source's parts.
type Refused struct {
	ID         string          `json:"id" bson:"_id"` // see RefusedID
	Source     string          `json:"source" bson:"source"`
	Kind       connectors.Kind `json:"kind" bson:"kind"`
	Thing      string          `json:"thing,omitempty" bson:"thing,omitempty"` // the source's id of it; "" where none can be read
	ModifiedAt time.Time       `json:"modified_at,omitzero" bson:"modified_at,omitempty"`
	At         time.Time       `json:"at" bson:"at"` // when it was refused last
	Why        string          `json:"why" bson:"why"`
}

// RefusedID names what a record tells of, the same for each version of it; of one without an id, the same for the same raw record.
func RefusedID(source string, r connectors.Record) string {
	const longest = 200
	thing := r.ID
	if thing == "" || len(thing) > longest {
		kept, err := json.Marshal(json.RawMessage(r.Raw)) // as Pack writes it
		if err != nil {
			kept = r.Raw
		}
		sum := sha256.Sum256(append([]byte(thing), kept...))
		thing = "#" + hex.EncodeToString(sum[:16])
	}
	return source + "/" + string(r.Kind) + "/" + thing
}
