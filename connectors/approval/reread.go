package approval

import (
	"encoding/json"
	"fmt"
	"time"

	"lingke/connectors"
)

// rawInstance is a Record.Raw: the approval as the platform had it.
type rawInstance struct {
	ID       string   `json:"id"`
	Instance instance `json:"instance"`
}

// KeepRaw is as in connectors.Rereader.
func (c *Conn) KeepRaw() { c.keep = true }

// Reread is as in connectors.Rereader.
func (c *Conn) Reread(_ connectors.Kind, raw []byte) (connectors.Record, error) {
	var r rawInstance
	if err := json.Unmarshal(raw, &r); err != nil || r.ID == "" {
		return connectors.Record{}, fmt.Errorf("%w: not a raw record of this connector", connectors.ErrBadRecord)
	}
	return c.record(r.ID, r.Instance, time.Time{})
}
