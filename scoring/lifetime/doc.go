// Package lifetime says what customers will buy, from nothing but when and for how much they bought.
//
//	[]Purchase ── Summarise ──▶ History ──┬─ FitBuying ───▶ Buying    (BG/NBD: how often, and whether still at all)
//	                                      └─ FitSpending ─▶ Spending  (Gamma-Gamma: how much each time)
//	Buying + Spending ── Value ──▶ money per customer     ── Forecast ──▶ purchases and revenue per tier, with an interval
//	value, potential ── Quadrant ──▶ star, growth, maintain, transform
//
// The models are those of Fader, Hardie and Lee ("Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005) and
// Fader and Hardie (The Gamma-Gamma Model of Monetary Value, note 025, 2013). Time is in a unit that the caller chooses, the same
// throughout; Summarise gives weeks. Likelihoods and probabilities are computed from logarithms, so that hundreds of
// purchases neither overflow nor vanish.
//
// The package is pure: no clock, no input or output, randomness only from a seed that the caller gives. All values in it may be
// shared between goroutines.
package lifetime
