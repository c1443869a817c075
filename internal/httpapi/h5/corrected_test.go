package h5

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/batch"
	"lingke/internal/cards"
	"lingke/internal/store"
	"lingke/scoring"
)

// kept are the files of imports; the rest of the records is not asked for.
type kept struct {
	records

	files map[string]string
}

func (k kept) Attachment(_ context.Context, id, name string) ([]byte, error) {
	content, ok := k.files[id+"/"+name]
	if !ok {
		return nil, store.ErrNotFound
	}
	return []byte(content), nil
}

type staff map[string]access.Person

func (s staff) ByID(id string) (access.Person, bool) { p, ok := s[id]; return p, ok }

func (staff) ByPlatform(string, string) (access.Person, bool) { return access.Person{}, false }

// noted is a read log.
type noted []access.Read

func (l *noted) Add(_ context.Context, r access.Read) error { *l = append(*l, r); return nil }

func (*noted) Find(context.Context, access.ReadQuery) ([]access.Read, string, error) {
	return nil, "", nil
}

func TestTheCorrectedCopyIsForManagersWhoSaidWhoTheyAre(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	keys, err := access.Derive("pages", "the present secret of the tests")
	if err != nil {
		t.Fatal(err)
	}
	people := staff{"boss": {ID: "boss", Role: access.RoleManager}, "zw": {ID: "zw", Role: access.RoleRep}}
	log := new(noted)
	d := Deps{
		Records: kept{files: map[string]string{"b1/" + batch.ProblemsAttachment: "PK the rows"}}, Reads: log, People: people, Keys: keys,
		Links: access.NewLinks(keys, "https://crm.example.com"), Cards: cards.New(scoring.Points(), time.UTC, nil), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	}
	pages, sessions := New(d), &server{d}
	get := func(who, id string, until time.Time) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, d.Links.Path("/h5/imports/"+id+"/problems.xlsx", "boss", until), nil)
		if who != "" {
			r.AddCookie(sessions.cookie(sessionCookie, sessions.signed("session", who, now.Add(time.Hour)), time.Hour))
		}
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w
	}
	for _, tt := range []struct {
		name, who, id string
		until         time.Time
		handed        bool
	}{
		{"to a manager", "boss", "b1", now.Add(time.Hour), true},
		{"not to a rep with a manager's link", "zw", "b1", now.Add(time.Hour), false},
		{"not to somebody unknown", "", "b1", now.Add(time.Hour), false},
		{"not by an old link", "boss", "b1", now, false},
		{"not of another import", "boss", "b2", now.Add(time.Hour), false},
	} {
		w := get(tt.who, tt.id, tt.until)
		if handed := w.Code == http.StatusOK && w.Body.String() == "PK the rows"; handed != tt.handed || strings.Contains(w.Body.String(), "PK") != tt.handed {
			t.Errorf("%s: %d %.80s", tt.name, w.Code, w.Body)
		}
	}
	if len(*log) != 1 || (*log)[0].Person != "boss" || (*log)[0].Command != "更正表" {
		t.Errorf("the read log has %+v", *log)
	}
}
