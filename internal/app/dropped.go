package app

import (
	"context"
	"net/url"
	"time"

	"lingke/bots"
	"lingke/internal/batch"
	"lingke/internal/chat"
	"lingke/internal/imports"
)

// dropped is the chat's way to files: fetched from the bots, kept and taken in by the imports.
type dropped struct{ app *App }

// Fetch returns what somebody sent over a platform.
func (d dropped) Fetch(ctx context.Context, p bots.Platform, f bots.File) ([]byte, error) {
	for _, b := range d.app.bots {
		if from, ok := b.(bots.Downloader); ok && b.Platform() == p {
			return from.Download(ctx, f, imports.MaxOffer)
		}
	}
	return nil, chat.ErrNoFiles
}

// Offer is as in package imports.
func (d dropped) Offer(ctx context.Context, id string, q imports.Request) (*imports.Preview, error) {
	return d.app.imports.Offer(ctx, id, q)
}

// Offered is as in package imports.
func (d dropped) Offered(ctx context.Context, id string) (*imports.Preview, error) {
	return d.app.imports.Offered(ctx, id)
}

// Corrected is as in package imports.
func (d dropped) Corrected(ctx context.Context, id string) ([]byte, error) {
	return d.app.imports.Corrected(ctx, id)
}

// CorrectedLink is where that copy can be fetched with a browser until an instant; "" where the gateway has no address.
func (d dropped) CorrectedLink(id, person string, until time.Time) string {
	if d.app.links == nil {
		return ""
	}
	return d.app.links.To("/h5/imports/"+url.PathEscape(id)+"/problems.xlsx", person, until)
}

// Batch returns a batch.
func (d dropped) Batch(ctx context.Context, id string) (batch.Batch, error) {
	return d.app.store.Batch(ctx, id)
}

// LastOffer is as in package imports.
func (d dropped) LastOffer(ctx context.Context, by string) (id string, found bool, err error) {
	return d.app.imports.LastOffer(ctx, by)
}

// LastDone is as in package imports.
func (d dropped) LastDone(ctx context.Context, by string) (batch.Batch, bool, error) {
	return d.app.imports.LastDone(ctx, by)
}

// Recall is App.Recall.
func (d dropped) Recall(ctx context.Context, id string) (batch.Batch, error) {
	return d.app.Recall(ctx, id)
}

// Accept takes an offered file in. It returns when that is done or after some seconds; then the batch is Applying and its end is in the store.
func (d dropped) Accept(ctx context.Context, id string) (batch.Batch, error) {
	p, err := d.app.upload(ctx, func() (*imports.Preview, error) { return d.app.imports.Accept(ctx, id) })
	if err != nil {
		return batch.Batch{}, err
	}
	return p.Batch, nil
}
