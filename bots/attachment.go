package bots

import (
	"path"
	"strings"
)

// Attachment is a picture or a document on its way to people: a report's chart, a list as a spreadsheet.
type Attachment struct {
	Name string `json:"name" bson:"name"` // with its ending, which tells what it is: "chart.png"
	Data []byte `json:"data" bson:"data"` // at most MaxAttachment bytes
	// Alt says the same in words. It is sent where the platform takes no such file.
	Alt string `json:"alt" bson:"alt"`
}

// MaxAttachment is what every platform takes: 10 MB, the smallest of their limits for pictures and documents.
const MaxAttachment = 10 << 20

// Picture reports whether the file is shown in the chat itself; anything else is shown by its name, to be opened.
func (a Attachment) Picture() bool {
	switch strings.ToLower(path.Ext(a.Name)) {
	case ".png", ".jpg", ".jpeg":
		return true
	}
	return false
}
