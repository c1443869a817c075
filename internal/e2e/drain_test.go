package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/emulator"
	"lingke/internal/store"
)

var drainCards = flag.Int("drain.cards", 200, "how many cards TestManyCardsAreDrainedAtThePlatformsPace has waiting; from 10,000 on the memory is compared with that for a tenth of them")

// TestManyCardsAreDrainedAtThePlatformsPace lets a gateway process of its own send what has piled up, while the platforms enforce their limits: DingTalk's 20 calls a second, WeCom's 30
// messages a minute to a person. 10,000 take some five minutes.
func TestManyCardsAreDrainedAtThePlatformsPace(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak of a process's memory is read from /proc")
	}
	peaks := map[int]float64{}
	for _, n := range []int{*drainCards / 10, *drainCards} {
		t.Run(fmt.Sprint(n), func(t *testing.T) { peaks[n] = drain(t, n) })
	}
	few, many := peaks[*drainCards/10], peaks[*drainCards]
	t.Logf("%.0f MB at most for %d cards, %.0f MB for %d", few, *drainCards/10, many, *drainCards)
	if *drainCards >= 10_000 && many > 1.25*few+10 {
		t.Errorf("memory grows with what waits: %.0f MB for %d cards, %.0f MB for %d", few, *drainCards/10, many, *drainCards)
	}
}

// drain has n cards sent and returns the gateway's greatest resident memory in MB.
func drain(t *testing.T, n int) float64 {
	people := crowd(100)
	s := newSite(t, plan{people: people, budgets: true, monthCalls: 100_000, tune: func(o *emulator.Options) {
		o.DingTalk.Limits.QPS, o.DingTalk.Limits.MonthCalls = 20, 100_000
		o.WeCom.PerMemberMin, o.WeCom.PerMemberHour, o.WeCom.CallsPerMin, o.WeCom.AccountCap = 30, 1000, 10_000, manyAccounts
	}})
	st := s.storeOf()
	s.pile(st, n)
	began := s.now()
	g := s.spawn(freeAddr(t), "")
	defer g.kill(t)
	eventually(t, 10*time.Minute, "everything sent", func() error {
		depths, err := st.Depths(t.Context(), s.now())
		for _, d := range depths {
			if d.State == delivery.Due {
				return fmt.Errorf("%d wait on %s", d.N, d.Platform)
			}
		}
		return err
	})
	took := s.now().Sub(began)
	peak := peakOf(t, g.cmd.Process.Pid)
	shown := 0
	for _, p := range people {
		for _, platform := range platforms {
			shown += len(s.messages(platform, p, 0))
		}
	}
	if shown != n {
		t.Errorf("%d cards are shown, want %d", shown, n)
	}
	ding, wecom := s.em.DingTalk().Stats(), s.em.WeCom().Stats()
	if slipped := ding.Refused + wecom.Dropped + wecom.Limited; slipped > n/20 || slipped != 0 && !underRace { // a call that a raced process was held up with counts in a later second
		t.Errorf("DingTalk refused %d calls, WeCom dropped %d messages and refused %d calls", ding.Refused, wecom.Dropped, wecom.Limited)
	}
	noneDead(t, st)
	t.Logf("%d cards in %s %.1f a second on DingTalk of 20; %.0f MB at most", n, took.Round(100*time.Millisecond), float64(ding.Calls)/took.Seconds(), peak)
	return peak
}

// pile stores n cards that are due, each for one person, half of them on each platform.
func (s *site) pile(st store.Store, n int) {
	s.t.Helper()
	now := s.now().UTC().Truncate(time.Millisecond)
	for i := range n {
		p := s.people[i%len(s.people)]
		platform, to := bots.DingTalk, p.DingTalk
		if to == "" {
			platform, to = bots.WeCom, p.WeCom
		}
		card := bots.Card{
			Kind: "lead", Title: fmt.Sprintf("新线索：苏州%05d精密机械有限公司", i), State: "待领取", Body: "- 五百人以上的制造企业\n- 近三十天访问十二次",
			Fields: []bots.Field{{Name: "得分", Value: "85（高价值）"}, {Name: "地区", Value: "华东"}}, Actions: []bots.Action{{ID: "claim", Label: "领取"}, {ID: "why", Label: "为什么"}},
		}
		d := delivery.Delivery{ID: fmt.Sprintf("pile-%05d", i), Platform: platform, Kind: "lead", To: []string{to}, Card: &card, Rev: 1, State: delivery.Due, Due: now, Created: now}
		if _, err := st.Show(s.t.Context(), d); err != nil {
			s.t.Fatal(err)
		}
	}
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func peakOf(t *testing.T, pid int) float64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	m := peakLine.FindSubmatch(status)
	if err != nil || m == nil {
		t.Fatalf("%v: %s", err, status)
	}
	kb, _ := strconv.ParseFloat(string(m[1]), 64)
	return kb / 1024
}
