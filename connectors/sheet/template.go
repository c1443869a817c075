package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// templateColumn is a column of the template: its header says what it is, its note how to fill it in.
type templateColumn struct {
	header, note, example string
	choices               []string
}

var templateColumns = []templateColumn{
	{"客户编号", "贵司系统中的客户编号；没有可留空，以客户名称区分", "示例-001", nil},
	{"客户名称*", "必填，营业执照上的全称", "苏州华星机械有限公司", nil},
	{"统一社会信用代码", "18 位；请保持文本格式，否则 Excel 会截断", "91310000631696382C", nil},
	{"联系人", "", "张三", nil},
	{"电话", "手机或座机，座机请写区号；保持文本格式", "0512-62881234", nil},
	{"行业", "", "制造业", nil},
	{"地区", "", "华东", nil},
	{"员工人数", "数字", "1200", nil},
	{"订单编号", "一行一个订单；同一订单的多行金额相加。没有订单可留空以下各列", "SO-2026-001", nil},
	{"订单日期", "如 2026-03-02", "2026-03-02", nil},
	{"金额（元）", "可写 12,500.50 或 1.25万", "125000.00", nil},
	{"产品名称", "", "数控机床", nil},
	{"订单状态", "留空为成交", "成交", []string{"成交", "进行中", "丢单", "取消"}},
}

// Template writes an .xlsx file that people fill in and import: headers with notes, lists to choose from, text columns where Excel would change numbers, and an
// example row, which reading skips.
func Template(w io.Writer) error {
	b, err := newBook("客户与订单")
	if err != nil {
		return err
	}
	defer b.close()
	const sheet = "客户与订单"
	textStyle, err := b.file.NewStyle(&excelize.Style{NumFmt: 49}) // text
	if err != nil {
		return fmt.Errorf("template: %w", err)
	}
	if err := b.stream.SetColStyle(1, 9, textStyle); err != nil {
		return fmt.Errorf("template: %w", err)
	}
	if err := b.stream.SetColWidth(1, len(templateColumns), 18); err != nil {
		return fmt.Errorf("template: %w", err)
	}
	header, example := make([]any, len(templateColumns)), make([]any, len(templateColumns))
	for i, c := range templateColumns {
		header[i] = excelize.Cell{StyleID: b.header, Value: c.header}
		example[i] = excelize.Cell{StyleID: b.note, Value: c.example}
	}
	for _, cells := range [][]any{header, example} {
		if err := b.write(cells); err != nil {
			return err
		}
	}
	if err := b.stream.Flush(); err != nil {
		return fmt.Errorf("template: %w", err)
	}
	for i, c := range templateColumns {
		if err := decorate(b.file, sheet, letters(i), c); err != nil {
			return fmt.Errorf("template: %w", err)
		}
	}
	return b.file.Write(w)
}

func decorate(f *excelize.File, sheet, column string, c templateColumn) error {
	if c.note != "" {
		if err := f.AddComment(sheet, excelize.Comment{Cell: column + "1", Author: "领客", Text: c.note}); err != nil {
			return err
		}
	}
	if len(c.choices) == 0 {
		return nil
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(column + "2:" + column + "10000")
	if err := v.SetDropList(c.choices); err != nil {
		return err
	}
	return f.AddDataValidation(sheet, v)
}
