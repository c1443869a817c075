package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"lingke/internal/report"
	"lingke/scoring"
)

// PastOptions say how a model is measured on the store's own customers.
type PastOptions struct {
	Day   string // YYYY-MM-DD: facts are as of its beginning
	Days  int    // an order within so many days after it is the outcome
	Model string // a file or a version; the model in force that is for all where empty
	Late  bool   // take what sources told of the fields later, too
	Leads bool   // only who had not bought before
}

// ValidateStore measures a model on the customers as they were on a past day, by what they bought within the days after it, and prints what it found. of says what else
// is written; see ValidateOptions.
func (a *App) ValidateStore(ctx context.Context, o PastOptions, of ValidateOptions, out io.Writer) error {
	day, err := time.ParseInLocation(time.DateOnly, o.Day, a.cfg.Location)
	if err != nil {
		return fmt.Errorf("--as-of %q: a day like 2026-01-31 is needed", o.Day)
	}
	model, err := a.wideModel(ctx, o.Model)
	if err != nil {
		return err
	}
	sample, dropped, err := report.PastSample(ctx, a.store, report.Past{
		Day: day, Horizon: time.Duration(o.Days) * 24 * time.Hour, Model: model, Late: o.Late, Leads: o.Leads,
	}, a.now())
	if err != nil {
		return err
	}
	fmt.Fprintln(out, of.Language.Sayf("截至 %s 的资料，此后 %d 天内成交即为成交", "As known on %s; who bought within %d days after it counts as won", o.Day, o.Days))
	if dropped > 0 {
		fmt.Fprintln(out, of.Language.Sayf("%d 个字段值是之后才更新的，按未知处理（--late-fields 可计入，但可能高估）",
			"%d values of fields were told only later and count as not known (--late-fields takes them, but may flatter the model)", dropped))
	}
	return validated(sample, of, out)
}

// wideModel is a model over all fields, so that a fit may use what the model does not read: that of a file or version, else the one in force that is for all.
func (a *App) wideModel(ctx context.Context, name string) (*scoring.Model, error) {
	if name == "" {
		ids := a.publication.Load().Models
		name = ids[len(ids)-1]
	}
	v, err := a.Model(ctx, name)
	if err != nil {
		return nil, err
	}
	schema, err := schemaOf(a.ruleConfig.Load())
	if err != nil {
		return nil, err
	}
	return scoring.ParseModel(v.File, []byte(v.Text), schema)
}
