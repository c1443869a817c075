package wecom

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// envelopeCipher signs, encrypts and decrypts what goes over the callback URL (document 91144): AES-256-CBC with the IV
// from the key, PKCS#7 to 32 bytes; plain text = 16 random bytes, 4 bytes big-endian length, message, corp id.
type envelopeCipher struct {
	token  string
	corpID string
	key    []byte
}

// newEnvelopeCipher decodes the key once. Its 43rd character may carry two spare bits, which the decoder must not mind.
func newEnvelopeCipher(cfg Config) (envelopeCipher, error) {
	key, err := base64.StdEncoding.DecodeString(cfg.EncodingAESKey + "=")
	if err != nil || len(key) != 32 {
		return envelopeCipher{}, errors.New("encoding_aes_key must be the 43 letters and digits of the console")
	}
	return envelopeCipher{token: cfg.Token, corpID: cfg.CorpID, key: key}, nil
}

// signed reports whether signature is the one for the three parts, in constant time.
func (c envelopeCipher) signed(signature, timestamp, nonce, encrypted string) bool {
	want := util.Signature(c.token, timestamp, nonce, encrypted)
	return subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1
}

// encrypt seals msg for this enterprise.
func (c envelopeCipher) encrypt(random, msg string) string {
	return base64.StdEncoding.EncodeToString(util.AESEncryptMsg([]byte(random), []byte(msg), c.corpID, c.key))
}

func (c envelopeCipher) sign(timestamp, nonce, encrypted string) string {
	return util.Signature(c.token, timestamp, nonce, encrypted)
}

// decrypt returns the message, after it has checked that it is for this enterprise.
func (c envelopeCipher) decrypt(encrypted string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil {
		return nil, errors.New("the cipher text is not base64")
	}
	_, msg, receiver, err := util.AESDecryptMsg(raw, c.key)
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	if subtle.ConstantTimeCompare(receiver, []byte(c.corpID)) != 1 {
		return nil, errOtherCorp
	}
	return msg, nil
}

var errOtherCorp = errors.New("the message is for another enterprise")

// reply encrypts and signs msg as the answer to a callback.
func (c envelopeCipher) reply(msg string, at time.Time) string {
	return c.seal(msg, rand.Text()[:16], rand.Text(), at)
}

// seal is reply with the two random parts given.
func (c envelopeCipher) seal(msg, random, nonce string, at time.Time) string {
	encrypted := c.encrypt(random, msg)
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return "<xml><Encrypt>" + cdata(encrypted) + "</Encrypt><MsgSignature>" +
		cdata(c.sign(timestamp, nonce, encrypted)) + "</MsgSignature><TimeStamp>" + timestamp +
		"</TimeStamp><Nonce>" + cdata(nonce) + "</Nonce></xml>"
}
