package scoring

// fast holds a dimension's rules and indicators arranged for Total. The commonest shapes, a field against a constant and a
// field along a line, stand in plain tables that one loop walks without calls; the rest are closures. The order does not
// matter to a sum of integers.
type fast struct {
	bounds []boundRule
	tests  []testRule
	lines  []line
	gains  []gain
}

type boundRule struct {
	interval
	points int64
}

type testRule struct {
	test   test
	points int64
}

// line is a linear indicator over a field as it is.
type line struct {
	slot              int
	from, width, full float64
}

func (l *line) gain(c *cells) int64 { return portion((c.num[l.slot]-l.from)/l.width, l.full) }

func (f *fast) addRule(when *expression, r rule) {
	if b, ok := when.bound(when.root, true); ok {
		if i, ok := b.interval(); ok {
			f.bounds = append(f.bounds, boundRule{i, r.points})
			return
		}
	}
	f.tests = append(f.tests, testRule{r.test, r.points})
}

func (f *fast) addIndicator(i *indicatorSpec, weight float64, g gain) {
	if i.Linear == nil || !i.value.plain() {
		f.gains = append(f.gains, g)
		return
	}
	f.lines = append(f.lines, line{
		slot: i.value.slots[0], from: i.Linear.From, width: i.Linear.To - i.Linear.From, full: i.Weight * weight * 1000,
	})
}
