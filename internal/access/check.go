package access

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Damage is one place where the log is not as it was written.
type Damage struct {
	From, To int64 // numbers of the lines
	What     string
}

func (d Damage) String() string {
	if d.From == d.To {
		return fmt.Sprintf("第 %d 行：%s", d.From, d.What)
	}
	return fmt.Sprintf("第 %d–%d 行：%s", d.From, d.To, d.What)
}

// Checked is what a check of the log found.
type Checked struct {
	Lines int64
	First Read // the oldest line; zero where there is none
	Last  Read // the newest line
	// Purged is up to which line the log was cut off because its lines were old enough; 0: never.
	Purged int64
	Damage []Damage // in the order of the lines, the first mostDamage
}

// Whole reports whether the log is as it was written.
func (c Checked) Whole() bool { return len(c.Damage) == 0 }

// Head names the newest line and its seal, "1204:9f3c…", to be noted somewhere else: only that shows whether the whole log was later put back to an older state.
func (c Checked) Head() string { return strconv.FormatInt(c.Last.N, 10) + ":" + c.Last.Seal }

// mostDamage is how many damaged places are told.
const mostDamage = 100

// anchor is what is kept of lines that were purged: the last of them.
type anchor struct {
	N      int64     `json:"n"`
	Seal   string    `json:"seal"`
	At     time.Time `json:"at"`     // of that line
	Purged time.Time `json:"purged"` // when
	Key    string    `json:"key"`
	MAC    string    `json:"mac"`
}

const anchorName = "reads.anchor"

func (a anchor) text() string {
	return fmt.Sprintf("anchor %d %s %d %d", a.N, a.Seal, a.At.UnixMilli(), a.Purged.UnixMilli())
}

// checker walks along the log.
type checker struct {
	keys Keys
	at   Read // the line before
	out  Checked
}

func (k *checker) damaged(from, to int64, what string) {
	if len(k.out.Damage) < mostDamage {
		k.out.Damage = append(k.out.Damage, Damage{from, to, what})
	}
}

// Check walks the whole log and names every place where a line is missing, changed or moved. noted may be Heads of earlier checks.
func (l *Log) Check(ctx context.Context, noted ...string) (Checked, error) {
	k := &checker{keys: l.keys}
	// The last line first: what is appended meanwhile comes after it.
	last, err := l.store.LastRead(ctx)
	if err != nil {
		return Checked{}, fmt.Errorf("check the read log: %w", err)
	}
	if err := l.checkAnchor(ctx, k); err != nil {
		return Checked{}, err
	}
	heads := heads(noted)
	for {
		page, err := l.store.ReadsAfter(ctx, k.at.N, 1000)
		if err != nil {
			return Checked{}, fmt.Errorf("check the read log: %w", err)
		}
		for _, r := range page {
			k.line(r, heads)
		}
		if len(page) == 0 {
			break
		}
	}
	k.end(last, heads)
	return k.out, nil
}

// checkAnchor starts the walk behind what was purged.
func (l *Log) checkAnchor(ctx context.Context, k *checker) error {
	text, err := l.store.Document(ctx, anchorName)
	if err != nil {
		return fmt.Errorf("check the read log: %w", err)
	}
	if len(text) == 0 {
		return nil
	}
	var a anchor
	key, known := Key{}, false
	if json.Unmarshal(text, &a) == nil {
		key, known = l.keys.ByID(a.Key)
	}
	mac, _ := decodeMAC(a.MAC)
	switch {
	case !known || !(Keys{key}).Verify(a.text(), mac):
		k.damaged(1, max(a.N, 1), "清理记录被改动")
	case a.Purged.Sub(a.At) < LeastKept:
		k.damaged(1, a.N, "保存期未满就被清理")
	}
	k.at, k.out.Purged = Read{N: a.N, Seal: a.Seal}, a.N
	return nil
}

// line looks at the next stored line.
func (k *checker) line(r Read, heads map[int64]string) {
	if r.N > k.at.N+1 {
		k.damaged(k.at.N+1, r.N-1, "被删除")
	} else if r.Prev != k.at.Seal {
		k.damaged(r.N, r.N, "与前一行不衔接")
	}
	key, known := k.keys.ByID(r.Key)
	switch {
	case !known:
		k.damaged(r.N, r.N, "由未配置的密钥封存（server.secrets 里要保留旧密钥），或被改动")
	case r.sealOf(key.secret) != r.Seal:
		k.damaged(r.N, r.N, "被改动")
	}
	if seal, noted := heads[r.N]; noted && !strings.HasPrefix(r.Seal, seal) {
		k.damaged(r.N, r.N, "与另处记下的不同")
	}
	if k.out.Lines == 0 {
		k.out.First = r
	}
	k.out.Lines++
	k.at, k.out.Last = r, r
}

// end compares where the lines end with what the log remembers as its last line, and with what was noted elsewhere.
func (k *checker) end(last Read, heads map[int64]string) {
	switch {
	case last.N > k.at.N:
		k.damaged(k.at.N+1, last.N, "被删除")
	case last.N == k.at.N && last.Seal != k.at.Seal:
		k.damaged(last.N, last.N, "与末行记录不同")
	case last.N == 0 && k.at.N > 0:
		k.damaged(k.at.N, k.at.N, "末行记录丢失")
	}
	for n := range heads {
		if n > max(k.at.N, last.N) {
			k.damaged(max(k.at.N, last.N)+1, n, "被删除（另处记有更新的行）")
		}
	}
}

// heads reads notes of Checked.Head; what is none is ignored.
func heads(noted []string) map[int64]string {
	out := make(map[int64]string)
	for _, text := range noted {
		number, seal, _ := strings.Cut(text, ":")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && n > 0 {
			out[n] = seal
		}
	}
	return out
}
