package configs

import (
	"fmt"
	"time"
)

// delivery looks at how messages go out.
func (c *checker) delivery() {
	d := c.cfg.Delivery
	c.between("delivery.workers", d.Workers, 1, 256)
	if _, _, err := d.QuietHours(); err != nil && c.given("delivery.quiet") {
		c.refuse("delivery.quiet", err.Error(), `write it like "21:00-08:00", or off`)
	}
	if _, err := d.DigestAt(); err != nil && c.given("delivery.digest.at") {
		c.refuse("delivery.digest.at", err.Error(), "")
	}
	c.between("delivery.digest.above", d.Digest.Above, 0, 1000)
	c.span("delivery.digest.within", d.Digest.Within, 0, 24*time.Hour)
	c.span("delivery.digest.gather", d.Digest.Gather, 0, time.Hour)
	for platform, b := range map[string]Budget{"dingtalk": d.Budgets.DingTalk, "wecom": d.Budgets.WeCom} {
		path := "delivery.budgets." + platform
		for key, n := range map[string]int{
			"api_second": b.APISecond, "api_minute": b.APIMinute, "month_calls": b.MonthCalls, "month_pushes": b.MonthPushes,
			"person_minute": b.PersonMinute, "person_hour": b.PersonHour, "robot_minute": b.RobotMinute,
		} {
			c.between(join(path, key), n, 0, 1_000_000_000)
		}
		c.between(join(path, "accounts"), b.Accounts, -1, 10_000_000)
	}
	c.between("delivery.budgets.results", d.Budgets.Results, 0, 100)
	for i, share := range d.Budgets.Warn {
		c.between(fmt.Sprintf("delivery.budgets.warn[%d]", i), share, 1, 100)
	}
}
