package dingtalk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/url"
	"path"
	"strings"

	"lingke/bots"
)

// sendFile uploads the file and shows it: a picture in the chat, anything else to be opened. Where the platform refuses such a file, or the app may send none, its words are sent instead.
func (b *Bot) sendFile(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	receipt, err := b.tryFile(ctx, m)
	if m.File.Alt == "" || !bots.Refused(err) {
		return receipt, err
	}
	b.log.WarnContext(ctx, "file not taken, its words are sent", "id", m.ID, "name", m.File.Name, "err", err)
	m.Text, m.File = m.File.Alt, nil
	return b.sendText(ctx, m)
}

func (b *Bot) tryFile(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	id, err := b.upload(ctx, *m.File)
	if err != nil {
		return bots.Receipt{}, err
	}
	content := robotContent{"sampleFile", jsonText(map[string]string{"mediaId": id, "fileName": m.File.Name, "fileType": strings.TrimPrefix(path.Ext(m.File.Name), ".")})}
	if m.File.Picture() {
		content = robotContent{"sampleImageMsg", jsonText(map[string]string{"photoURL": id})}
	}
	return b.sendByRobot(ctx, "send file", m, content)
}

// upload gives a file to the platform and returns its media id (POST /media/upload of the old API, multipart field media).
func (b *Bot) upload(ctx context.Context, f bots.Attachment) (string, error) {
	const op = "upload"
	kind := "file"
	if f.Picture() {
		kind = "image"
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("media", f.Name)
	if err == nil {
		_, err = part.Write(f.Data)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("dingtalk: %s: %w", op, err)
	}
	var out struct {
		MediaID string `json:"media_id"`
	}
	if err := b.api.oapiRaw(ctx, op, "/media/upload", url.Values{"type": {kind}}, w.FormDataContentType(), form.Bytes(), &out); err != nil {
		return "", err
	}
	if out.MediaID == "" {
		return "", fmt.Errorf("dingtalk: %s: the answer holds no media id", op)
	}
	return out.MediaID, nil
}
