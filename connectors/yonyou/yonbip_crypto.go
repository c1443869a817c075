package yonyou

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what apps created before July 2022 sign with
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// errSealed says that a pushed text does not open with our secret.
var errSealed = errors.New("it does not open with app_secret")

// aesKey is the key of pushed events: the app's secret without hyphens, cut or padded with zeros to 43 characters, read as
// Base64. The 43 characters leave two bits over, which nobody checks.
func aesKey(appSecret string) ([]byte, error) {
	const chars = 43
	text := strings.ReplaceAll(appSecret, "-", "")
	text = (text + strings.Repeat("0", chars))[:chars]
	key, err := base64.StdEncoding.DecodeString(text + "=")
	if err != nil {
		return nil, errSealed
	}
	return key, nil
}

// unseal opens a pushed text: AES-256-CBC over 16 random bytes, the length, the JSON and the key of the app that it is
// meant for.
func unseal(encrypted, appSecret, appKey string) ([]byte, error) {
	key, err := aesKey(appSecret)
	if err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, errSealed
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errSealed
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(sealed, sealed)
	opened := unpad(sealed)
	const head = 16 + 4
	if len(opened) < head {
		return nil, errSealed
	}
	n := binary.BigEndian.Uint32(opened[16:head])
	rest := opened[head:]
	if uint64(n) > uint64(len(rest)) || !hmac.Equal(rest[n:], []byte(appKey)) {
		return nil, errSealed
	}
	return rest[:n], nil
}

// unpad strips PKCS#7 of a block of 32 bytes; where the last byte is none such there is no padding.
func unpad(b []byte) []byte {
	n := int(b[len(b)-1])
	if n < 1 || n > 32 || n > len(b) {
		return b
	}
	return b[:len(b)-n]
}

// eventSignature signs a push as apps created since July 2022 get it: the three texts in byte order, joined.
func eventSignature(appSecret, timestamp, nonce, encrypted string) string {
	return sign(appSecret, joined(timestamp, nonce, encrypted))
}

// oldEventSignature signs a push as older apps get it.
func oldEventSignature(appSecret, timestamp, nonce, encrypted string) string {
	sum := sha1.Sum([]byte(joined(appSecret, timestamp, nonce, encrypted))) //nolint:gosec // the platform's choice
	return hex.EncodeToString(sum[:])
}

func joined(texts ...string) string {
	slices.SortFunc(texts, func(a, b string) int { return bytes.Compare([]byte(a), []byte(b)) })
	return strings.Join(texts, "")
}
