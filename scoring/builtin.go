package scoring

// builtInFields are the facts behind requirements 000-R7 to R18 and what routing needs beside them. The windows (30d,
// 90d, 365d) end at the instant for which the facts were derived.
var builtInFields = []Field{
	// Profile: who the customer is.
	{"industry", "行业", "industry", Text, ""},
	{"headcount", "员工人数", "headcount", Number, "人"},
	{"annual_revenue", "年营收", "annual revenue", Number, "元"},
	{"contact_role", "联系人职务", "contact's role", Text, ""},
	{"region", "地区", "region", Text, ""},
	{"province", "省份", "province", Text, ""},
	{"source", "来源", "source", Text, ""},
	{"stage", "阶段", "stage", Text, ""},

	// Engagement: what the customer does.
	{"visits_30d", "近30天访问次数", "visits in 30 days", Number, "次"},
	{"logins_30d", "近30天登录次数", "logins in 30 days", Number, "次"},
	{"last_visit_days", "距上次访问天数", "days since last visit", Number, "天"},
	{"trial_features", "试用功能数", "trial features used", Number, "个"},
	{"events_365d", "近一年活动参与次数", "events in 365 days", Number, "次"},
	{"content_90d", "近90天内容互动次数", "content interactions in 90 days", Number, "次"},
	{"complaints_90d", "近90天投诉次数", "complaints in 90 days", Number, "次"},

	// Value: what the customer brought and may bring.
	{"order_amount_total", "累计消费额", "orders to date", Number, "元"},
	{"order_amount_365d", "近一年消费额", "orders in 365 days", Number, "元"},
	{"order_count_total", "累计订单数", "number of orders to date", Number, "单"},
	{"order_count_365d", "近一年订单数", "number of orders in 365 days", Number, "单"},
	{"repurchase_count_365d", "近一年复购次数", "repurchases in 365 days", Number, "次"},
	{"days_since_order", "距上次下单天数", "days since last order", Number, "天"},
	{"largest_order", "最大单笔金额", "largest order", Number, "元"},
	{"potential_acv", "预计年合同额", "potential annual contract value", Number, "元"},
	{"nps", "推荐意愿", "willingness to recommend (NPS)", Number, "分"},
	{"referrals", "推荐客户数", "customers referred", Number, "个"},
}
