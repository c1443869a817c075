// Package scoring turns what is known about a customer into a score that can be questioned.
//
// The way through it:
//
//	Schema ── NewFacts ──▶ Facts ─────────────┐
//	   │                                      ▼
//	   └──▶ ParseModel(YAML) ──▶ Model ──▶ Score ──▶ Result ──▶ Scheme.Tier, Sentences
//	   │                          │ └──▶ Total, and Totals over Columns ──▶ Histogram.Cuts ──▶ Scheme
//	   └──▶ ParseCondition ────▶ Condition ─▶ Match (which pool takes the customer)
//
// A Schema names the fields (every field has an English id and a Chinese name; rules may use either). Facts hold one
// customer's values at one instant, each with its source and time. A Model is compiled once from YAML into closures over
// the facts' slots: the text is parsed by expr-lang/expr, its tree is checked against a whitelist of scalar syntax and
// compiled here, so that a rule can neither loop nor allocate. A Result carries one Contribution per rule or indicator;
// their points add up to the total exactly, because points are whole thousandths throughout.
//
// Score explains; Total gives the same number without words and without allocating; Totals gives it for many customers whose
// facts lie in Columns. To that end a text gets a number when it is set (codes never leave the process), and the commonest
// shapes of rules stand in tables that are walked without jumps. Tests hold all three to the same thousandths.
//
// A Histogram of the scores gives exact cut-offs for tiers by rank; these are kept, so that one customer's new score has its
// tier at once. A Policy then decides whether the customer moves: TierState is what is to be kept of it. Adjust adds a person's
// change within its bound, Lift tells what would bring a customer to the next tier.
//
// # What a missing value does
//
// A value that is not known is missing, never 0. Conditions follow Kleene's three-valued logic and count only when they
// are certainly true: a comparison with a missing operand is unknown, so are its negation and "not in"; "unknown or true"
// is true, "unknown and false" is false. A rule thus never fires because of a value that nobody told. has(field) asks whether
// a value is there. Arithmetic with a missing operand, and a division by zero, is missing.
//
// The package is pure: it reads no clock, does no input or output, and imports nothing else of Lingke. Everything in it
// except Facts is immutable after it was made and may be shared between goroutines; Facts may be read by many while nobody
// sets them.
package scoring
