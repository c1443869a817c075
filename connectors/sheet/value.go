package sheet

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// The ways in which a cell has no value that could be used.
var (
	noCache   = because("公式没有保存计算结果；请在 Excel 中打开并保存，或粘贴为数值", "the formula's value is not stored; open and save the file in Excel, or paste it as a value")
	errorCell = because("单元格是错误值；请改正公式或清空", "the cell holds an error; correct the formula or empty the cell")
	tooLong   = because("内容过长", "the text is too long")
	damaged   = because("只保留了 15 位有效数字，其余已被 Excel 改为 0；请把该列设为文本后重新填写", "Excel keeps only 15 digits of a number and has changed the rest to 0; make the column text and type it again")
	badText   = because("含有无法识别的字符（文件编码受损）", "holds characters that cannot be decoded: the file is damaged or in another encoding")
	notListed = because("不在映射表的取值中", "is none of the values that the mapping names")
	isMissing = because("不能为空", "must not be empty")
)

// converter turns cells into canonical texts.
type converter struct {
	dates  dates
	epoch  epoch
	limits Limits
	checks map[string]func(string) (string, error)
}

// value is what a row says of a field: its canonical text, and whether it says anything. The failure names the column.
func (c converter) value(s *source, r row) (text string, told bool, col int, err error) {
	if s.product {
		return c.multiplied(s, r)
	}
	if s.read != nil {
		return c.worked(s, r)
	}
	if s.col.Value != "" {
		return s.col.Value, true, -1, nil
	}
	for _, col := range s.cols {
		text, told, err := c.cell(s, r.at(col))
		if err != nil || told {
			return text, told, col, err
		}
	}
	return s.col.Default, s.col.Default != "", -1, nil
}

// worked works an expression out over the texts of the cells, and reads what comes of it like the text of one cell.
func (c converter) worked(s *source, r row) (value string, told bool, wrong int, err error) {
	wrong = -1
	made, _, err := s.col.expr.Value(func(name string) (string, bool, error) {
		col, has := s.read[name]
		if !has {
			return "", false, nil
		}
		x := r.at(col)
		_, _, err := c.cell(&source{typ: "text"}, x)
		if err != nil {
			wrong = col
		}
		return strings.TrimSpace(x.shown(c.epoch)), true, err
	}, c.dates.zone)
	if err != nil {
		return "", false, wrong, err
	}
	if made == "" {
		return s.col.Default, s.col.Default != "", -1, nil
	}
	value, told, err = c.cell(s, cell{kind: text, text: made})
	return value, told, -1, err
}

func (c converter) multiplied(s *source, r row) (string, bool, int, error) {
	product := decimal(decimalUnit)
	for _, col := range s.cols {
		d, ok, err := c.number(r.at(col), parseNumber)
		if err != nil || !ok {
			return "", false, col, err
		}
		if product, ok = product.times(d); !ok {
			return "", false, col, tooMuch
		}
	}
	return product.String(), true, -1, nil
}

func (c converter) cell(s *source, x cell) (text string, told bool, err error) {
	switch x.kind {
	case blank:
		return "", false, nil
	case broken:
		return "", false, errorCell
	case uncounted:
		return "", false, noCache
	}
	if len(x.text) > c.limits.Cell {
		return "", false, tooLong
	}
	meaning, known := s.meaning(x.shown(c.epoch))
	switch {
	case known:
		return meaning, meaning != "", nil
	case s.col.otherwise:
		return s.col.Default, s.col.Default != "", nil
	case s.col.Strict:
		return "", false, notListed
	}
	if text, told, err = c.typed(s, x); err != nil || !told {
		return "", false, err
	}
	if check := c.checks[s.field]; check != nil {
		if text, err = check(text); err != nil {
			return "", false, err
		}
	}
	return text, text != "", nil
}

// meaning looks a word up in the mapping's table of values.
func (s *source) meaning(shown string) (string, bool) {
	if len(s.col.Values) == 0 {
		return "", false
	}
	if v, ok := s.col.Values[strings.TrimSpace(shown)]; ok {
		return v, true
	}
	for k, v := range s.col.Values {
		if fold(k) == fold(shown) {
			return v, true
		}
	}
	return "", false
}

func (c converter) typed(s *source, x cell) (string, bool, error) {
	switch s.typ {
	case "amount", "number":
		parse := parseNumber
		if s.typ == "amount" {
			parse = parseAmount
		}
		d, ok, err := c.number(x, parse)
		if err == nil && s.factor != 1 && !strings.ContainsAny(fold(x.text), "万亿千百wk") {
			d, ok = d.times(decimal(s.factor * decimalUnit))
			if !ok {
				return "", false, tooMuch
			}
		}
		return d.String(), ok, err
	case "date":
		t, ok, err := c.date(x)
		return t.Format(time.RFC3339), ok, err
	case "phone":
		if x.kind == text && (strings.TrimSpace(x.text) == "-" || maskedPhone.MatchString(strings.TrimSpace(x.text))) {
			return "", false, nil
		}
		phone, err := parsePhone(x.text)
		return phone, phone != "", err
	case "flag":
		return lookUp(flagWords, x.text, notFlag)
	case "status":
		return lookUp(statusWords, x.text, notStatus)
	case "activity":
		if v, _, err := lookUp(activityWords, x.text, notListed); err == nil {
			return v, true, nil
		}
	}
	return c.plainText(s, x)
}

// number reads a cell as a number; Excel's own numbers need no parsing but go the same way, so that both give the same.
func (c converter) number(x cell, parse func(string) (decimal, bool, error)) (decimal, bool, error) {
	switch x.kind {
	case blank:
		return 0, false, nil
	case broken:
		return 0, false, errorCell
	case uncounted:
		return 0, false, noCache
	case day:
		return 0, false, because("是日期，应为数字", "is a date; expected a number")
	}
	return parse(x.text)
}

func (c converter) date(x cell) (time.Time, bool, error) {
	if x.kind == number || x.kind == day {
		if x.kind == number && x.number >= 1900_01_01 && x.number <= 2200_12_31 {
			return c.dates.parse(x.text) // 20260302 typed as a number
		}
		t, ok := serialDate(x.number, c.epoch)
		if !ok || x.kind == number && (t.Year() < 1930 || t.Year() > 2150) {
			return time.Time{}, false, notDate
		}
		return c.dates.civil(t), true, nil
	}
	return c.dates.parse(x.text)
}

// plainText keeps a text as it is, but for blanks around it. A number of more than 15 digits has lost some of them.
func (c converter) plainText(s *source, x cell) (string, bool, error) {
	if x.kind == number && (x.number >= 1e15 || x.number <= -1e15) {
		return "", false, damaged
	}
	t := strings.TrimSpace(x.shown(c.epoch))
	if strings.ContainsRune(t, '\uFFFD') || strings.ContainsRune(t, 0) {
		return "", false, badText
	}
	if (s.field == "id" || s.field == "customer") && scientific.MatchString(t) {
		return "", false, damaged
	}
	if s.typ == "code" {
		t = strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(t)), ""))
		if scientific.MatchString(t) {
			return "", false, damaged
		}
	}
	return t, t != "", nil
}

// reasonOf is the reason that an error carries; an error from elsewhere is its own.
func reasonOf(err error) Reason {
	var r Reason
	if errors.As(err, &r) {
		return r
	}
	return Reason{ZH: err.Error(), EN: fmt.Sprint(err)}
}
