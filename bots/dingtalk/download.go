package dingtalk

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/bots"
)

var _ bots.Downloader = (*Bot)(nil)

// downloadTime bounds the fetching of one file.
const downloadTime = 2 * time.Minute

// Download exchanges the message's code for an address and fetches that: POST /v1.0/robot/messageFiles/download.
func (b *Bot) Download(ctx context.Context, f bots.File, limit int64) ([]byte, error) {
	const op = "download file"
	var out struct {
		URL string `json:"downloadUrl"`
	}
	in := map[string]string{"downloadCode": f.Code, "robotCode": b.cfg.RobotCode}
	if err := b.api.call(ctx, op, http.MethodPost, "/v1.0/robot/messageFiles/download", in, &out); err != nil {
		return nil, err
	}
	u, err := url.Parse(out.URL)
	if err != nil || !b.serves(u) {
		return nil, failed(op, "address", "the platform named a place that is not its own")
	}
	return b.fetch(ctx, op, u, limit)
}

// serves reports whether an address is one from which the platform hands out files: its own hosts and the public ones of its storage service, or those that the
// config names instead. The page names no host, so what is excluded is everything that cannot be public storage of the platform's cloud.
func (b *Bot) serves(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	for _, own := range []string{b.cfg.BaseURL, b.cfg.OapiURL} {
		if o, err := url.Parse(own); err == nil && u.Scheme == o.Scheme && strings.EqualFold(u.Host, o.Host) {
			return true
		}
	}
	host := strings.ToLower(u.Host)
	return u.Scheme == "https" && (strings.HasSuffix(host, ".dingtalk.com") ||
		strings.HasSuffix(host, ".aliyuncs.com") && strings.Contains(host, ".oss-") && !strings.Contains(host, "-internal."))
}

// fetch gets the content. The address carries its own permission, so no token goes with it, and it stands in no error.
func (b *Bot) fetch(ctx context.Context, op string, u *url.URL, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("dingtalk: %s: %w", op, withoutURL(err))
	}
	patient := *b.api.http // which follows no redirect
	patient.Timeout = downloadTime
	resp, err := patient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("dingtalk: %s: %w", op, withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return nil, fmt.Errorf("dingtalk: %s: HTTP %d", op, resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, failed(op, fmt.Sprintf("HTTP %d", resp.StatusCode), "the platform hands the file out no longer")
	case resp.ContentLength > limit:
		return nil, fmt.Errorf("dingtalk: %s: %d bytes, allowed are %d: %w", op, resp.ContentLength, limit, bots.ErrTooLarge)
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("dingtalk: %s: %w", op, withoutURL(err))
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("dingtalk: %s: more than the %d bytes allowed: %w", op, limit, bots.ErrTooLarge)
	}
	return content, nil
}
