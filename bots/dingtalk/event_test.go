package dingtalk

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lingke/internal/testdata"
)

type vector struct {
	name, token, key, owner, timestamp, nonce, encrypt, signature, random, message string
}

// The platform's own vectors (its callback crypto samples and its page on event subscriptions), and three that two
// independent implementations agree on.
var vectors = []vector{
	{"platform sample", "mryue", "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7", "ding6ccabc44d2c8d38b", "1608001896814", "WL4PK6yA",
		"0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
		"03044561471240d4a14bb09372dfcfd4fd0e40cb", "l7Y3EcX2CU5w8av3", `{"EventType":"check_url"}`},
	{"platform page", "123456", "1234567890123456789012345678901234567890123", "dingsnotzck6pm5veliw", "1614767836", "A7Co0cJLMzIDtMMI",
		"YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
		"9a95a004dd16f5c307e849b994173f76aa26e5eb", "dICkEDLj0eb6yAbc", "success"},
	{"check_url", ownToken, ownKey, ownOwner, "1700000000000", "nonce123",
		"FNtYuHZGcjIsYDBRFJT5O/BfRG0o5ddDhErCdUjpqkjwjL9+NKa+NZKZOYnhWTv8S++rM7kQVDGVYpjW/QqSdUgdGg0RECOz+sHiCMnBWH9f6/k4KXd17LOErC+K+wab",
		"c9037e200511aacb360896f4b7a5ab499543a0ac", "0123456789abcdef", `{"EventType":"check_url"}`},
	{"chinese", ownToken, ownKey, ownOwner, "1700000000000", "nonce123",
		"FNtYuHZGcjIsYDBRFJT5O1mzUIz2wm/hGDrSimwasiTCfhqcreWf2ZQ/rn+ZuxFmj5/elNO5sZ6hI8pw55283PDZ8TrJxI+igl19OZjqjI9wV/c2B9nvsjfphx3CbBMXF+5pfJn5Sgsogfdd71k4u+dQ6diPCBRFyqpZX7jx8Tc=",
		"bc2a23a5064a96976f390f8c6aae411ba9017f03", "0123456789abcdef", `{"EventType":"bpms_instance_change","title":"合同审批"}`},
	{"answer", ownToken, ownKey, ownOwner, "1700000001000", "nonce456",
		"9OTu7Pxs0pWAjSJfRqLJV0qd8Wd004l1bSFfRnarRLrS3esDxsgknmg0+wazw6keF1SRJ6vVC52nq7oiyFlcIg==",
		"7d60843ab544322079454f6a78a69397fec80709", "fedcba9876543210", "success"},
}

const (
	ownToken = "crmtoken2026"
	ownKey   = "abcdefghijABCDEFGHIJ0123456789abcdefghijABC"
	ownOwner = "dingexampleappkey01"
)

func mustEvents(t testing.TB, token, key string, owners ...string) *Events {
	t.Helper()
	e, err := NewEvents(token, key, owners...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPublishedEvents(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		e := mustEvents(t, v.token, v.key, v.owner)
		if got := e.Sign(v.timestamp, v.nonce, v.encrypt); got != v.signature {
			t.Errorf("%s: signature %s", v.name, got)
		}
		message, err := e.Open(v.signature, v.timestamp, v.nonce, v.encrypt)
		if err != nil || string(message) != v.message {
			t.Errorf("%s: %q, %v", v.name, message, err)
		}
		if encrypt, err := e.encrypt([]byte(v.random), []byte(v.message)); err != nil || encrypt != v.encrypt {
			t.Errorf("%s: encrypts to %s, %v", v.name, encrypt, err)
		}
	}
	if key, _ := eventKey(ownKey); hex.EncodeToString(key) != "69b71d79f8218a3001083105187209d35db7e39ebbf3d69b71d79f8218a30010" {
		t.Errorf("key %x", key)
	}
}

func TestSharedVectors(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			ID           string
			Platform, Op string
			Token        string
			Key          string `json:"aes_key"`
			Owner        string `json:"owner_key"`
			Timestamp    string
			Nonce        string
			Signature    string `json:"msg_signature"`
			Encrypt      string
			Secret       string
			ToSign       string `json:"string_to_sign"`
			Expect       struct{ Msg, Sign, Signature string }
		}
	}
	if err := json.Unmarshal(testdata.Read(t, "vectors/callback_crypto.json"), &file); err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, v := range file.Vectors {
		if v.Platform != "dingtalk" {
			continue
		}
		var got, want string
		switch v.Op {
		case "decrypt":
			message, err := mustEvents(t, v.Token, v.Key, v.Owner).Open(v.Signature, v.Timestamp, v.Nonce, v.Encrypt)
			if err != nil {
				t.Errorf("%s: %v", v.ID, err)
			}
			got, want = string(message), v.Expect.Msg
		case "hmac_sha256_base64":
			got, want = sign(v.Secret, v.ToSign), v.Expect.Signature
		case "robot_sign":
			got, want = RobotSign(v.Secret, v.Timestamp), v.Expect.Sign
		default:
			t.Errorf("%s: unknown op %s", v.ID, v.Op)
		}
		if used++; got != want {
			t.Errorf("%s: %q, want %q", v.ID, got, want)
		}
	}
	if used < 3 {
		t.Errorf("only %d vectors", used)
	}
}

func TestEventsRefuse(t *testing.T) {
	t.Parallel()
	v := vectors[2]
	e := mustEvents(t, ownToken, ownKey, ownOwner)
	seal := func(plain []byte) string { // a correct signature over any plaintext
		return base64.StdEncoding.EncodeToString(plain)
	}
	other, err := mustEvents(t, ownToken, ownKey, "another").Seal(v.timestamp, v.nonce, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, signature, nonce, encrypt string
		want                            error
	}{
		{"another nonce", v.signature, "nonce124", v.encrypt, ErrSignature},
		{"an empty signature", "", v.nonce, v.encrypt, ErrSignature},
		{"upper case", "C9037E200511AACB360896F4B7A5AB499543A0AC", v.nonce, v.encrypt, ErrSignature},
		{"not base64", e.Sign(v.timestamp, v.nonce, "!!"), v.nonce, "!!", ErrEncrypted},
		{"nothing", e.Sign(v.timestamp, v.nonce, ""), v.nonce, "", ErrEncrypted},
		{"half a block", e.Sign(v.timestamp, v.nonce, seal(make([]byte, 17))), v.nonce, seal(make([]byte, 17)), ErrEncrypted},
		{"noise", e.Sign(v.timestamp, v.nonce, seal(make([]byte, 64))), v.nonce, seal(make([]byte, 64)), ErrEncrypted},
		{"another owner", other.Signature, other.Nonce, other.Encrypt, ErrEncrypted},
	} {
		if got, err := e.Open(c.signature, v.timestamp, c.nonce, c.encrypt); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	for name, key := range map[string]string{"short": "x", "not base64": "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"} {
		if _, err := NewEvents("t", key, "o"); err == nil {
			t.Errorf("a %s key is taken", name)
		}
	}
}

func TestSealedEventsOpen(t *testing.T) {
	t.Parallel()
	e := mustEvents(t, ownToken, ownKey, ownOwner)
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.String().Draw(t, "message")
		a, err := e.Seal("1", "n", []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Open(a.Signature, a.Timestamp, a.Nonce, a.Encrypt); err != nil || string(got) != message {
			t.Fatalf("%q became %q, %v", message, got, err)
		}
	})
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	robotAt, cardAt := time.UnixMilli(1577262236757), time.UnixMilli(1700000000000)
	const robotSecret, robotSign, robotStamp = "this is a secret", "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA=", "1577262236757"
	const cardSecret, cardSign, cardStamp = "cardSecret1", "m7kzlYDETJJesEwCnGj/lZY3U3gRvTWHI0p+3sSWItQ=", "1700000000000"
	for _, c := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"robot", VerifyRobot(robotSecret, robotStamp, robotSign, robotAt), true},
		{"robot an hour later", VerifyRobot(robotSecret, robotStamp, robotSign, robotAt.Add(time.Hour)), true},
		{"robot beyond the hour", VerifyRobot(robotSecret, robotStamp, robotSign, robotAt.Add(time.Hour+time.Second)), false},
		{"robot from the future", VerifyRobot(robotSecret, robotStamp, robotSign, robotAt.Add(-time.Hour-time.Second)), false},
		{"robot with another secret", VerifyRobot("other", robotStamp, robotSign, robotAt), false},
		{"robot with another time", VerifyRobot(robotSecret, "1577262236758", robotSign, robotAt), false},
		{"robot without a secret", VerifyRobot("", robotStamp, RobotSign("", robotStamp), robotAt), false},
		{"robot without a time", VerifyRobot(robotSecret, "", RobotSign(robotSecret, ""), robotAt), false},
		{"card", VerifyCard(cardSecret, cardStamp, cardSign, cardAt), true},
		{"card too late", VerifyCard(cardSecret, cardStamp, cardSign, cardAt.Add(11*time.Minute)), false},
		{"card without a secret", VerifyCard("", cardStamp, CardSign("", cardStamp), cardAt), false},
		{"card with the robot's rule", VerifyCard(cardSecret, cardStamp, RobotSign(cardSecret, cardStamp), cardAt), false},
	} {
		if (c.err == nil) != c.ok || (c.err != nil && !errors.Is(c.err, ErrSignature)) {
			t.Errorf("%s: %v", c.name, c.err)
		}
	}
}

func FuzzEvent(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.encrypt, v.signature)
	}
	e := mustEvents(f, ownToken, ownKey, ownOwner)
	f.Fuzz(func(t *testing.T, encrypt, signature string) {
		for _, s := range []string{signature, e.Sign("1", "n", encrypt)} {
			message, err := e.Open(s, "1", "n", encrypt)
			if (err == nil) != (message != nil) {
				t.Errorf("%q beside %v", message, err)
			}
			if err != nil && !errors.Is(err, ErrSignature) && !errors.Is(err, ErrEncrypted) {
				t.Errorf("unnamed error %v", err)
			}
		}
	})
}
