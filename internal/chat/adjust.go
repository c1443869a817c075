package chat

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring"
)

// adjustments is where scores are changed by hand; see ingest.Service.
type adjustments interface {
	AdjustOnce(ctx context.Context, id, adjustment string, a scoring.Adjustment) (customer.Customer, error)
}

// adjusting changes scores by hand.
func adjusting() []command {
	return []command{{id: "adjust", words: []string{"调整", "调分", "adjust"}, may: access.Claim, about: aboutFirstWord, private: true, ask: (*Service).askAdjust, shows: (*Service).shownAdjusting, run: (*Service).adjust, usage: lang.Text{
		ZH: "调整 <客户> +10% <原因>：人工调整得分，最多 20%，90 天有效（可写 30天）；销售提出，主管同意后生效", EN: "adjust <customer> +10% <reason>: change the score by hand, at most 20 %, for 90 days (or 30d); a rep asks, a manager approves",
	}}}
}

// wishAdjust is the kind of approvals that ask for an adjustment.
const wishAdjust = "adjust"

// adjustFor is how long an adjustment holds where nothing is said.
const adjustFor = 90

// wished is an adjustment as somebody types it: "+10% 30天 老板是熟人".
type wished struct {
	amount  float64
	percent bool
	days    int
	reason  string
}

// parseWish reads what stands behind the customer's name; false where it is no adjustment.
func parseWish(text string) (w wished, ok bool) {
	amount, rest := firstWord(signed(text))
	amount = strings.TrimSuffix(width.Fold.String(amount), pointWord)
	amount, w.percent = strings.CutSuffix(amount, "%")
	value, err := strconv.ParseFloat(amount, 64)
	if err != nil || value == 0 || math.IsInf(value, 0) || math.IsNaN(value) || !strings.ContainsAny(amount[:1], "+-") {
		return w, false
	}
	w.amount = value
	w.days, w.reason = dealDays(rest)
	if w.days == 0 {
		w.days = adjustFor
	}
	for _, word := range reasonWords {
		w.reason = strings.TrimPrefix(w.reason, word)
	}
	w.reason = bots.Cut(strings.TrimFunc(w.reason, blank), 300)
	return w, w.reason != ""
}

// signed writes 加10% as +10%.
func signed(text string) string {
	t := newTyped(text).trimmed()
	if rest, up := t.cutPrefix(upWords); up {
		return "+" + strings.TrimLeft(rest.String(), "+ ")
	}
	if rest, down := t.cutPrefix(downWords); down {
		return "-" + strings.TrimLeft(rest.String(), "- ")
	}
	return text
}

// adjustment is a wish for a customer, in points.
func (s *Service) adjustment(q question, w wished) scoring.Adjustment {
	points := w.amount
	if w.percent {
		points = unadjusted(q.customer.Score) * w.amount / 100
	}
	return scoring.Adjustment{Points: math.Round(points*1000) / 1000, Reason: w.reason, By: q.who.ID, Expires: q.at.AddDate(0, 0, w.days)}
}

// unadjusted is the total that the model alone gives.
func unadjusted(r scoring.Result) float64 {
	total := r.Total
	for _, c := range r.Contributions {
		if c.Rule == scoring.AdjustmentRule {
			total -= c.Points
		}
	}
	return total
}

// full reports whether the model's limit of the total took points away, so that more of them change nothing.
func full(r scoring.Result) bool {
	sum := 0.0
	for _, d := range r.Dimensions {
		switch {
		case d.ID == scoring.AdjustmentRule:
		case d.Cap > 0:
			sum += min(d.Raw, d.Cap)
		default:
			sum += d.Raw
		}
	}
	const rounding = 0.001
	return sum > unadjusted(r)+rounding
}

func (s *Service) askAdjust(_ context.Context, q question) (what, no string, err error) {
	c := q.customer
	w, ok := parseWish(q.rest)
	if !ok {
		return "", q.say("请写成：调整 <客户> <+10% 或 -5 分> [30天] <原因>，例如：调整 华星机械 +10% 老板是多年的老客户。最多 20%。", "Please write: adjust <customer> <+10% or -5> [30d] <reason>, for example: adjust Huaxing +10% long known. At most 20 %."), nil
	}
	if !s.sees([]access.Person{q.who}, c).Basis {
		return "", notConcerned(q.who.Language, c), nil
	}
	a := s.adjustment(q, w)
	bound := scoring.AdjustmentBound(unadjusted(c.Score))
	if math.Abs(a.Points) > bound {
		return "", q.sayf("%s 的得分最多调整 ±%.1f（20%%），%+.1f 超出了。", "The score of %s can be adjusted by at most ±%.1f (20 %%), %+.1f is more.", cards.Name(c), bound, a.Points), nil
	}
	if a.Points > 0 && full(c.Score) {
		return "", q.sayf("%s 的得分已是满分 %.1f，不能再往上调。", "The score of %s is at its most, %.1f, and cannot be raised.", cards.Name(c), unadjusted(c.Score)), nil
	}
	line := q.sayf("把 %s 的得分调整 %+.1f（现在 %.1f 分），%d 天有效。原因：%s", "Adjust the score of %s by %+.1f (now %.1f) for %d days. Reason: %s", cards.Name(c), a.Points, c.Score.Total, w.days, w.reason)
	if !q.who.May(access.Manage) {
		line = q.sayf("%s。需要主管同意。", "%s. A manager has to approve.", line)
	}
	return line, "", nil
}

// shownAdjusting is what is shown to whoever wishes for an adjustment: the score, or the bound that follows from it, stands in what is asked back, refused and answered.
func (s *Service) shownAdjusting(q question) access.Sight {
	_, wish := parseWish(q.rest)
	return access.Sight{Tier: true, Basis: wish && s.sees([]access.Person{q.who}, q.customer).Basis}
}

// adjust changes the score, or asks the managers to.
func (s *Service) adjust(ctx context.Context, q question) (reply, error) {
	w, _ := parseWish(q.rest)
	a := s.adjustment(q, w)
	if q.who.May(access.Manage) {
		text, err := s.adjustOnce(ctx, q.customer.ID, q.id, a)
		return said(text.In(q.who.Language)), err
	}
	wish := map[string]string{"points": strconv.FormatFloat(a.Points, 'f', -1, 64), "reason": a.Reason, "expires": a.Expires.Format(time.RFC3339)}
	err := s.request(ctx, q, approval{Kind: wishAdjust, Wish: wish}, func(p *cards.Printer) bots.Card {
		l := p.Language()
		return p.Approval(q.customer, cards.Request{
			Asker: q.who.Name, Reason: a.Reason, Until: p.Day(a.Expires),
			Change: l.Sayf("得分 %+.1f（%.1f → %.1f）", "score %+.1f (%.1f → %.1f)", a.Points, q.customer.Score.Total, unadjusted(q.customer.Score)+a.Points),
		})
	})
	if err != nil {
		return reply{}, err
	}
	return said(q.sayf("已提交主管审批：%s 得分 %+.1f。", "Sent to the managers: %s, score %+.1f.", cards.Name(q.customer), a.Points)), nil
}

// adjustOnce adjusts under an id and says what came of it.
func (s *Service) adjustOnce(ctx context.Context, id, adjustment string, a scoring.Adjustment) (lang.Text, error) {
	c, err := s.Adjust.AdjustOnce(ctx, id, adjustment, a)
	var bound *scoring.BoundError
	switch {
	case errors.As(err, &bound):
		return lang.Both("没有调整：最多 ±%.1f（20%%）", "Not adjusted: at most ±%.1f (20 %%)", bound.Bound), nil
	case errors.Is(err, scoring.ErrAdjustment):
		return lang.Both("没有调整：已过有效期", "Not adjusted: it would have ended already"), nil
	case err != nil:
		return lang.Text{}, err
	}
	if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
		return lang.Text{}, err
	}
	return lang.Both("%s 已调整 %+.1f，现在 %.1f 分。", "%s was adjusted by %+.1f and now has %.1f points.", cards.Name(c), a.Points, c.Score.Total), nil
}

// carryAdjust makes the adjustment of an approval, signed by who asked for it.
func (s *Service) carryAdjust(ctx context.Context, a approval, manager access.Person) (lang.Text, error) {
	points, err := strconv.ParseFloat(a.Wish["points"], 64)
	expires, timeErr := time.Parse(time.RFC3339, a.Wish["expires"])
	if err = errors.Join(err, timeErr); err != nil {
		return lang.Text{}, fmt.Errorf("approval %s: %w", a.ID, err)
	}
	done, err := s.adjustOnce(ctx, a.Customer, a.ID, scoring.Adjustment{Points: points, Reason: a.Wish["reason"], By: a.Asker, Expires: expires})
	if err != nil {
		return lang.Text{}, err
	}
	return lang.Both("已同意（%s）：%s", "Approved (%s): %s", manager.Name, done), nil
}
