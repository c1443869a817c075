package dingtalk

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the platform's signature is SHA-1
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errSealed: something does not open with the app's key.
var errSealed = errors.New("cannot be opened")

// eventCrypt seals what HTTP mode pushes: 16 random bytes, length, message, owner; padded to 32; AES-256-CBC.
type eventCrypt struct {
	token, owner string
	key          []byte
}

func newEventCrypt(token, key, owner string) (eventCrypt, error) {
	raw, err := base64.StdEncoding.DecodeString(key + "=")
	if err != nil || len(raw) != 32 {
		return eventCrypt{}, errors.New("the event key is not 43 characters of base64")
	}
	return eventCrypt{token, owner, raw}, nil
}

func (c eventCrypt) sign(parts ...string) string {
	all := append([]string{c.token}, parts...)
	slices.Sort(all)
	sum := sha1.Sum([]byte(strings.Join(all, ""))) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}

func (c eventCrypt) seal(message []byte) (string, error) {
	plain := make([]byte, 16, 64+len(message))
	if _, err := rand.Read(plain); err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message))) //nolint:gosec // short
	plain = append(append(plain, message...), c.owner...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(c.key)
	if err != nil {
		return "", err
	}
	cipher.NewCBCEncrypter(block, c.key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}

func (c eventCrypt) open(sealed string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < 32 || len(raw)%16 != 0 {
		return nil, fmt.Errorf("%w: not whole blocks", errSealed)
	}
	block, err := aes.NewCipher(c.key)
	if err != nil {
		return nil, err
	}
	cipher.NewCBCDecrypter(block, c.key[:16]).CryptBlocks(raw, raw)
	pad := int(raw[len(raw)-1])
	if pad < 1 || pad > 32 || pad > len(raw)-20 {
		return nil, fmt.Errorf("%w: padding", errSealed)
	}
	raw = raw[:len(raw)-pad]
	size := int(binary.BigEndian.Uint32(raw[16:20]))
	if size > len(raw)-20 || string(raw[20+size:]) != c.owner {
		return nil, fmt.Errorf("%w: length or owner", errSealed)
	}
	return raw[20 : 20+size], nil
}
