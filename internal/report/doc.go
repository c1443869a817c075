// Package report says in figures, words and pictures what scores and work brought.
//
//	Rows (CSV), or customers as of a past day ──▶ Sample ──▶ Validate ──▶ Validation ──▶ Text, Chart
//	                                                 └─────▶ Suggest ───▶ a draft model for a person to review
//	customers, orders, activities, tasks, parts in plays ──▶ Effect ──────▶ Effects ──▶ Brief, Tables, Chart
//	                                                   ├──▶ ProgressOf ──▶ Progress
//	                                                   └──▶ ForecastOf ──▶ Forecast
//
// A Sample is what was known of customers before, and what became of them. Effects are of a Period and of the tiers that customers had when it began; they are gathered in one
// pass, in memory that does not grow with the customers. Each figure comes with the number of outcomes behind it and an interval, or says that there are too few. Nothing here
// changes a model or a customer.
package report
