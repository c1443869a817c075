package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store"
)

// lists is a source that can say what it has. Its error comes after what it has; during is done once the list was begun.
type lists struct {
	has    map[connectors.Kind][]string
	err    error
	during func()
}

func (l *lists) Lists() []connectors.Kind {
	return []connectors.Kind{connectors.Order, connectors.Customer}
}

func (l *lists) EachID(_ context.Context, kind connectors.Kind, fn func(string) error) error {
	if l.during != nil && kind == connectors.Customer {
		l.during()
	}
	for _, id := range l.has[kind] {
		if err := fn(id); err != nil {
			return err
		}
	}
	return l.err
}

func (l *lists) lose(kind connectors.Kind, id string) {
	l.has[kind] = slices.DeleteFunc(l.has[kind], func(s string) bool { return s == id })
}

// stocked has n customers of one order each.
func stocked(t *testing.T, n int) (*mill, *lists) {
	m, source := newMill(t), &lists{has: make(map[connectors.Kind][]string)}
	var all []connectors.Record
	for i := range n {
		id := fmt.Sprintf("%03d", i)
		all = append(all, m.company(id, 100+i), m.order("o"+id, id, "1000"))
		source.has[connectors.Customer] = append(source.has[connectors.Customer], id)
		source.has[connectors.Order] = append(source.has[connectors.Order], "o"+id)
	}
	m.apply(all...)
	m.at = m.at.Add(time.Hour)
	return m, source
}

func (m *mill) scan(source *lists) ingest.Scanned {
	m.t.Helper()
	sum, err := m.Scan(m.t.Context(), "crm", source, false)
	must(m.t, err)
	return sum
}

func (m *mill) orders(of string) int {
	m.t.Helper()
	found, err := m.store.Orders(m.t.Context(), []customer.Ref{customer.NewRef("crm", of)})
	must(m.t, err)
	return len(found)
}

func TestAScanMarksWhatIsGoneAndWhatIsBack(t *testing.T) {
	t.Parallel()
	m, source := stocked(t, 3)
	must(t, m.ApplyAll(t.Context(), "other", []connectors.Record{m.company("999", 5)}))
	source.lose(connectors.Customer, "001")
	source.lose(connectors.Order, "o002")
	if sum := m.scan(source); sum != (ingest.Scanned{Known: 6, Gone: 2}) {
		t.Fatalf("%+v", sum)
	}
	gone, bought := m.customer("001"), m.customer("002")
	if gone.Stage != customer.Lost || gone.Name != "公司001" || !gone.Records[0].Deleted || !gone.Records[0].At.Equal(m.at) {
		t.Errorf("gone: %+v", gone)
	}
	if m.orders("002") != 0 || bought.Stage != customer.Lead || m.orders("000") != 1 {
		t.Errorf("the order counts still, stage %s", bought.Stage)
	}
	m.at = m.at.Add(time.Hour)
	if sum := m.scan(source); sum != (ingest.Scanned{Known: 4}) {
		t.Errorf("again: %+v", sum)
	}
	source.has[connectors.Customer] = append(source.has[connectors.Customer], "001")
	source.has[connectors.Order] = append(source.has[connectors.Order], "o002")
	m.at = m.at.Add(time.Hour)
	if sum := m.scan(source); sum != (ingest.Scanned{Known: 4, Back: 2}) {
		t.Fatalf("back: %+v", sum)
	}
	back := m.customer("001")
	if back.Stage != customer.Active || back.Name != "公司001" || back.Text("headcount") != "101" || m.orders("002") != 1 || m.customer("002").Stage != customer.Active {
		t.Errorf("back: %+v", back)
	}
}

func TestWhatIsDeletedByAScanComesBackWithANewerVersion(t *testing.T) {
	t.Parallel()
	m, source := stocked(t, 2)
	source.lose(connectors.Customer, "001")
	m.scan(source)
	m.at = m.at.Add(time.Minute)
	m.apply(m.company("001", 7))
	if c := m.customer("001"); c.Stage != customer.Active || c.Text("headcount") != "7" {
		t.Errorf("%+v", c)
	}
}

func TestARecordThatComesDuringAScanIsNotDeleted(t *testing.T) {
	t.Parallel()
	m, source := stocked(t, 2)
	source.during = func() {
		late := m.company("new", 10)
		late.ModifiedAt = m.at.Add(-10 * time.Minute) // the source's clock is behind
		m.apply(late)
	}
	if sum := m.scan(source); sum.Gone != 0 || m.customer("new").Stage == customer.Lost {
		t.Errorf("%+v", sum)
	}
}

func TestADoubtfulListDeletesNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		have int
		keep int // of the customers; all orders stay
		err  error
		want error
		gone int
	}{
		"half a list":                          {have: 60, keep: 30, want: ingest.ErrTooManyGone},
		"nothing at all, of few":               {have: 3, keep: 0, want: ingest.ErrTooManyGone},
		"a failure in the middle":              {have: 60, keep: 55, err: connectors.ErrThrottled, want: connectors.ErrThrottled},
		"just a fifth is believed":             {have: 60, keep: 48, gone: 12},
		"more than a fifth is not":             {have: 60, keep: 47, want: ingest.ErrTooManyGone},
		"ten are believed, whatever the share": {have: 12, keep: 2, gone: 10},
		"eleven of twelve are not":             {have: 12, keep: 1, want: ingest.ErrTooManyGone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, source := stocked(t, tt.have)
			source.has[connectors.Customer], source.err = source.has[connectors.Customer][:tt.keep], tt.err
			source.lose(connectors.Order, "o000") // believable by itself
			sum, err := m.Scan(t.Context(), "crm", source, false)
			if !errors.Is(err, tt.want) {
				t.Fatalf("%+v, %v", sum, err)
			}
			if tt.want == nil {
				if sum.Gone != tt.gone+1 {
					t.Errorf("%+v", sum)
				}
				return
			}
			if sum.Gone != 0 || m.orders("000") != 1 || m.customer("000").Stage == customer.Lost {
				t.Errorf("something was deleted: %+v", sum)
			}
			if errors.Is(err, ingest.ErrTooManyGone) {
				if !strings.Contains(err.Error(), fmt.Sprintf("%d of %d customers", tt.have-tt.keep, tt.have)) {
					t.Errorf("%v", err)
				}
				sum, err = m.Scan(t.Context(), "crm", source, true)
				if err != nil || sum.Gone != tt.have-tt.keep+1 {
					t.Errorf("insisted on: %+v, %v", sum, err)
				}
			}
		})
	}
}

// cutOff fails at the second write of customers.
type cutOff struct {
	store.Store
	writes int
}

var errScanCut = errors.New("cut off")

func (c *cutOff) PutCustomers(ctx context.Context, all []customer.Customer) ([]int, error) {
	if c.writes++; c.writes == 2 {
		return nil, errScanCut
	}
	return c.Store.PutCustomers(ctx, all)
}

func TestAScanThatIsCutOffIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	m, source := stocked(t, 1300)
	source.has[connectors.Customer] = source.has[connectors.Customer][600:]
	cut := ingest.New(&cutOff{Store: m.store}, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
	if _, err := cut.Scan(t.Context(), "crm", source, true); !errors.Is(err, errScanCut) {
		t.Fatal(err)
	}
	m.at = m.at.Add(time.Minute)
	sum, err := m.Scan(t.Context(), "crm", source, true)
	must(t, err)
	if sum.Known != 1300+800 || sum.Gone != 100 {
		t.Errorf("%+v", sum)
	}
	for id, want := range map[string]customer.Stage{"000": customer.Lost, "599": customer.Lost, "600": customer.Active} {
		if c := m.customer(id); c.Stage != want {
			t.Errorf("%s: %s", id, c.Stage)
		}
	}
}
