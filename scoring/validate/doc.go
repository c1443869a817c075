// Package validate tells whether scores are worth anything, from what became of the customers.
//
//	[]Case (score, outcome, amount, days) ──▶ Measure ──▶ AUC, KS, lift, gain, Brier, log loss, calibration
//	                                      ──▶ Bands   ──▶ conversion, deal size and days to close per score band, and a verdict
//	Table, outcomes ──▶ NewEncoder + FitLogistic ──▶ what the data could give at best
//	               ──▶ Suggest ──▶ Draft: points per rule, monotone, as a model file that a person reviews
//	orders ──▶ QuintileCuts, RFMCuts ──▶ RFM scores
//
// Every figure is an Estimate: with the number of outcomes behind it and an interval, or "too few", which is an answer. Suggestions
// are only that: nothing here changes a model. The package is pure, and randomness comes from a given seed.
package validate
