package cards

import (
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"lingke/internal/access"
	"lingke/internal/lang"
	"lingke/scoring"
)

// value writes a value as people say it: 115 万元, 1300 人, 3 天前. An amount stays hidden from those whom it is not meant for.
func (p *Printer) value(e scoring.Evidence) string {
	if access.Amount(e.Field, e.Unit) && !p.sight.Money {
		return p.say("金额保密", "amount withheld")
	}
	n, err := strconv.ParseFloat(e.Value, 64)
	switch {
	case err != nil || e.Unit == "":
		return e.Value
	case e.Unit == "天" && strings.HasPrefix(e.Name.ZH, "距上次"):
		return p.ago(n)
	case e.Unit == "元":
		return p.yuan(n)
	default:
		return strings.TrimSpace(e.Value + " " + p.unit(e.Unit))
	}
}

func (p *Printer) ago(days float64) string {
	if days < 1 {
		return p.say("1 天内", "within a day")
	}
	return p.sayf("%.0f 天前", "%.0f days ago", days)
}

// yuan writes an amount in 万 and 亿, with at most two decimals; in English in thousands and whole yuan.
func (p *Printer) yuan(amount float64) string {
	const wan, yi = 1e4, 1e8
	if p.lang == lang.English {
		return "¥" + message.NewPrinter(language.English).Sprintf("%.0f", amount)
	}
	switch size := abs(amount); {
	case size >= yi:
		return decimal(amount/yi) + " 亿元"
	case size >= wan:
		return decimal(amount/wan) + " 万元"
	default:
		return decimal(amount) + " 元"
	}
}

// unit is a value's unit.
func (p *Printer) unit(unit string) string {
	english := map[string]string{"人": "people", "天": "days", "次": "times", "分钟": "minutes", "年": "years", "个月": "months", "分": "points", "个": ""}
	if name, known := english[unit]; known && p.lang == lang.English {
		return name
	}
	return unit
}

// times is a number of times.
func (p *Printer) times(n int) string {
	if n == 1 {
		return p.say("1 次", "once")
	}
	return p.sayf("%d 次", "%d times", n)
}
