package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"

	"github.com/silenceper/wechat/v2/util"

	"lingke/bots"
)

// minFile is what the platform refuses still: a file has more than five bytes.
const minFile = 5

// media is a file that was uploaded before.
type media struct {
	ID string `json:"media_id"`
}

// sendFile uploads the file and shows it: a picture in the chat, anything else to be opened. Where the platform refuses such a file, or the app may send none, its words are sent instead.
func (b *Bot) sendFile(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	receipt, err := b.tryFile(ctx, m)
	if m.File.Alt == "" || !bots.Refused(err) {
		return receipt, err
	}
	b.log.WarnContext(ctx, "file not taken, its words are sent", "id", m.ID, "name", m.File.Name, "err", err)
	return b.sendWords(ctx, m, bots.Cut(m.File.Alt, maxMarkdown))
}

func (b *Bot) tryFile(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	kind := "file"
	if m.File.Picture() {
		kind = "image"
	}
	id, err := b.upload(ctx, kind, *m.File)
	if err != nil {
		return bots.Receipt{}, err
	}
	var image, file *media
	if kind == "image" {
		image = &media{id}
	} else {
		file = &media{id}
	}
	if inGroup(m) {
		return b.sendGroup(ctx, chatMessage{ChatID: m.Conversation, MsgType: kind, Image: image, File: file})
	}
	receipt, err := b.sendApp(ctx, "send file", m.To, appMessage{MsgType: kind, Image: image, File: file})
	receipt.Handle.Codes = nil
	return receipt, err
}

// upload gives a file to the platform and returns its media id, which lives three days (media/upload, multipart field media).
func (b *Bot) upload(ctx context.Context, kind string, f bots.Attachment) (string, error) {
	const op = "upload"
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("media", f.Name)
	if err == nil {
		_, err = part.Write(f.Data)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("wecom: %s: %w", op, err)
	}
	var out struct {
		MediaID string `json:"media_id"`
	}
	err = b.call(ctx, op, func(t ticket) error {
		answer, err := util.HTTPPostContext(ctx, platformURL+"/cgi-bin/media/upload?access_token="+string(t)+"&type="+kind, form.Bytes(),
			map[string]string{"Content-Type": w.FormDataContentType()})
		if err != nil {
			return err
		}
		if err := util.DecodeWithCommonError(answer, op); err != nil {
			return err
		}
		return json.Unmarshal(answer, &out)
	})
	if err == nil && out.MediaID == "" {
		err = fmt.Errorf("wecom: %s: the answer holds no media id", op)
	}
	return out.MediaID, err
}
