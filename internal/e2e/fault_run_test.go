package e2e_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/emulator"
	"lingke/internal/store"
)

var faultsFor = flag.Duration("faults.for", 0, "how long TestEveryCodeOfThePlatforms lets every code happen again and again; once, and not those that a person has to mend, where 0")

const faultPeople = 6

// TestEveryCodeOfThePlatforms runs the real gateway as a process of its own under load, while each code of the platforms' documents is answered in turn, and while
// their limits are enforced. At the end what was refused for good is replayed, as a manager does; then nothing may be missing, nothing stand under a second id, and
// no limit have been passed.
func TestEveryCodeOfThePlatforms(t *testing.T) {
	start := time.Now()
	s := newSite(t, plan{
		people: crowd(faultPeople), budgets: true, monthCalls: 100_000, quickSince: strconv.FormatInt(start.UnixNano(), 10), clock: quickSince(strconv.FormatInt(start.UnixNano(), 10), nil),
		more: "jobs: {ownership: \"0 0 1 1 *\"}", tune: func(o *emulator.Options) {
			o.DingTalk.Limits.QPS, o.DingTalk.Limits.MonthCalls = 20, 100_000
			o.WeCom.PerMemberMin, o.WeCom.PerMemberHour, o.WeCom.CallsPerMin = 30, 1000, 10_000
			o.WeCom.AccountCap = manyAccounts
		},
	})
	addr := freeAddr(t)
	s.front.lead(addr)
	g := s.spawn(addr, "")
	defer g.kill(t)
	s.connected(1)
	rest := 500 * time.Millisecond
	if *faultsFor > 0 { // in an hour of this quick clock everybody would be told more than WeCom lets a person be told
		rest = 2 * time.Second
	}
	l := s.drive(rest)
	l.lost = true
	defer l.end()
	codes := errorCodes()
	if *faultsFor == 0 {
		codes = oneOfEach(codes)
	}
	e, hits := newEvidence(), map[class]map[string]int{}
	for round := 0; round == 0 || time.Since(start) < *faultsFor; round++ {
		s.suffer(codes, hits, e)
	}
	l.end()
	st := s.storeOf()
	drained(s.t, st, 6*time.Minute)
	replayed := s.replayAll(st)
	drained(s.t, st, 2*time.Minute)
	e.gather(s.requests())
	l.verify(t, st, e)
	if ding := s.em.DingTalk().Stats(); ding.Refused != 0 {
		t.Errorf("DingTalk refused %d calls for its limits", ding.Refused)
	}
	if wecom := s.em.WeCom().Stats(); wecom.Dropped+wecom.Limited != 0 {
		t.Errorf("WeCom dropped %d messages and refused %d calls for its limits", wecom.Dropped, wecom.Limited)
	}
	s.logHits(hits, replayed, time.Since(start))
}

// storeOf opens the store beside the gateway.
func (s *site) storeOf() store.Store {
	r := &reminding{site: s}
	r.open()
	return r.st
}

// suffer injects every trouble once and waits until all have happened.
func (s *site) suffer(codes []trouble, hits map[class]map[string]int, e *evidence) {
	s.t.Helper()
	for _, x := range codes {
		for _, f := range append(x.needs, x.fault) {
			s.fault(f)
		}
		if hits[x.class] == nil {
			hits[x.class] = map[string]int{}
		}
		hits[x.class][x.name]++
	}
	eventually(s.t, 4*time.Minute, "every code met", func() error {
		e.gather(s.requests())
		return s.met()
	})
	if err := s.control(s.t.Context(), http.MethodDelete, "/faults", nil, nil); err != nil {
		s.t.Fatal(err)
	}
}

// replayAll tries everything again that was given up, over the API, and returns how many and that each says why.
func (s *site) replayAll(st store.Store) (n int) {
	s.t.Helper()
	page, _, err := st.Deliveries(s.t.Context(), delivery.Query{State: delivery.Dead, Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range page {
		if d.Why == "" {
			s.t.Errorf("%s was given up without a reason", d.ID)
		}
		if err := s.api(http.MethodPost, "/api/v1/deliveries/"+d.ID+"/replay", nil); err != nil {
			s.t.Error(err)
		}
	}
	return len(page)
}

// api calls the gateway's API; out may be nil.
func (s *site) api(method, path string, out any) error {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.front.url+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+apiToken)
	resp, err := s.front.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

func (s *site) logHits(hits map[class]map[string]int, replayed int, took time.Duration) {
	s.t.Helper()
	total := 0
	for _, c := range []class{busy, tooFast, token, setting, final, known, gone, network} {
		n, names := 0, make([]string, 0, len(hits[c]))
		for name, times := range hits[c] {
			n += times
			names = append(names, fmt.Sprintf("%d× %s", times, name))
		}
		slices.Sort(names)
		total += n
		s.t.Logf("%6d of class %s (%d codes)", n, c, len(names))
		for _, name := range names {
			s.t.Logf("           %s", name)
		}
	}
	ding, wecom := s.em.DingTalk().Stats(), s.em.WeCom().Stats()
	s.t.Logf("%6d troubles in %s, %d dead letters replayed; DingTalk counted %d calls, WeCom %d messages, none beyond a limit", total, took.Round(time.Second), replayed, ding.Calls, wecom.Shown)
}
