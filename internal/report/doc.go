// Package report says in figures, words and pictures what scores and work brought.
//
//	Rows (CSV, or closed customers) ──▶ Sample ──▶ Validate ──▶ Validation ──▶ Text, Chart
//	                                       └─────▶ Suggest ───▶ a draft model for a person to review
//
// A Sample is what was known of customers before, and what became of them. Each figure comes with the number of outcomes behind
// it and an interval, or says that there are too few. Nothing here changes a model or a customer.
package report
