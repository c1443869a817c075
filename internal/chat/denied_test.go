package chat

import (
	"fmt"
	"strings"
	"testing"
)

// TestNothingFinalIsReadFromADenialOrAQuestion turns every text of the corpus that means what cannot be taken back into one that denies it, asks about it or supposes it. A question
// mark alone is no question: 退回 华星？ is answered by asking whether that is meant, as is every such command.
func TestNothingFinalIsReadFromADenialOrAQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, name := range companies {
		w.lead(fmt.Sprint(i+1), name, 5)
	}
	boss, texts := staff()[3], 0
	for _, file := range corpora {
		for _, line := range corpus(t, file) {
			text, want, _ := strings.Cut(line, " => ")
			if !irreversible(want) {
				continue
			}
			text = strings.TrimRight(text, "吧了。！! ")
			all := []string{"先别" + text, "千万不要" + text, "还没" + text, "谁说要" + text, "如果" + text + "会怎样", "为什么要" + text, "是不是该" + text + "呢"}
			for i := range 3 { // of each text some, of all texts all
				other := all[(texts+i*2)%len(all)]
				if got := w.reading(boss.ID, other); irreversible(got) {
					t.Errorf("%q would be done as %q", other, got)
				}
			}
			texts++
		}
	}
	if texts < 50 {
		t.Errorf("only %d texts", texts)
	}
}
