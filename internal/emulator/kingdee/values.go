package kingdee

import (
	"math"
	"strconv"
	"time"
)

// rows are the finished values of one page and the keys as they were asked for.
func (s *Server) rows(c call) (keys []string, rows [][]any, err error) {
	data, err := c.data(0)
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.newQuery(data)
	if err != nil {
		return nil, nil, err
	}
	found := s.run(q)
	rows = make([][]any, len(found))
	for i, r := range found {
		rows[i] = make([]any, len(q.cols))
		for j, col := range q.cols {
			rows[i][j] = s.shown(col.kind(), col.value(r))
		}
	}
	for _, col := range q.cols {
		keys = append(keys, col.key)
	}
	return keys, rows, nil
}

// executeBillQuery answers with an array of arrays in the order of FieldKeys.
func (s *Server) executeBillQuery(c call) (any, error) {
	_, rows, err := s.rows(c)
	return rows, err
}

// billQuery answers with an array of objects by the names that were asked for.
func (s *Server) billQuery(c call) (any, error) {
	keys, rows, err := s.rows(c)
	out := make([]map[string]any, len(rows))
	for i, r := range rows {
		out[i] = make(map[string]any, len(keys))
		for j, key := range keys {
			out[i][key] = r[j]
		}
	}
	return out, err
}

func (s *Server) billQueryError(r *refusal) any {
	if s.opts.BareQueryError {
		return plain(r)
	}
	return []any{plain(r)}
}

// shown is a cell as it goes over the wire: dates without a zone, amounts as plain numbers, what was never set as an empty
// text, 0 or null.
func (s *Server) shown(kind Kind, cell any) any {
	switch v := cell.(type) {
	case time.Time:
		return s.showTime(v)
	case float64:
		return decimal(v)
	case nil:
		return unset(kind)
	}
	return cell
}

func (s *Server) showTime(at time.Time) string {
	layout := "2006-01-02T15:04:05"
	if s.opts.Fractions {
		layout += ".999" // trailing zeros are left out
	}
	return at.In(zone).Format(layout)
}

func unset(kind Kind) any {
	switch kind {
	case Text:
		return ""
	case Integer, Decimal, reference:
		return 0
	}
	return nil
}

// decimal writes a number without an exponent, whatever its size.
type decimal float64

func (d decimal) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(d)) || math.IsInf(float64(d), 0) {
		return []byte("0"), nil
	}
	return strconv.AppendFloat(nil, float64(d), 'f', -1, 64), nil
}
