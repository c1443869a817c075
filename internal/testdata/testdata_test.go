package testdata_test

import (
	"os"
	"path/filepath"
	"testing"

	"lingke/internal/testdata"
)

func TestTheNamedFolderIsTheOnlyPlace(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LINGKE_TEST_DATA", dir)
	if got := testdata.File(t, "a.csv"); got != filepath.Join(dir, "a.csv") || string(testdata.Read(t, "a.csv")) != "x" {
		t.Error(got)
	}
	skipped := false
	t.Run("a file that is nowhere", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		testdata.File(t, "missing.csv")
	})
	if !skipped {
		t.Error("the test goes on without its file")
	}
}

func TestTheFolderBesideAParentIsFound(t *testing.T) {
	top := t.TempDir()
	for _, dir := range []string{"shared/data", "lingke/connectors/deep"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "shared/data/b.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LINGKE_TEST_DATA", "")
	t.Chdir(filepath.Join(top, "lingke/connectors/deep"))
	if got := testdata.File(t, "b.csv"); filepath.Base(got) != "b.csv" {
		t.Error(got)
	}
}
