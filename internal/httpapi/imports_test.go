package httpapi

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lingke/connectors/sheet"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/exports"
	"lingke/internal/imports"
	ingestion "lingke/internal/ingest"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

// desk is the real import service in the words of the HTTP side.
type desk struct{ *imports.Service }

func (d desk) PreviewImport(ctx context.Context, q imports.Request) (*imports.Preview, error) {
	return d.Preview(ctx, q)
}

func (d desk) Upload(ctx context.Context, q imports.Request) (*imports.Preview, error) {
	return d.Import(ctx, q, nil)
}

func (d desk) Recall(ctx context.Context, id string) (batch.Batch, error) { return d.Undo(ctx, id) }

func newDesk(s *sqlite.Store, take *ingestion.Service, now func() time.Time, log *slog.Logger) desk {
	var ids atomic.Int64
	return desk{&imports.Service{
		Ledger: s, Intake: take, Fields: func() []sheet.Field { return nil }, Pools: func() []string { return []string{"线索池"} },
		Reserved: func(source string) bool { return source == "kingdee" }, Limits: sheet.DefaultLimits(), Zone: time.UTC, Now: now,
		NewID: func() string { return fmt.Sprintf("b%03d", ids.Add(1)) }, Log: log,
	}}
}

func exportsOf(s *sqlite.Store, rules *ingestion.Rules) exporting {
	e := &exports.Service{
		Store: s, Models: func() scoring.Models { return rules.Models }, Explain: rules.Explain, Name: func(id string) string { return id }, Zone: time.UTC,
	}
	return func(ctx context.Context, q exports.Request, w io.Writer) (int, error) {
		return e.Write(ctx, q, func(title string, header []string) (sheet.Writer, error) {
			return sheet.NewWriter(w, q.File, title, time.UTC, header...)
		})
	}
}

// upload posts a file with the form's other fields.
func (w *world) upload(name string, content []byte, fields ...string) reply {
	w.t.Helper()
	body := new(bytes.Buffer)
	form := multipart.NewWriter(body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			w.t.Fatal(err)
		}
	}
	if name != "" {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			w.t.Fatal(err)
		}
		_, _ = part.Write(content)
	}
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, "/api/v1/imports", body)
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return w.send(r)
}

const customersCSV = "客户名称,电话,所属行业\n东方机械,13800138000,制造业\n华星电子,138001,电子\n远大贸易,010-62001234,贸易\n"

func TestAFileIsPreviewedImportedListedCorrectedAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	count := func() int {
		return len(decode[CustomerPage](t, w.api("GET", "/api/v1/customers", ""), 200).Customers)
	}
	dry := decode[ImportReport](t, w.upload("客户.csv", []byte(customersCSV), "person", "wangfang", "dry_run", "true"), 200)
	if dry.Batch.New != 2 || dry.Batch.Failed != 1 || len(dry.Problems) != 1 || dry.Problems[0].Row != 3 || dry.Problems[0].Column != "B" || count() != 0 {
		t.Fatalf("dry run: %+v, %d customers", dry, count())
	}
	reply := w.upload("客户.csv", []byte(customersCSV), "person", "wangfang", "pool", "线索池")
	if strings.Contains(reply.body, "13800138000") || strings.Contains(reply.body, "62001234") {
		t.Errorf("a whole phone number left: %s", reply.body)
	}
	made := decode[ImportReport](t, reply, 201)
	if made.Batch.State != batch.Done || made.Batch.By != "wangfang" || made.Batch.Pool != "线索池" || made.Batch.File != "客户.csv" || count() != 2 {
		t.Fatalf("import: %+v, %d customers", made.Batch, count())
	}
	again := decode[ImportReport](t, w.upload("客户.csv", []byte(customersCSV), "person", "wangfang", "dry_run", "true"), 200)
	if again.Batch.New != 0 || again.Batch.Unchanged != 2 || len(again.Before) != 1 || again.Before[0].ID != made.Batch.ID {
		t.Errorf("the same again: %+v", again)
	}
	path := "/api/v1/imports/" + made.Batch.ID
	list := decode[ImportPage](t, w.api("GET", "/api/v1/imports", ""), 200)
	if len(list.Imports) != 1 || list.Imports[0].ID != made.Batch.ID || decode[batch.Batch](t, w.api("GET", path, ""), 200).New != 2 {
		t.Errorf("list: %+v", list)
	}
	problems := w.api("GET", path+"/problems.xlsx?person=wangfang", "")
	book, err := zip.NewReader(strings.NewReader(problems.body), int64(len(problems.body)))
	if problems.status != 200 || problems.header.Get("Content-Type") != fileTypes[".xlsx"] || err != nil || len(book.File) == 0 {
		t.Errorf("problems: %d %v %v", problems.status, problems.header, err)
	}
	if undone := decode[batch.Batch](t, w.api("DELETE", path+"?person=wangfang", ""), 200); undone.State != batch.Undone {
		t.Errorf("undo: %+v", undone)
	}
	for _, c := range decode[CustomerPage](t, w.api("GET", "/api/v1/customers", ""), 200).Customers {
		if c.Stage != string(customer.Lost) {
			t.Errorf("still there: %+v", c)
		}
	}
	if p := decode[Problem](t, w.api("DELETE", path+"?person=wangfang", ""), 409); p.Code != "batch_state" {
		t.Errorf("twice: %+v", p)
	}
}

// bomb is a small file that unpacks to a large one.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"} {
		part, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(bytes.Repeat([]byte(" "), 2<<20))
	}
	_ = z.Close()
	return out.Bytes()
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.FileLimit = 1 << 20 })
	good := []byte(customersCSV)
	for name, c := range map[string]struct {
		reply  reply
		status int
		code   string
	}{
		"by a rep":                      {w.upload("a.csv", good, "person", "lina"), 403, "not_allowed"},
		"by nobody known":               {w.upload("a.csv", good, "person", "mallory"), 422, "unknown_person"},
		"by nobody":                     {w.upload("a.csv", good), 422, "invalid"},
		"without a file":                {w.upload("", nil, "person", "wangfang"), 422, "invalid"},
		"an empty file":                 {w.upload("a.csv", nil, "person", "wangfang"), 422, "file"},
		"a misspelt dry_run":            {w.upload("a.csv", good, "person", "wangfang", "dryrun", "true"), 422, "invalid"},
		"an unknown pool":               {w.upload("a.csv", good, "person", "wangfang", "pool", "无"), 422, "no_pool"},
		"a mapping that is none":        {w.upload("a.csv", good, "person", "wangfang", "mapping", "customer: ["), 422, "mapping"},
		"a connector's own source":      {w.upload("a.csv", good, "person", "wangfang", "mapping", "source: kingdee\ncustomer: {fields: {name: 客户名称}}\n"), 422, "source"},
		"a picture":                     {w.upload("a.xlsx", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "person", "wangfang"), 422, "file"},
		"a broken zip":                  {w.upload("a.xlsx", []byte("PK\x03\x04broken"), "person", "wangfang"), 422, "file"},
		"a zip bomb":                    {w.upload("a.xlsx", bomb(t), "person", "wangfang"), 413, "too_large"},
		"larger than allowed":           {w.upload("a.csv", make([]byte, 3<<20), "person", "wangfang"), 413, "too_large"},
		"JSON":                          {w.api("POST", "/api/v1/imports", "{}"), 415, "media_type"},
		"an import that is none":        {w.api("GET", "/api/v1/imports/none", ""), 404, "not_found"},
		"undoing what is none":          {w.api("DELETE", "/api/v1/imports/none?person=wangfang", ""), 404, "not_found"},
		"undoing by a rep":              {w.api("DELETE", "/api/v1/imports/none?person=lina", ""), 403, "not_allowed"},
		"problems for a rep":            {w.api("GET", "/api/v1/imports/none/problems.xlsx?person=lina", ""), 403, "not_allowed"},
		"whole phone numbers for a rep": {w.api("GET", "/api/v1/exports/customers.csv?phones=true&person=lina", ""), 403, "not_allowed"},
		"an export of no list":          {w.api("GET", "/api/v1/exports/secrets.csv", ""), 404, "not_found"},
		"an export as something else":   {w.api("GET", "/api/v1/exports/customers.pdf", ""), 404, "not_found"},
	} {
		if p := decode[Problem](t, c.reply, c.status); p.Code != c.code {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if page := decode[ImportPage](t, w.api("GET", "/api/v1/imports", ""), 200); len(page.Imports) != 0 {
		t.Errorf("something was imported: %+v", page)
	}
}

func TestAnUploadWithoutLengthIsCutAtTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.FileLimit = 1 << 20 })
	body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" + strings.Repeat("x", 3<<20) + "\r\n--b--\r\n"
	r := httptest.NewRequest(http.MethodPost, "/api/v1/imports", struct{ io.Reader }{strings.NewReader(body)})
	r.ContentLength = -1
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	if p := decode[Problem](t, w.send(r), 413); p.Code != "too_large" {
		t.Errorf("%+v", p)
	}
}

// Not parallel: it sets where temporary files go.
func TestUploadsLeaveNoTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t)
	t.Setenv("TMPDIR", dir)
	large := "客户名称,备注\n" + strings.Repeat("东方机械,"+strings.Repeat("长", 1000)+"\n", 450)
	decode[ImportReport](t, w.upload("a.csv", []byte(large), "person", "wangfang"), 201)
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestListsAreExportedWithMaskedNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lead("1", "东方机械", "phone", "13800138000")
	w.lead("2", "=cmd|' /C calc'!A0")
	for query, phone := range map[string]string{"": "138****8000", "?phones=true&person=wangfang": "13800138000"} {
		r := w.api("GET", "/api/v1/exports/customers.csv"+query, "")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(r.body, "\ufeff"))).ReadAll()
		if r.status != 200 || err != nil || len(rows) != 3 || r.header.Get("Content-Type") != fileTypes[".csv"] {
			t.Fatalf("%d %v %v %s", r.status, r.header, err, r.body)
		}
		if !strings.Contains(r.body, phone) || strings.Contains(r.body, ",=cmd") {
			t.Errorf("%q: %s", query, r.body)
		}
	}
	for _, list := range exports.Lists() {
		r := w.api("GET", "/api/v1/exports/"+list+".xlsx", "")
		if _, err := zip.NewReader(strings.NewReader(r.body), int64(len(r.body))); r.status != 200 || err != nil {
			t.Errorf("%s: %d %v", list, r.status, err)
		}
	}
}

func TestAnExportThatFailsIsToldOrCutOff(t *testing.T) {
	t.Parallel()
	begin := false
	w := newWorld(t, func(d *Deps) {
		d.Export = func(_ context.Context, _ exports.Request, out io.Writer) (int, error) {
			if begin {
				_, _ = io.WriteString(out, "客户")
			}
			return 0, errDown
		}
	})
	if p := decode[Problem](t, w.api("GET", "/api/v1/exports/tasks.csv", ""), 500); p.Code != "internal" || strings.Contains(p.Detail, "secret") {
		t.Errorf("before the first byte: %+v", p)
	}
	begin = true
	defer func() {
		if r := recover(); r != http.ErrAbortHandler { //nolint:errorlint // the very value
			t.Errorf("in the middle: %v", r)
		}
	}()
	w.api("GET", "/api/v1/exports/tasks.csv", "")
}
