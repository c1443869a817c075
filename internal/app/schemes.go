package app

import (
	"errors"
	"fmt"
	"time"

	"lingke/configs"
	"lingke/scoring"
)

// schemesOf compiles the tier schemes of a config.
func schemesOf(cfg *configs.Config, schema *scoring.Schema) (scoring.Schemes, error) {
	out := scoring.Schemes{Leading: cfg.Leading}
	var problems []error
	for _, s := range cfg.Schemes {
		compiled, err := schemeOf(s, schema)
		out.All, problems = append(out.All, compiled), append(problems, err)
	}
	return out, errors.Join(problems...)
}

func schemeOf(s configs.Scheme, schema *scoring.Schema) (scoring.TierScheme, error) {
	out := scoring.TierScheme{Scheme: scoring.Scheme{Name: s.Name, Else: s.Else, ElseTitle: s.ElseTitle.ZH, English: map[string]string{s.Else: s.ElseTitle.EN}}, By: s.By, Policy: policyOf(s.Bands)}
	if field, _, known := schema.Lookup(s.By); s.By != "" && (!known || field.Kind != scoring.Number) {
		return out, fmt.Errorf("scheme %q: by: %q is no field that holds a number%s", s.Name, s.By, meant(schema.Nearest(s.By)))
	}
	for _, cut := range s.Cuts {
		if err := addCut(&out, cut, schema); err != nil {
			return out, fmt.Errorf("scheme %q, tier %q: %w", s.Name, cut.Tier, err)
		}
	}
	return out, check(out)
}

func meant(nearest string) string {
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", nearest)
}

// addCut puts a cut where it belongs: shares are turned into cut-offs once customers were counted.
func addCut(to *scoring.TierScheme, cut configs.Cut, schema *scoring.Schema) error {
	to.English[cut.Tier] = cut.Title.EN
	out := scoring.Cut{Tier: cut.Tier, Title: cut.Title.ZH, Above: cut.Above, AtLeast: cut.AtLeast}
	switch {
	case cut.Top != 0:
		to.Ranks = append(to.Ranks, scoring.RankCut{Tier: cut.Tier, Title: cut.Title.ZH, Top: float64(cut.Top)})
	case cut.When != "":
		when, err := scoring.ParseCondition(cut.When, schema)
		if err != nil {
			return fmt.Errorf("when: %w", err)
		}
		out.When = when
	}
	to.Cuts = append(to.Cuts, out)
	return nil
}

// check looks at the cuts together. Those of ranks have no edge yet; a count of nobody tells whether their shares make sense.
func check(t scoring.TierScheme) error {
	if t.Ranks == nil {
		return t.Validate()
	}
	counted, err := scoring.NewHistogram().Cuts(t.Name, t.Ranks, t.Else, t.ElseTitle)
	if err != nil {
		return err
	}
	for i, cut := range t.Cuts {
		if ranked := i < len(counted.Cuts); ranked != (cut.Above == nil && cut.AtLeast == nil && cut.When == nil) || !ranked && cut.When == nil {
			return fmt.Errorf("scheme %q: tier %q: shares come first, then conditions; points do not go with them", t.Name, cut.Tier)
		}
	}
	return nil
}

// policyOf is how steadily a scheme's tiers follow.
func policyOf(b *configs.Bands) scoring.Policy {
	if b == nil {
		b = configs.ShippedBands()
	}
	return scoring.Policy{Entry: scoring.Band(b.Enter), Exit: scoring.Band(b.Leave), MinStay: time.Duration(b.Stay)}
}
