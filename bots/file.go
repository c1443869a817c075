package bots

import (
	"context"
	"errors"
)

// File is a file that a person sent to the bot.
type File struct {
	Name string `json:"name"` // as the sender's device called it: any text
	Code string `json:"code"` // what the platform hands the content out for; it may expire
}

// Downloader is a Bot on whose platform people can send files to it.
type Downloader interface {
	// Download returns the content of a file, of at most limit bytes. Errors: ErrTooLarge; ErrPermanent where the platform has the file no longer; as Send's otherwise.
	Download(ctx context.Context, f File, limit int64) ([]byte, error)
}

// ErrTooLarge says that a file has more bytes than were allowed.
var ErrTooLarge = errors.New("the file is too large")
