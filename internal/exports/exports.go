// Package exports writes what the store holds as tables: the grading table of customers, tasks, and the deliveries that were given up. Everything is
// streamed; a phone number is masked unless the one who asks may see it.
package exports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/store"
	"lingke/scoring"
)

// ErrList says that there is no list of that name.
var ErrList = errors.New("no such list")

// The lists.
const (
	Customers  = "customers"
	Tasks      = "tasks"
	Deliveries = "deliveries" // those that were given up
	Orders     = "orders"     // every order and deal that counts, and those told by people that do not
	Changes    = "changes"    // of tiers, as far as they are kept
	Activities = "activities"
	Exposures  = "exposures" // who had a part in a play, and who was held out
)

// Lists are the names of the lists.
func Lists() []string {
	return []string{Customers, Tasks, Deliveries, Orders, Changes, Activities, Exposures}
}

// lists is the part of the store that is exported.
type lists interface {
	Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error)
	Customer(ctx context.Context, id string) (customer.Customer, error)
	Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error)
	Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error)
	Tasks(ctx context.Context, q followup.Query) (page []followup.Task, next string, err error)
	Deliveries(ctx context.Context, q delivery.Query) (page []delivery.Delivery, next string, err error)
}

// Service exports. Its methods may be called from several goroutines.
type Service struct {
	Store   lists
	Models  func() scoring.Models // their dimensions are columns
	Explain func(customer.Customer) scoring.Result
	Name    func(person string) string // of a person's id
	Zone    *time.Location
}

// Request says what to export.
type Request struct {
	List   string
	File   string // decides by its ending whether it becomes .xlsx or .csv
	Filter store.CustomerQuery
	Phones bool // whether the reader may see whole phone numbers
}

// Write writes a list and returns how many rows it has. Errors: ErrList, sheet.ErrFile for an unknown kind of file.
func (s *Service) Write(ctx context.Context, q Request, newWriter func(title string, header []string) (sheet.Writer, error)) (n int, err error) {
	var out sheet.Writer
	switch q.List {
	case Customers, "":
		dims := s.dimensions()
		if out, err = newWriter("客户分级表", customerHeader(dims)); err == nil {
			n, err = s.customers(ctx, q, dims, out)
		}
	case Tasks:
		if out, err = newWriter("任务", []string{"任务编号", "标题", "客户", "负责人", "状态", "到期时间", "结果", "创建时间", "结束时间", "领客编号", "负责人编号"}); err == nil {
			n, err = s.tasks(ctx, out)
		}
	case Deliveries:
		if out, err = newWriter("未送达消息", []string{"编号", "平台", "类型", "客户", "收件人", "原因", "尝试次数", "创建时间", "结束时间"}); err == nil {
			n, err = s.deliveries(ctx, out)
		}
	case Orders, Changes, Activities, Exposures:
		t := histories[q.List]
		if out, err = newWriter(t.title, t.header); err == nil {
			n, err = s.history(ctx, q, t, out)
		}
	default:
		return 0, fmt.Errorf("%w: %q; there are %v", ErrList, q.List, Lists())
	}
	if err != nil {
		return n, err
	}
	return n, out.Close()
}

// dimensions are those of all models, each once.
func (s *Service) dimensions() (all []scoring.DimensionScore) {
	for _, m := range s.Models() {
		for _, d := range m.Score(m.Schema().NewFacts(), time.Unix(0, 0)).Dimensions {
			if !slices.ContainsFunc(all, func(o scoring.DimensionScore) bool { return o.Name == d.Name }) {
				all = append(all, d)
			}
		}
	}
	return all
}

// customerHeader has the three parts of a grading table: who it is, the dimensions with their values, the grade. Those of the first part are
// recognised when the table is read again.
func customerHeader(dims []scoring.DimensionScore) []string {
	header := []string{"领客编号", "客户编号", "来源记录", "客户名称", "统一社会信用代码", "联系人", "电话", "行业", "地区", "阶段", "负责人", "所在线索池", "订单数", "累计成交额", "最近成交"}
	for _, d := range dims {
		header = append(header, d.Name+"得分")
	}
	return append(header, "总分", "层级", "评分时间", "首次评分", "满意度", "近一年服务成本")
}

func (s *Service) customers(ctx context.Context, q Request, dims []scoring.DimensionScore, out sheet.Writer) (n int, err error) {
	filter := q.Filter
	filter.Limit = 500
	for {
		page, next, err := s.Store.Customers(ctx, filter)
		if err != nil {
			return n, fmt.Errorf("export customers: %w", err)
		}
		for _, c := range page {
			row, err := s.customerRow(ctx, c, q.Phones, dims)
			if err != nil {
				return n, err
			}
			if err := out.Row(row...); err != nil {
				return n, fmt.Errorf("export customer %s: %w", c.ID, err)
			}
			n++
		}
		if filter.After = next; next == "" {
			return n, nil
		}
	}
}

var stageNames = map[customer.Stage]string{customer.Lead: "线索", customer.Active: "成交", customer.Dormant: "沉睡", customer.Lost: "流失"}

func (s *Service) customerRow(ctx context.Context, c customer.Customer, phones bool, dims []scoring.DimensionScore) ([]any, error) {
	orders, err := s.Store.Orders(ctx, c.Refs())
	if err != nil {
		return nil, fmt.Errorf("orders of %s: %w", c.ID, err)
	}
	won, sum, last := 0, customer.Money(0), time.Time{}
	for _, o := range customer.Counted(orders) {
		if o.Status == connectors.StatusWon {
			won, sum, last = won+1, sum+o.Amount, o.Date
		}
	}
	phone := c.Text(connectors.FieldPhone)
	if !phones {
		phone = access.MaskPhone(phone)
	}
	row := []any{
		c.ID, sheetID(c), otherRefs(c), c.Name, c.CreditCode, c.Text(connectors.FieldContact), phone, c.Text("industry"), c.Text("region"), stageNames[c.Stage], s.Name(c.Owner), c.Pool,
		won, sum.Yuan(), last,
	}
	result := s.Explain(c)
	for _, d := range dims {
		i := slices.IndexFunc(result.Dimensions, func(o scoring.DimensionScore) bool { return o.Name == d.Name })
		if i < 0 {
			row = append(row, "")
			continue
		}
		row = append(row, result.Dimensions[i].Points)
	}
	return append(row, c.Score.Total, c.Tier, c.Score.At, c.Judged, c.Text("satisfaction"), c.Text("cost_to_serve_365d")), nil
}

// otherRefs are the records of other sources, by which the customer is found when the table is imported again, also without a credit code.
func otherRefs(c customer.Customer) string {
	return customer.SameAsText(slices.DeleteFunc(c.Refs(), func(ref customer.Ref) bool { return ref.Source() == sheet.DefaultSource }))
}

// sheetID is the id by which a table told of the customer, so that the export can be corrected and imported again; "" where none did: its name then counts.
func sheetID(c customer.Customer) string {
	for _, ref := range c.Refs() {
		if ref.Source() == sheet.DefaultSource {
			return ref.ID()
		}
	}
	return ""
}

func (s *Service) tasks(ctx context.Context, out sheet.Writer) (n int, err error) {
	states := map[followup.State]string{followup.Open: "未完成", followup.Done: "已完成"}
	for q := (followup.Query{Limit: 500}); ; {
		page, next, err := s.Store.Tasks(ctx, q)
		if err != nil {
			return n, fmt.Errorf("export tasks: %w", err)
		}
		for _, t := range page {
			state, known := states[t.State]
			if !known {
				state = "已取消"
			}
			if err := out.Row(t.ID, t.Title, s.customerName(ctx, t.Customer), s.Name(t.Owner), state, t.Due, t.Result, t.Created, t.Ended, t.Customer, t.Owner); err != nil {
				return n, fmt.Errorf("export task %s: %w", t.ID, err)
			}
			n++
		}
		if q.After = next; next == "" {
			return n, nil
		}
	}
}

func (s *Service) deliveries(ctx context.Context, out sheet.Writer) (n int, err error) {
	for q := (delivery.Query{State: delivery.Dead, Limit: 500}); ; {
		page, next, err := s.Store.Deliveries(ctx, q)
		if err != nil {
			return n, fmt.Errorf("export deliveries: %w", err)
		}
		for _, d := range page {
			if err := out.Row(d.ID, string(d.Platform), d.Kind, s.customerName(ctx, d.Customer), fmt.Sprint(d.To), d.Why, d.Attempts, d.Created, d.Ended); err != nil {
				return n, fmt.Errorf("export delivery %s: %w", d.ID, err)
			}
			n++
		}
		if q.After = next; next == "" {
			return n, nil
		}
	}
}

// customerName is a customer's name, or its id where it is gone.
func (s *Service) customerName(ctx context.Context, id string) string {
	c, err := s.Store.Customer(ctx, id)
	if err != nil || c.Name == "" {
		return id
	}
	return c.Name
}
