package scoring

// builtInFields are the facts behind the requirements 000-R7 to R18, 001-R2 to R4, 002-R3 to R14, 003-R2 to R10 and 004-R2 to
// R7, and what routing needs beside them. Windows (30, 90, 180, 365 days) end at the instant for which the facts were derived; a
// previous period is the window before.
var builtInFields = concat(profileFields, engagementFields, valueFields, furtherProfile, furtherEngagement, orderFields, relationFields)

func concat(lists ...[]Field) (out []Field) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// Who the customer is.
var profileFields = []Field{
	{"industry", "行业", "industry", Text, "", 0, "profile"},
	{"headcount", "员工人数", "headcount", Number, "人", 0, "profile"},
	{"annual_revenue", "年营收", "annual revenue", Number, "元", 0, "profile"},
	{"contact_role", "联系人职务", "contact's role", Text, "", 0, "profile"},
	{"region", "地区", "region", Text, "", 0, "profile"},
	{"province", "省份", "province", Text, "", 0, "profile"},
	{"source", "来源", "source", Text, "", 0, "profile"},
	{"stage", "阶段", "stage", Text, "", 0, "orders"},
}

// What the customer does.
var engagementFields = []Field{
	{"visits_30d", "近30天访问次数", "visits in 30 days", Number, "次", 30, "activities"},
	{"logins_30d", "近30天登录次数", "logins in 30 days", Number, "次", 30, "activities"},
	{"last_visit_days", "距上次访问天数", "days since last visit", Number, "天", 0, "activities"},
	{"trial_features", "试用功能数", "trial features used", Number, "个", 365, "activities"},
	{"events_365d", "近一年活动参与次数", "events in 365 days", Number, "次", 365, "activities"},
	{"content_90d", "近90天内容互动次数", "content interactions in 90 days", Number, "次", 90, "activities"},
	{"complaints_90d", "近90天投诉次数", "complaints in 90 days", Number, "次", 90, "service"},
}

// What the customer brought and may bring.
var valueFields = []Field{
	{"order_amount_total", "累计消费额", "orders to date", Number, "元", 0, "orders"},
	{"order_amount_365d", "近一年消费额", "orders in 365 days", Number, "元", 365, "orders"},
	{"order_count_total", "累计订单数", "number of orders to date", Number, "单", 0, "orders"},
	{"order_count_365d", "近一年订单数", "number of orders in 365 days", Number, "单", 365, "orders"},
	{"repurchase_count_365d", "近一年复购次数", "repurchases in 365 days", Number, "次", 365, "orders"},
	{"days_since_order", "距上次下单天数", "days since last order", Number, "天", 0, "orders"},
	{"largest_order", "最大单笔金额", "largest order", Number, "元", 0, "orders"},
	{"potential_acv", "预计年合同额", "potential annual contract value", Number, "元", 0, "people"},
	{"nps", "推荐意愿", "willingness to recommend (NPS)", Number, "分", 0, "service"},
	{"referrals", "推荐客户数", "customers referred", Number, "个", 0, "activities"},
}

// More of who the customer is (002-R11 to R14, 003-R2, 003-R8, 003-R9).
var furtherProfile = []Field{
	{"industry_standing", "行业地位", "standing in the industry", Text, "", 0, "profile"},
	{"region_importance", "区域重要度", "importance of the region", Number, "分", 0, "people"},
	{"decision_influence", "决策影响力", "influence on the decision", Number, "分", 0, "people"},
	{"relationship_days", "合作天数", "days of the relationship", Number, "天", 0, "orders"},
	{"customer_since", "首次合作日期", "customer since", Time, "", 0, "orders"},
	{"organisation", "组织结构", "organisation", Text, "", 0, "profile"},
	{"product_line", "产品线", "product line", Text, "", 0, "profile"},
	{"team", "所属团队", "team", Text, "", 0, "people"},
	{"tags", "标签", "tags", Texts, "", 0, "people"},
	{"budget", "预算规模", "budget", Number, "元", 0, "people"},
	{"expansion_plan", "有扩张计划", "plans to expand", Flag, "", 0, "people"},
	{"unmet_needs", "未满足需求数", "unmet needs", Number, "个", 0, "people"},
	{"decision_style", "决策风格", "decision style", Text, "", 0, "people"},
	{"preferred_channel", "偏好渠道", "preferred channel", Text, "", 0, "people"},
	{"birthday", "生日", "birthday", Text, "", 0, "profile"}, // these three as told: 1988-05-17, 农历八月十五
	{"founded", "成立日期", "founded", Text, "", 0, "profile"},
	{"contract_date", "签约日期", "contract date", Text, "", 0, "profile"},
}

// More of what the customer does (002-R7 to R10, 003-R3, 004-R6).
var furtherEngagement = []Field{
	{"activities", "互动记录", "activities", Events, "次", 0, "activities"},
	{"activity_count_90d", "近90天互动次数", "activities in 90 days", Number, "次", 90, "activities"},
	{"activity_count_365d", "近一年互动次数", "activities in 365 days", Number, "次", 365, "activities"},
	{"last_activity_days", "距上次互动天数", "days since last activity", Number, "天", 0, "activities"},
	{"dwell_minutes_30d", "近30天停留分钟", "minutes on the site in 30 days", Number, "分钟", 30, "activities"},
	{"page_depth_30d", "近30天页面浏览深度", "pages per visit in 30 days", Number, "页", 30, "activities"},
	{"inquiries_90d", "近90天咨询次数", "inquiries in 90 days", Number, "次", 90, "service"},
	{"inquiry_types", "咨询类型", "types of inquiries", Texts, "", 90, "service"},
	{"social_90d", "近90天点赞分享评论数", "likes, shares and comments in 90 days", Number, "次", 90, "activities"},
	{"mail_replies_90d", "近90天邮件回复数", "mail replies in 90 days", Number, "次", 90, "activities"},
	{"pushes_unopened_180d", "近180天未打开推送数", "pushes not opened in 180 days", Number, "次", 180, "activities"},
	{"pushes_opened_180d", "近180天打开推送数", "pushes opened in 180 days", Number, "次", 180, "activities"},
	{"competitor_mentions_180d", "近180天提及竞品次数", "competitor mentions in 180 days", Number, "次", 180, "service"},
	{"satisfaction", "满意度", "satisfaction", Number, "分", 0, "service"},
	{"reviews_365d", "近一年评价数", "reviews in 365 days", Number, "条", 365, "service"},
}

// More of what the customer buys (001-R2 to R4, 002-R3 to R6, 003-R4, 003-R7, 003-R8).
var orderFields = []Field{
	{"orders", "订单记录", "orders", Events, "单", 0, "orders"},
	{"products", "购买过的产品", "products bought", Texts, "", 0, "orders"},
	{"order_amount_30d", "近30天消费额", "orders in 30 days", Number, "元", 30, "orders"},
	{"order_amount_90d", "近90天消费额", "orders in 90 days", Number, "元", 90, "orders"},
	{"order_amount_180d", "近180天消费额", "orders in 180 days", Number, "元", 180, "orders"},
	{"order_count_30d", "近30天订单数", "number of orders in 30 days", Number, "单", 30, "orders"},
	{"order_count_90d", "近90天订单数", "number of orders in 90 days", Number, "单", 90, "orders"},
	{"order_count_180d", "近180天订单数", "number of orders in 180 days", Number, "单", 180, "orders"},
	{"order_amount_prev_365d", "上一年消费额", "orders in the 365 days before", Number, "元", 365, "orders"},
	{"order_count_prev_180d", "上个半年订单数", "number of orders in the 180 days before", Number, "单", 180, "orders"},
	{"order_amount_change", "消费额同比", "change of orders on the year before", Number, "", 365, "orders"},
	{"order_count_change", "订单数环比", "change of the number of orders on the half-year before", Number, "", 180, "orders"},
	{"largest_order_365d", "近一年最大单笔金额", "largest order in 365 days", Number, "元", 365, "orders"},
	{"average_order", "平均订单金额", "average order", Number, "元", 0, "orders"},
	{"order_interval_days", "购买间隔中位数", "median days between orders", Number, "天", 0, "orders"},
	{"order_interval_spread", "购买间隔波动", "spread of the days between orders", Number, "天", 0, "orders"},
	{"repurchase_rate", "复购率", "repurchase rate", Number, "", 365, "orders"},
	{"brand_share", "品牌偏好度", "share of the preferred brand", Number, "", 365, "orders"},
	{"high_margin_share", "高毛利产品占比", "share of high-margin products", Number, "", 365, "orders"},
	{"margin_365d", "近一年毛利", "margin in 365 days", Number, "元", 365, "finance"},
	{"margin_rate", "毛利率", "margin rate", Number, "", 365, "finance"},
	{"cost_to_serve_365d", "近一年服务成本", "cost to serve in 365 days", Number, "元", 365, "finance"},
	{"discount_rate", "平均折扣率", "average discount", Number, "", 365, "orders"},
	{"price_sensitivity", "价格敏感度", "price sensitivity", Number, "分", 0, "people"},
	{"referral_value", "推荐带来的金额", "value of referrals", Number, "元", 0, "orders"},
	{"growth_rate", "增长率", "growth rate", Number, "", 365, "orders"},
}

// How close the customer is, and how well it pays (002-R15, 002-R20, 003-R10, 004-R3, 004-R7).
var relationFields = []Field{
	{"strategic_value", "战略价值", "strategic value", Number, "分", 0, "people"},
	{"trust", "信任度", "trust", Number, "分", 0, "people"},
	{"shared_goals", "目标一致度", "shared goals", Number, "分", 0, "people"},
	{"competitive_risk", "竞争风险", "competitive risk", Number, "分", 0, "people"},
	{"executive_contact", "高层参与", "executives take part", Flag, "", 0, "people"},
	{"loyalty", "忠诚度", "loyalty", Number, "分", 0, "people"},
	{"credit_score", "信用评分", "credit score", Number, "分", 0, "finance"},
	{"overdue_days", "逾期天数", "days overdue", Number, "天", 0, "finance"},
	{"overdue_amount", "逾期金额", "amount overdue", Number, "元", 0, "finance"},
}
