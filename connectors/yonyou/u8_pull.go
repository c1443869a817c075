package yonyou

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
)

// The resources that are read.
const (
	u8Customers = "customer"
	u8Orders    = "saleorderlist"
)

// Pull emits the orders and then the customers that changed since the cursor.
func (u *U8) Pull(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	return u.PullAlong(ctx, since, emit, nobody)
}

// PullAlong is Pull that tells its cursor after every page.
func (u *U8) PullAlong(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error) (connectors.Cursor, error) {
	return u.pullAlong(ctx, "u8", since, emit, reached, list{"orders", u.pullOrders}, list{"customers", u.pullCustomers})
}

func u8Code(row object) string { return row.text("code") }

// walk goes through the pages of a resource from a mark on.
func (u *U8) walk(ctx context.Context, f *flow, m *mark, resource string, filter url.Values, take func(object) error) error {
	p := pages{
		size: u.cfg.PageSize, id: u8Code,
		fetch: func(ctx context.Context, page, size int) ([]object, error) {
			return u.rows(ctx, resource, filter, page, size)
		},
		done: func(page int, last string) error {
			m.Page, m.After = page, last
			return f.along()
		},
	}
	return p.walk(ctx, m.Page, m.After, take)
}

// pullCustomers asks for what changed since the mark's day. Where the relay refuses that filter, which is documented for
// other resources only, customers are read whole each time; where it ignores the filter, that comes by itself.
func (u *U8) pullCustomers(ctx context.Context, f *flow) error {
	m := f.cur.begin("customer", u.now())
	take := func(row object) error { return u.emitRow(f.emit, row, u.customerRecord) }
	filter := url.Values{}
	if m.From != "" && !u.allAnew {
		filter.Set("modifydate_begin", m.From[:len(time.DateOnly)])
	}
	err := u.walk(ctx, f, m, u8Customers, filter, take)
	var e *Error
	if errors.As(err, &e) && e.Kind == nil && e.HTTP == 0 && len(filter) > 0 {
		u.allAnew = true
		u.log.LogAttrs(ctx, slog.LevelWarn, "customers cannot be filtered by change; reading all of them", slog.Any("err", err))
		err = u.walk(ctx, f, m, u8Customers, nil, take)
	}
	if err != nil {
		return err
	}
	m.end(u.cfg.Overlap)
	return nil
}

// pullOrders reads the orders of the last month before the mark, and what follows. U8 does not say when an order changed,
// so what each of them looked like is remembered in the mark, and only one that looks different is emitted.
func (u *U8) pullOrders(ctx context.Context, f *flow) error {
	m := f.cur.begin("order", u.now())
	filter, oldest := url.Values{}, u.now().Add(-u8LookBack).In(shanghai).Format(time.DateOnly)
	if m.From != "" {
		from, _ := time.Parse(stampLayout, m.From) // readCursor checked it
		filter.Set("date_begin", from.Add(-u8LookBack).Format(time.DateOnly))
	}
	seen := m.Seen
	if seen == nil {
		seen = map[string]string{}
	}
	err := u.walk(ctx, f, m, u8Orders, filter, func(row object) error {
		return u.emitRow(func(r connectors.Record) error {
			if r.Bad != nil {
				return f.emit(r)
			}
			look := r.Fields[connectors.FieldDate][:len(time.DateOnly)] + appearance(r)
			if seen[r.ID] == look {
				return nil
			}
			if err := f.emit(r); err != nil {
				return err
			}
			if r.Fields[connectors.FieldDate] >= oldest {
				seen[r.ID], m.Seen = look, seen
			}
			return nil
		}, row, u.orderRecord)
	})
	if err != nil {
		return err
	}
	maps.DeleteFunc(seen, func(_, look string) bool { return look[:min(len(look), len(time.DateOnly))] < oldest })
	m.end(u.cfg.Overlap)
	m.Seen = seen
	return nil
}

// appearance is a sum over all that a record tells.
func appearance(r connectors.Record) string {
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
		_, _ = fmt.Fprintf(h, "%q=%q,", name, r.Fields[name])
	}
	_, _ = fmt.Fprintf(h, "%q", r.Customer)
	return strconv.FormatUint(h.Sum64(), 36)
}

// u8Customer and u8Order are what a row tells without any setting.
func u8Customer() map[string][]string {
	return map[string][]string{
		connectors.FieldName: {"name"}, "number": {"code"}, "short_name": {"abbrname"}, connectors.FieldContact: {"contact"},
		connectors.FieldPhone: {"mobile", "phone"}, "address": {"address"}, "industry": {"industry"},
	}
}

func u8Order() map[string][]string {
	return map[string][]string{"number": {"code"}, connectors.FieldRep: {"personname", "personcode"}}
}

// customerRecord makes the record of a customer. U8 tells the day of a change only; its row version, which grows with
// every change, stands in for the time of that day, so that of two changes of one day the later one wins.
func (u *U8) customerRecord(row object) (connectors.Record, error) {
	rec := connectors.Record{Kind: connectors.Customer, ID: u8Code(row)}
	if err := checkID(rec.Kind, rec.ID); err != nil {
		return rec, err
	}
	at, ok := row.instant("ModifyDate", "modifydate", "seed_date")
	if !ok {
		return rec, fmt.Errorf("customer %s has neither ModifyDate nor seed_date: %w", rec.ID, connectors.ErrBadRecord)
	}
	if version, err := strconv.ParseInt(row.text("timestamp"), 10, 64); err == nil && version >= 0 {
		const dayMillis = int64(24 * time.Hour / time.Millisecond)
		at = at.Truncate(time.Second).Add(time.Duration(version%dayMillis) * time.Millisecond)
	}
	rec.ModifiedAt = at
	return rec, u.customers.fill(&rec, row)
}

// orderRecord makes the record of an order as it is now.
func (u *U8) orderRecord(row object) (connectors.Record, error) {
	rec := connectors.Record{Kind: connectors.Order, ID: u8Code(row), Customer: row.text("custcode", "cuscode"), ModifiedAt: u.now().UTC().Truncate(time.Millisecond)}
	if err := checkID(rec.Kind, rec.ID); err != nil {
		return rec, err
	}
	at, dated := row.instant("date")
	if rec.Customer == "" || len(rec.Customer) > longestID || !dated {
		return rec, fmt.Errorf("order %s lacks its customer or its date: %w", rec.ID, connectors.ErrBadRecord)
	}
	rec.Fields = map[string]string{connectors.FieldStatus: u8Status(row.text("state")), connectors.FieldDate: at.In(shanghai).Format(time.RFC3339)}
	for _, key := range []string{"sum", "money"} { // with tax, without
		if amount, ok := rational(row.at(key)); ok {
			rec.Fields[connectors.FieldAmount] = plain(amount)
			break
		}
	}
	if name := row.text("inventoryname", "invname"); name != "" {
		rec.Fields[connectors.FieldProduct] = cut(name)
	}
	if err := u.orders.fill(&rec, row); err != nil {
		return rec, err
	}
	if len(rec.Fields[connectors.FieldDate]) < len(time.DateOnly) {
		return rec, fmt.Errorf("order %s lost its date by the mapping: %w", rec.ID, connectors.ErrBadRecord)
	}
	return rec, nil
}

// u8Status: an order counts as bought once it is audited. The words for it are not documented; what is not known is open.
func u8Status(state string) string {
	state = strings.ToLower(state)
	switch {
	case strings.Contains(state, "作废"), strings.Contains(state, "取消"):
		return connectors.StatusCancelled
	case strings.HasPrefix(state, "未"), strings.HasPrefix(state, "待"):
		return connectors.StatusOpen
	case strings.Contains(state, "审核"), strings.Contains(state, "关闭"), state == "verified", state == "closed":
		return connectors.StatusWon
	}
	return connectors.StatusOpen
}
