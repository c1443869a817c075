package yonyou

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what old apps get
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// announce queues the event of a change.
func (s *YonBIP) announce(form string, d *document, what string) {
	typ, content := "", any(nil)
	switch form {
	case "merchant":
		typ, content = "YXYBASEDOC_AA_MERCHANT_"+what, map[string]any{
			"id": d.id, "code": d.text("code"), "name": map[string]any{"zh_CN": chinese(d.fields["name"])}, "createOrg": d.text("createOrgCode"),
		}
	case "voucherorder":
		step := map[string]string{"INSERT": "SAVE", "UPDATE": "AUDIT", "DELETE": "DELETE"}[what]
		typ, content = "SALE_"+step+"ORDER_NOTIFY_SENT", map[string]any{
			"BILL_INFO": map[string]any{"billId": shown(d.id), "billCode": d.text("code"), "billNo": "voucher_order"},
		}
	default:
		return // events of receivables are not known
	}
	s.events.add(typ, content)
}

// CheckURL queues the event that the console sends when the address of the events is saved.
func (s *YonBIP) CheckURL() { s.events.add("CHECK_URL", nil) }

// Pushes are the bodies of all events that went out, in their order, with repeats. Whoever sends them again, or in another
// order, does what the platform might.
func (s *YonBIP) Pushes() [][]byte { return s.events.pushes() }

// sender sends events, one after another, and each again until it is taken.
type sender struct {
	opts  Options
	now   func() time.Time
	wake  chan struct{}
	stop  context.CancelFunc
	ended chan struct{}

	mu    sync.Mutex
	queue [][]byte // plain events
	sent  [][]byte
	taken int
}

// attempts is how often an event goes out before it is given up.
const attempts = 10

func newSender(opts Options, now func() time.Time) *sender {
	if opts.Client == nil {
		opts.Client = &http.Client{Timeout: 5 * time.Second}
	}
	if opts.RetryGap <= 0 {
		opts.RetryGap = time.Minute
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &sender{opts: opts, now: now, wake: make(chan struct{}, 1), stop: stop, ended: make(chan struct{})}
	go s.run(ctx)
	return s
}

func (s *sender) close() {
	s.stop()
	<-s.ended
}

func (s *sender) add(typ string, content any) {
	if s.opts.EventURL == "" {
		return
	}
	e := map[string]any{"type": typ, "eventId": uuid.NewString(), "timestamp": s.now().UnixMilli(), "tenantId": s.opts.TenantID}
	if content != nil {
		text, _ := json.Marshal(content) // maps of texts and numbers: cannot fail
		e["content"] = string(text)
	}
	plain, _ := json.Marshal(e)
	s.mu.Lock()
	s.queue = append(s.queue, plain)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	for {
		e, ok := s.take()
		if !ok {
			select {
			case <-s.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		if !s.deliver(ctx, e) {
			return
		}
	}
}

// take removes the event that is next.
func (s *sender) take() ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return nil, false
	}
	at := 0
	if s.opts.Reverse {
		at = len(s.queue) - 1
	}
	e := s.queue[at]
	s.queue = slices.Delete(s.queue, at, at+1)
	return e, true
}

// deliver sends an event until it was taken as often as Repeat says; false when the sender has ended.
func (s *sender) deliver(ctx context.Context, plain []byte) bool {
	left := max(s.opts.Repeat, 1)
	for try := 0; try < attempts && left > 0; try++ {
		if s.push(ctx, plain) {
			left--
			continue
		}
		t := time.NewTimer(s.opts.RetryGap)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return false
		}
	}
	return ctx.Err() == nil
}

// push sends an event once and tells whether it was taken: the answer is the word success, in plain or sealed.
func (s *sender) push(ctx context.Context, plain []byte) bool {
	body := s.sealed(plain)
	s.mu.Lock()
	s.sent = append(s.sent, body)
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opts.EventURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json;charset=UTF-8")
	resp, err := s.opts.Client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil || resp.StatusCode != http.StatusOK || !s.successful(said) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken++
	return true
}

func (s *sender) successful(said []byte) bool {
	if string(said) == "success" {
		return true
	}
	var p struct{ Encrypt string }
	if json.Unmarshal(said, &p) != nil {
		return false
	}
	sealed, err := base64.StdEncoding.DecodeString(p.Encrypt)
	if err != nil || len(sealed) < 2*aes.BlockSize || len(sealed)%aes.BlockSize != 0 {
		return false
	}
	key := s.key()
	block, _ := aes.NewCipher(key)
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(sealed, sealed)
	n := binary.BigEndian.Uint32(sealed[16:20])
	return int(n) == len("success") && bytes.HasPrefix(sealed[20:], []byte("success"))
}

func (s *sender) pushes() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Taken tells how many events were taken, repeats counted.
func (s *YonBIP) Taken() int {
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	return s.events.taken
}

// key is the AES key: the secret without hyphens, cut or padded with 0 to 43 characters, read as Base64.
func (s *sender) key() []byte {
	text := strings.ReplaceAll(s.opts.AppSecret, "-", "")
	text = (text + strings.Repeat("0", 43))[:43]
	key, _ := base64.StdEncoding.DecodeString(text + "=")
	return key
}

// sealed is the body of a push: encrypted and signed as the app's generation gets it.
func (s *sender) sealed(plain []byte) []byte {
	var head [20]byte
	_, _ = rand.Read(head[:16])
	binary.BigEndian.PutUint32(head[16:], uint32(len(plain))) //nolint:gosec // an event is far shorter
	text := slices.Concat(head[:], plain, []byte(s.opts.AppKey))
	pad := 32 - len(text)%32
	text = append(text, bytes.Repeat([]byte{byte(pad)}, pad)...)
	key := s.key()
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(text, text)
	encrypt := base64.StdEncoding.EncodeToString(text)
	nonce, now := strings.ReplaceAll(uuid.NewString(), "-", "")[:16], s.now().UnixMilli()
	timestamp := strconv.FormatInt(now, 10)
	out := map[string]any{"timestamp": now, "nonce": nonce, "encrypt": encrypt}
	if s.opts.OldEvents {
		parts := []string{s.opts.AppSecret, timestamp, nonce, encrypt}
		slices.Sort(parts)
		sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // the platform's choice
		out["msgSignature"], out["timestamp"] = hex.EncodeToString(sum[:]), timestamp
	} else {
		parts := []string{timestamp, nonce, encrypt}
		slices.Sort(parts)
		mac := hmac.New(sha256.New, []byte(s.opts.AppSecret))
		mac.Write([]byte(strings.Join(parts, "")))
		out["signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	body, _ := json.Marshal(out)
	return body
}
