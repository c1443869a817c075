package wecom

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// padBlock is the block size of the padding: 32, although AES has 16.
const padBlock = 32

var errSealed = errors.New("the encrypted text cannot be opened")

// crypt is the callback encryption of one app: AES-256-CBC over 16 random bytes, a length, the message and the receive id.
type crypt struct {
	token, receiveID string
	key              []byte
	err              error // why the key is unusable
}

// newCrypt takes a key whose last character may carry two spare bits, as the official sample key does.
func newCrypt(token, encodingAESKey, receiveID string) *crypt {
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	if err == nil && len(key) != 32 {
		err = fmt.Errorf("it has %d bytes", len(key))
	}
	if err != nil {
		err = fmt.Errorf("EncodingAESKey: want 43 characters of base64: %w", err)
	}
	return &crypt{token, receiveID, key, err}
}

// signature is SHA-1 over the four strings in byte order.
func (c *crypt) signature(timestamp, nonce, encrypted string) string {
	parts := []string{c.token, timestamp, nonce, encrypted}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

func randomBlock() []byte {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails (crypto/rand)
	return b
}

func (c *crypt) seal(random, msg []byte) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	block, err := aes.NewCipher(c.key)
	if err != nil {
		return "", fmt.Errorf("callback key: %w", err)
	}
	text := slices.Clone(random)
	text = binary.BigEndian.AppendUint32(text, uint32(len(msg)))
	text = append(append(text, msg...), c.receiveID...)
	pad := padBlock - len(text)%padBlock
	text = append(text, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, c.key[:aes.BlockSize]).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(text), nil
}

func (c *crypt) open(encrypted string) ([]byte, error) {
	if c.err != nil {
		return nil, c.err
	}
	text, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: not whole blocks of base64", errSealed)
	}
	block, err := aes.NewCipher(c.key)
	if err != nil {
		return nil, fmt.Errorf("callback key: %w", err)
	}
	cipher.NewCBCDecrypter(block, c.key[:aes.BlockSize]).CryptBlocks(text, text)
	return c.unpack(text)
}

// unpack takes the message out of the opened text and checks for whom it is.
func (c *crypt) unpack(text []byte) ([]byte, error) {
	pad := int(text[len(text)-1])
	if pad < 1 || pad > padBlock || pad > len(text)-20 {
		return nil, fmt.Errorf("%w: bad padding", errSealed)
	}
	text = text[16 : len(text)-pad]
	size := int64(binary.BigEndian.Uint32(text))
	if size > int64(len(text)-4) {
		return nil, fmt.Errorf("%w: bad length", errSealed)
	}
	msg, receiver := text[4:4+size], text[4+size:]
	if string(receiver) != c.receiveID {
		return nil, fmt.Errorf("%w: it is for another receiver", errSealed)
	}
	return msg, nil
}
