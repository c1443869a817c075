package h5

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"lingke/internal/lang"
	"lingke/internal/lang/langtest"
)

// said is a saying of a template: both wordings stand side by side, as in Go.
var said = regexp.MustCompile(`\{\{(?:if [^}]*\}\}\{\{)?(?:\$l|\.L)\.Say "([^"]*)" "([^"]*)"\}\}`)

func TestEverythingIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	langtest.Check(t, ".")
	paths, err := filepath.Glob("pages/*.html")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	isHan := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	for _, path := range paths {
		text, err := os.ReadFile(path) //nolint:gosec // a file of the package
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllSubmatch(text, -1) {
			if zh, en := string(m[1]), string(m[2]); zh == "" || en == "" || strings.ContainsFunc(en, isHan) {
				t.Errorf("%s: %q in English is %q", path, zh, en)
			}
		}
		if rest := said.ReplaceAllString(string(text), ""); strings.ContainsFunc(rest, isHan) {
			at := strings.IndexFunc(rest, isHan)
			t.Errorf("%s: said in Chinese only: …%s…", path, rest[at:min(len(rest), at+60)])
		}
	}
}

func TestABrowserSaysWhatItsOwnerReads(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]lang.Language{
		"": lang.Chinese, "zh-CN,zh;q=0.9,en;q=0.8": lang.Chinese, "en-US,en;q=0.9": lang.English, "en;q=0.5, zh-HK;q=0.6": lang.Chinese, "fr-FR, en-GB;q=0.3": lang.English,
		"fr": lang.Chinese, "*": lang.Chinese, "en;q=0": lang.Chinese, "EN": lang.English, "en;q=x,zh;q=0.1": lang.Chinese,
	} {
		if got := preferred(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
