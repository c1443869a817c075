package webhook

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

// kinds are the types of our own form.
var kinds = map[string]connectors.Kind{
	"customer.upsert":  connectors.Customer,
	"order.upsert":     connectors.Order,
	"activity.created": connectors.Activity,
}

// frame is what stands around one or more records. The inner frame of an item overrides the outer one.
type frame struct {
	kind connectors.Kind
	at   time.Time
	top  jsondoc.Object
}

// Decode reads the records of a verified push. The error wraps connectors.ErrBadRecord and names each place, such as
// data[3].amount; the good records are returned beside it. A body that is no JSON at all has no good records.
func (r *receiver) Decode(body []byte) ([]connectors.Record, error) {
	var b batch
	if err := r.decode(body, &b); err != nil {
		b.fail(err)
	}
	return append(b.records, b.bad...), b.err(r.id)
}

// batch collects records and errors.
type batch struct {
	records []connectors.Record
	bad     []connectors.Record // what could not be read, as far as it says which it is
	errs    []error
	more    int
}

func (b *batch) fail(err error) {
	if len(b.errs) == maxErrors {
		b.more++
		return
	}
	b.errs = append(b.errs, err)
}

// unread notes a record that cannot be read, and why.
func (b *batch) unread(rec connectors.Record, why error) {
	b.fail(why)
	b.bad = append(b.bad, rec)
}

func (b *batch) err(id string) error {
	if len(b.errs) == 0 {
		return nil
	}
	if b.more > 0 {
		b.errs = append(b.errs, fmt.Errorf("and %d more", b.more))
	}
	return fmt.Errorf("webhook %q: %w: %w", id, connectors.ErrBadRecord, errors.Join(b.errs...))
}

// decode returns what concerns the whole push.
func (r *receiver) decode(body []byte, b *batch) error {
	if len(body) > maxBody {
		return fmt.Errorf("the body has more than %d bytes", maxBody)
	}
	if len(r.readers) > 0 {
		return r.decodeFree(body, b)
	}
	top, err := parseFrame(body)
	if err != nil {
		return err
	}
	f, err := frame{top: top}.with(top, "")
	if err != nil {
		return err
	}
	data, _ := top.Get("data")
	switch data := data.(type) {
	case jsondoc.Object:
		r.add(b, f, data, "data")
		return nil
	case []any:
		return r.addAll(b, f, data)
	}
	return errors.New("data: must be an object or an array of objects")
}

// with reads type and timestamp of o, where it has them.
func (f frame) with(o jsondoc.Object, place string) (frame, error) {
	if v, ok := o.Get("type"); ok {
		name, _ := v.(string)
		if f.kind, ok = kinds[name]; !ok {
			return f, fmt.Errorf("%stype: must be customer.upsert, order.upsert or activity.created", place)
		}
	}
	if v, ok := o.Get("timestamp"); ok {
		at, err := instant(v)
		if err != nil {
			return f, fmt.Errorf("%stimestamp: %w", place, err)
		}
		f.at = at
	}
	return f, nil
}

// addAll adds the items of an array.
func (r *receiver) addAll(b *batch, f frame, list []any) error {
	if len(list) > maxRecords {
		return fmt.Errorf("data: more than %d items", maxRecords)
	}
	for i, v := range list {
		place := "data[" + strconv.Itoa(i) + "]"
		item, ok := v.(jsondoc.Object)
		if !ok {
			b.fail(fmt.Errorf("%s: must be an object", place))
			continue
		}
		r.addItem(b, f, item, place)
	}
	return nil
}

// addItem unwraps an item with a type of its own. A plain record holds no jsondoc.Objects, so one in data tells them apart.
func (r *receiver) addItem(b *batch, f frame, item jsondoc.Object, place string) {
	data, _ := item.Get("data")
	inner, wrapped := data.(jsondoc.Object)
	if !wrapped {
		r.add(b, f, item, place)
		return
	}
	own, err := f.with(item, place+".")
	switch {
	case item.Twice != "":
		b.fail(fmt.Errorf("%s.%s: comes twice", place, quote(item.Twice)))
	case err != nil:
		b.fail(err)
	default:
		r.add(b, own, inner, place+".data")
	}
}

// add adds one record or what is wrong with it.
func (r *receiver) add(b *batch, f frame, o jsondoc.Object, place string) {
	rec, why := r.record(f, o, place)
	if r.keep && f.kind != "" {
		var err error
		if rec.Raw, err = rawOf(f, o); err != nil {
			b.fail(fmt.Errorf("%s: %w", place, err))
			return
		}
	}
	switch {
	case why == nil:
		b.records = append(b.records, rec)
	case f.kind == "":
		b.fail(why)
	default:
		b.unread(unreadable(rec, o, why), why)
	}
}

// unreadable is a record that cannot be read, with its id and time where these can be.
func unreadable(rec connectors.Record, o jsondoc.Object, why error) connectors.Record {
	bad := connectors.Unreadable(rec.Kind, why)
	bad.Raw, bad.ModifiedAt = rec.Raw, rec.ModifiedAt
	if v, told := o.Get(memberID); told {
		bad.ID, _ = key(v)
	}
	if v, told := o.Get(memberModifiedAt); told {
		if at, err := instant(v); err == nil {
			bad.ModifiedAt = at
		}
	}
	return bad
}
