package mongo

import "go.mongodb.org/mongo-driver/v2/event"

// WithMonitor lets a test see the commands that the store sends.
func WithMonitor(m *event.CommandMonitor) Option {
	return func(s *settings) { s.client.SetMonitor(m) }
}

// DatabaseName and HideSecrets are tested from outside.
var (
	DatabaseName = databaseName
	HideSecrets  = hideSecrets
)
