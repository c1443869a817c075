package kingdee

import (
	"net/http"
	"testing"
)

// example is the worked example of the specification, checked there with two programs.
func example() Config {
	return Config{BaseURL: "https://erp.example.com/k3cloud/", AcctID: "6512f0c1a2b3c4", Username: "integration", LCID: 2052, OrgNum: "100",
		AppID: "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld", AppSecret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}
}

func TestSignReproducesTheWorkedExample(t *testing.T) {
	t.Parallel()
	const path = "/k3cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.ExecuteBillQuery.common.kdsvc"
	for stamp, signature := range map[string]string{
		"1767225600":    "MGNmOGEzZTlkNmNlMDAwM2UyZjA1YzU0YTg4ZDU5NDc2ZTVjMmY2ZTRlNTVkNjI5OGE5MDcwMjhlNjk3MjQzNw==",
		"1767225600000": "NDQ0YTFmOTEzMmMyNTA1YzJlMTRkZjc3YTIzZGFiNjNkNTFiZWFiMTQwZjNlOTUxZjBjYTFhNWEzM2RmMjk5YQ==",
	} {
		h := http.Header{}
		if err := sign(h, example(), path, stamp); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"X-Api-ClientID":     "300001",
			"X-Api-Auth-Version": "2.0",
			"x-api-timestamp":    stamp,
			"x-api-nonce":        stamp,
			"x-api-signheaders":  "X-Api-TimeStamp,X-Api-Nonce",
			"X-Api-Signature":    signature,
			"X-Kd-Appkey":        "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld",
			"X-Kd-Appdata":       "NjUxMmYwYzFhMmIzYzQsaW50ZWdyYXRpb24sMjA1MiwxMDA=",
			"X-Kd-Signature":     "NjhlY2Y1YzkxZjRlNDFhNTAzOTIwYWZlZmM0MTVhNmQ3MjM1MzNmYWQ2YjQxOGI2YmEwMjBkYzM3OWI2NmFiNA==",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("stamp %s: %s = %q, want %q", stamp, name, got, want)
			}
		}
	}
}

func TestClientSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, id, want string
		fails          bool
	}{
		{"worked example", example().AppID, "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u", false},
		{"no second part signs nothing", "300001", "", false},
		{"second part is not base64", "300001_***", "", true},
		{"second part is too long", "1_" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", true},
	} {
		got, err := clientSecret(c.id)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: clientSecret = %q, %v", c.name, got, err)
		}
	}
}

func TestLoginSignReproducesTheWorkedExample(t *testing.T) {
	t.Parallel()
	const want = "1feaf87125399230dd3feef20550e4e88ffb6d9a6de9f837b5a5996e81d35927"
	if got := loginSign(example(), "1767225600"); got != want {
		t.Errorf("loginSign = %q, want %q", got, want)
	}
}
