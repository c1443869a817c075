package mongo_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lingke/internal/store/mongo"
)

func TestDatabaseName(t *testing.T) {
	for _, c := range []struct{ name, uri, want string }{
		{"the path names it", "mongodb://localhost:27017/sales", "sales"},
		{"no path means lingke", "mongodb://localhost", "lingke"},
		{"an empty path means lingke", "mongodb://localhost/?replicaSet=rs0", "lingke"},
		{"several hosts have one path", "mongodb://a:1,b:2,[::1]:3/sales?replicaSet=rs0", "sales"},
		{"a password may look like anything", "mongodb://u:p%2F%40%3F@a/sales?x=/y", "sales"},
		{"a socket's name is encoded", "mongodb://%2Ftmp%2Fmongodb-27017.sock/sales", "sales"},
		{"Chinese is allowed", "mongodb+srv://cluster.example.com/%E9%A2%86%E5%AE%A2", "领客"},
		{"another scheme is refused", "sqlite://data/lingke.db", ""},
		{"no scheme is refused", "localhost:27017", ""},
		{"a dot is refused", "mongodb://localhost/a.b", ""},
		{"two parts are refused", "mongodb://localhost/a/b", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := mongo.DatabaseName(c.uri)
			if got != c.want || errors.Is(err, mongo.ErrURI) != (c.want == "") {
				t.Fatalf("DatabaseName(%q) = %q, %v", c.uri, got, err)
			}
		})
	}
}

func FuzzDatabaseName(f *testing.F) {
	for _, uri := range []string{"mongodb://a/b", "mongodb://u:p@a,b/%E9?x=/", "mongodb+srv:///", "mongodb://a/%zz"} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		name, err := mongo.DatabaseName(uri)
		if (err == nil) == (name == "") || strings.ContainsAny(name, "/.$ \x00") || len(name) > 63 {
			t.Errorf("DatabaseName(%q) = %q, %v", uri, name, err)
		}
	})
}

func TestErrorsHideThePassword(t *testing.T) {
	for _, uri := range []string{
		"mongodb://wang:geheim%40123@127.0.0.1:1/lingke?serverSelectionTimeoutMS=100",
		"mongodb://wang:geheim%40123@127.0.0.1:99999/lingke",
		"mongodb://wang:geheim%40123@/lingke",
		"mongodb://wang:geheim%40123@127.0.0.1/lingke?authMechanism=nonsense",
		"mongodb://wang:geheim%40123@127.0.0.1/a.b",
	} {
		_, err := mongo.Open(t.Context(), uri)
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("Open(%s) = %v", uri, err)
		}
	}
	cause := errors.New("cannot read wang:geheim%40123 nor geheim@123")
	err := mongo.HideSecrets(cause, "mongodb://wang:geheim%40123@a/b")
	if strings.Contains(err.Error(), "geheim") || !errors.Is(err, cause) {
		t.Errorf("HideSecrets = %v", err)
	}
}

func TestOpenWithoutServerEnds(t *testing.T) {
	begin := time.Now()
	_, err := mongo.Open(t.Context(), "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100")
	if err == nil || time.Since(begin) > 5*time.Second {
		t.Fatalf("Open = %v after %v", err, time.Since(begin))
	}
}
