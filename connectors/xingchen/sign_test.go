package xingchen

import "testing"

// TestPublishedSignatures uses the worked example of the public integration guides.
func TestPublishedSignatures(t *testing.T) {
	t.Parallel()
	_, signed := queries(map[string]string{"page_size": "100", "page": "1"})
	got := signature("jdy-demo-client-secret", "GET", "/jdy/v2/bd/customer", signed, "1234567890", "1767225600000")
	if want := "YTE1YmI0ZjU2Nzc4M2FkNTQ4YTYxM2VkNzVhODVmMWY3YTA1ZWRiM2I1NGM3YmNjMWQ3MWE0YzQ4Mjc1YTA1OA=="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	got = mac("demoappsecret0001", "AbCd1234")
	if want := "NDJjNmEwMTk1NjBiMDZkNTE3MmM1NjIyOTZmOWU3ZGFhZmI5MWY2YjRhMzA0ZTUwYjc0Y2Q1ODZhNGI0ZGNjMw=="; got != want {
		t.Errorf("app_signature %s, want %s", got, want)
	}
}

func TestValuesAreSentOnceAndSignedTwiceEncoded(t *testing.T) {
	t.Parallel()
	sent, signed := queries(map[string]string{"search": "a b/中", "page": "1"})
	if sent != "page=1&search=a%20b%2F%E4%B8%AD" || signed != "page=1&search=a%2520b%252F%25E4%25B8%25AD" {
		t.Errorf("sent %s, signed %s", sent, signed)
	}
}
