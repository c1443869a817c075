package configs

import (
	"strings"
	"testing"
)

func TestAnnouncementsAreCheckedByPlace(t *testing.T) {
	_, err := Parse("lingke.yaml", []byte(`
webhooks:
  - {url: "ftp://x.example/", secret: "0123456789abcdef"}
  - {url: "http://x.example/a", secret: short, events: [teir]}
  - {url: "https://y.example/a", secret: "0123456789abcdef"}
  - {url: "https://y.example/b", secret: "0123456789abcdef"}
  - {secret: "0123456789abcdef"}
groups:
  - {platform: slack, conversation: c1}
  - {platform: wecom}
`[1:]), func(string) (string, bool) { return "", false })
	if err == nil {
		t.Fatal("no problem found")
	}
	for _, want := range []string{
		":2:11: the url is not one", ":3:11: the url is not one", ":3:41: the secret is too short", `:3:57: unknown events "teir"; did you mean "tier"?`,
		`two webhooks are called "y.example"`, `:6:5: "url" is missing`, `:8:16: unknown platform "slack"`, `:9:5: "conversation" is missing`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("lacks %q in\n%s", want, err)
		}
	}
}

func TestAnnouncementsHaveDefaults(t *testing.T) {
	cfg := mustParse(t, `webhooks: [{url: "https://y.example/a?token=x", secret: "0123456789abcdef"}, {name: local, url: "http://127.0.0.1/", secret: "0123456789abcdef", allow_private: true, events: [owner]}]
groups: [{platform: wecom, conversation: chat1}]
`)
	text := strings.Join(cfg.Summary(), "\n")
	for _, want := range []string{"y.example: tier, score, owner", "local: owner", "wecom chat1: tier"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "0123456789abcdef") || strings.Contains(text, "token=x") {
		t.Errorf("a secret is shown:\n%s", text)
	}
}
