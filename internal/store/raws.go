package store

import (
	"context"
	"time"

	"lingke/internal/raw"
)

// Raws keeps what sources told, word for word.
type Raws interface {
	// AddRaw keeps a part; one with the same ID stays as it is.
	AddRaw(ctx context.Context, p raw.Part) error
	// EachRaw calls fn for every part of a source whose ID comes after another, by ID, under the terms of Customers.EachCustomer.
	EachRaw(ctx context.Context, source, after string, fn func(raw.Part) error) error
	// CountRaw returns how many versions a source's parts hold.
	CountRaw(ctx context.Context, source string) (int, error)
	// PurgeRaw forgets a source's parts that arrived before an instant, every source's where source is empty, and returns how many.
	PurgeRaw(ctx context.Context, source string, before time.Time) (int, error)
}
