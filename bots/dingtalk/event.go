package dingtalk

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the platform's signature is SHA-1
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Layout of an encrypted event: 16 random bytes, the message's length as 4 bytes, the message, the owner's key; padded
// to a multiple of 32 (the platform's own Go sample pads to 16) and encrypted with AES-256-CBC.
const (
	eventRandom = 16
	eventHeader = eventRandom + 4
	eventBlock  = 32
)

// ErrSignature: the callback was not signed with our secret, or not in its time window.
var ErrSignature = errors.New("dingtalk: the callback's signature is refused")

// ErrEncrypted: the signature was right, but the content does not decrypt to a message for this app.
var ErrEncrypted = errors.New("dingtalk: the event does not decrypt")

// Events opens and seals the encrypted events of HTTP mode. It may be used from several goroutines.
type Events struct {
	token  string
	key    []byte
	owners []string // the first one seals
}

// NewEvents takes the token and the 43-character key from the console. owners are the ids that an event may be meant
// for: the app key for a subscription made in the console, the corp id for one made by API.
func NewEvents(token, aesKey string, owners ...string) (*Events, error) {
	key, err := eventKey(aesKey)
	if err != nil {
		return nil, fmt.Errorf("dingtalk: event key: %w", err)
	}
	if token == "" || len(owners) == 0 {
		return nil, errors.New("dingtalk: events need a token and an owner")
	}
	return &Events{token: token, key: key, owners: owners}, nil
}

// eventKey decodes an EncodingAESKey. The last character has two spare bits, which valid keys set at will.
func eventKey(text string) ([]byte, error) {
	if len(text) != 43 {
		return nil, errors.New("it is not 43 characters long")
	}
	key, err := base64.StdEncoding.DecodeString(text + "=")
	if err != nil || len(key) != 32 {
		return nil, errors.New("it is not base64 of 32 bytes") // the cause would quote the key's bytes
	}
	return key, nil
}

// Sign is the lower-case hex SHA-1 of token, timestamp, nonce and encrypt, sorted as bytes and joined.
func (e *Events) Sign(timestamp, nonce, encrypt string) string {
	parts := []string{e.token, timestamp, nonce, encrypt}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

// Open checks the signature in constant time and returns the message. The error wraps ErrSignature or ErrEncrypted.
func (e *Events) Open(signature, timestamp, nonce, encrypt string) ([]byte, error) {
	if subtle.ConstantTimeCompare([]byte(e.Sign(timestamp, nonce, encrypt)), []byte(signature)) != 1 {
		return nil, ErrSignature
	}
	plain, err := e.decrypt(encrypt)
	if err != nil {
		return nil, err
	}
	return e.message(plain)
}

func (e *Events) decrypt(encrypt string) ([]byte, error) {
	sealed, err := base64.StdEncoding.DecodeString(encrypt)
	if err != nil || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: not base64 of whole blocks", ErrEncrypted)
	}
	block, err := aes.NewCipher(e.key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, e.key[:aes.BlockSize]).CryptBlocks(plain, sealed)
	return plain, nil
}

// message takes the message out of the layout above; every length in it is checked against what is there.
func (e *Events) message(plain []byte) ([]byte, error) {
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > eventBlock || len(plain) < eventHeader+pad {
		return nil, fmt.Errorf("%w: padding", ErrEncrypted)
	}
	if !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, fmt.Errorf("%w: padding", ErrEncrypted)
	}
	body := plain[eventHeader : len(plain)-pad]
	length := binary.BigEndian.Uint32(plain[eventRandom:eventHeader])
	if uint64(length) > uint64(len(body)) {
		return nil, fmt.Errorf("%w: length", ErrEncrypted)
	}
	if owner := string(body[length:]); !slices.Contains(e.owners, owner) {
		return nil, fmt.Errorf("%w: it is meant for another owner", ErrEncrypted)
	}
	return body[:length], nil
}

// EventAnswer is what an event is answered with; note the platform's capital S in timeStamp.
type EventAnswer struct {
	Signature string `json:"msg_signature"`
	Timestamp string `json:"timeStamp"`
	Nonce     string `json:"nonce"`
	Encrypt   string `json:"encrypt"`
}

// Seal encrypts and signs message, usually "success".
func (e *Events) Seal(timestamp, nonce string, message []byte) (EventAnswer, error) {
	random := make([]byte, eventRandom)
	if _, err := rand.Read(random); err != nil {
		return EventAnswer{}, fmt.Errorf("dingtalk: seal event: %w", err)
	}
	encrypt, err := e.encrypt(random, message)
	if err != nil {
		return EventAnswer{}, fmt.Errorf("dingtalk: seal event: %w", err)
	}
	return EventAnswer{e.Sign(timestamp, nonce, encrypt), timestamp, nonce, encrypt}, nil
}

func (e *Events) encrypt(random, message []byte) (string, error) {
	plain := binary.BigEndian.AppendUint32(slices.Clone(random), uint32(len(message))) //nolint:gosec // our own, short
	plain = append(append(plain, message...), e.owners[0]...)
	pad := eventBlock - len(plain)%eventBlock
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(e.key)
	if err != nil {
		return "", err
	}
	cipher.NewCBCEncrypter(block, e.key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}
