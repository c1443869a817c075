package chat

import (
	"context"
	"strings"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/report"
)

// figuresOf are reports that take long to make on a large store. A period is a text as report.ParsePeriod reads it.
type figuresOf[T any] interface {
	// Kept returns what was made of a period at an instant or later and is kept; false where there is nothing.
	Kept(ctx context.Context, period string, since time.Time) (m report.Made[T], found bool, err error)
	// Make makes it now. Whoever asks again before it is made shares the work.
	Make(ctx context.Context, period string) (report.Made[T], error)
}

// latestWord and the others ask for figures as they are now, also where those of the morning are kept.
const latestWord = "latest"

var latestWords = []string{"最新的", "最新", "现在的", "此刻的", "重新算", "重算", latestWord, "as of now"}

// wantsLatest cuts such a word off.
func wantsLatest(rest string) (period string, latest bool) {
	for _, w := range latestWords {
		if before, after, found := strings.Cut(strings.ToLower(rest), w); found {
			return strings.TrimSpace(before + " " + after), true
		}
	}
	return rest, false
}

// madeFor returns figures that were made not long ago, or makes them; then the person hears that it takes a while, if it does.
func madeFor[T any](ctx context.Context, s *Service, q question, from figuresOf[T], period string, latest bool) (report.Made[T], error) {
	since := q.at.Add(-report.KeptFor)
	if latest {
		since = q.at
	}
	m, found, err := from.Kept(ctx, period, since)
	if found || err != nil {
		return m, err
	}
	return patiently(ctx, s, q, func(ctx context.Context) (report.Made[T], error) { return from.Make(ctx, period) })
}

// patiently does what may take long, and tells the person so if it does: once, also where a crash has it done again.
func patiently[T any](ctx context.Context, s *Service, q question, do func(context.Context) (T, error)) (result T, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		result, err = do(ctx)
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-done:
		return result, err
	case <-late.C:
	}
	x := q.from.delivery(q.say("客户较多，正在算，算好就发给你。", "There are many customers: I am working it out and will send it when it is ready."))
	if q.group() {
		x = delivery.Delivery{Platform: x.Platform, To: []string{q.from.user}, Text: x.Text}
	}
	told := s.Outgoing.Reply(ctx, q.id+"w", x)
	<-done
	if err == nil {
		err = told
	}
	return result, err
}

// asOf tells when figures were made that are not of this moment, and how to get those.
func (s *Service) asOf(q question, made time.Time) string {
	if !made.Before(q.at.Add(-time.Minute)) {
		return ""
	}
	at := made.In(s.Zone).Format("01-02 15:04")
	return q.sayf("\n\n数字截至 %s。要此刻的，在后面加“最新”再发一次，需要等一会儿。", "\n\nAs of %s. For the figures of this moment send it again with “latest” behind it, and wait a little.", at)
}
