// Package risk says which customers are about to be lost, how sure that is, why, and on what evidence.
//
//	Behaviour (orders, pushes, hints) ──┬─ Rules ───▶ fixed signals: silent for 180 days, half as often as before, competitor named
//	                                    └─ Rhythm ──▶ own-rhythm signal, with a probability
//	[]Signal ── Next(Episode) ──▶ opened once, grown, closed on response
//	purchase days of many ── FitRhythm ──▶ Rhythm;  ── Compare ──▶ both kinds of alert against what happened
//
// # The probability
//
// A customer's intervals between purchase days follow a Weibull distribution whose shape k, the regularity, is the population's
// (1: no memory; above: regular) and whose rate is the customer's own, gamma distributed over the population (r, α). After each
// purchase the customer stops for good with a probability of its own, beta distributed over the population (a, b). After x intervals
// t1…tx and a silence s:
//
//	S = P(an interval lasts longer than s) = ((α + Σ tᵢᵏ) / (α + Σ tᵢᵏ + sᵏ)) ^ (r + x)
//	P(stopped) = a / (a + (b + x) · S)
//	P(no purchase in the next h days) = (a + (b + x) · S(s + h)) / (a + (b + x) · S(s))
//
// The last is the one that alerts state: it can be checked after h days, and P(stopped) cannot. An alert also needs that the customer
// is overdue by its own rhythm, S at most 0.8 as shipped: a customer that bought yesterday and may take a year is no case for a call.
//
// # What it is worth
//
// On two public data sets (CDNOW, UCI Online Retail), at as many alerts each, among about 1,700 and 60 stops:
//
//	against 90 days of silence    5 to 10 and 2 to 4 true stops more, up to 7 days earlier; the intervals mostly hold 0
//	against 120 days              7 to 17 and 1 to 2 more, up to 19 days earlier
//	against 180 days              9 fewer to 0 more (11 fewer over a season), and 0 to 1 more
//
// On CDNOW there is nothing to win over 180 days: lengths of silence for each number of purchases, chosen with the outcome known, find 4 to 9
// more, and a regression learned from the very outcome 4 fewer to 1 more. Customers there buy rarely and without rhythm, so that the
// length of a silence says nearly all. Other models tried, fitted to the time before only, end in the same place: Pareto/NBD, a logistic regression
// on earlier cuts, both stacked, horizons of 1 to 365 days, and horizons that follow the customer's own interval (those are worse). Where customers
// buy regularly, at different paces, the rhythm comes weeks earlier.
//
// Assess gives both kinds of alert, so that nothing comes later than by the rule. As shipped, over half a year of CDNOW the rhythm adds
// 105 stops to the rule's 1,553 and brings these 48 days earlier on average, for 416 further alerts on 1,974 (over a season: 89 stops, 183 alerts,
// 4 days). Never later and as many alerts exclude each other: who is never later alerts on all that the rule does.
//
// The probability itself came true within 3 points on CDNOW and 8 on the 150 customers of the other set, whose autumn was a strong one.
// Compare tells it for one's own data.
//
// The package is pure: the instant is a parameter, randomness comes from a given seed, and all values may be shared.
package risk
