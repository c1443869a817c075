package exports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/customer"
)

// table is a list with several rows for each customer.
type table struct {
	title  string
	header []string
	rows   func(s *Service, ctx context.Context, c customer.Customer) ([][]any, error)
}

// histories are the raw data behind every figure of a report: whoever doubts one can add it up again.
var histories = map[string]table{
	Orders:     {"订单", []string{"领客编号", "订单编号", "客户名称", "金额", "毛利", "日期", "状态", "产品", "业务员", "商机日期", "原因", "登记人", "计入"}, (*Service).orderRows},
	Changes:    {"层级变化", []string{"领客编号", "客户名称", "方案", "原层级", "新层级", "时间", "原因"}, (*Service).changeRows},
	Activities: {"互动", []string{"领客编号", "互动编号", "客户名称", "类型", "时间", "内容", "记录人"}, (*Service).activityRows},
	Exposures:  {"打法名单", []string{"领客编号", "客户名称", "打法", "次", "开始时间", "留出", "层级", "结束时间", "结束原因"}, (*Service).exposureRows},
}

func (s *Service) history(ctx context.Context, q Request, t table, out sheet.Writer) (n int, err error) {
	filter := q.Filter
	filter.Limit = 500
	for {
		page, next, err := s.Store.Customers(ctx, filter)
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		for _, c := range page {
			rows, err := t.rows(s, ctx, c)
			if err != nil {
				return n, fmt.Errorf("export customer %s: %w", c.ID, err)
			}
			for _, row := range rows {
				if err := out.Row(row...); err != nil {
					return n, fmt.Errorf("export customer %s: %w", c.ID, err)
				}
				n++
			}
		}
		if filter.After = next; next == "" {
			return n, nil
		}
	}
}

var statusNames = map[string]string{
	connectors.StatusOpen: "进行中", connectors.StatusWon: "成交", connectors.StatusLost: "丢单", connectors.StatusCancelled: "取消",
}

func (s *Service) orderRows(ctx context.Context, c customer.Customer) (out [][]any, _ error) {
	all, err := s.Store.Orders(ctx, c.Refs())
	if err != nil {
		return nil, err
	}
	counted := customer.Counted(all)
	for _, o := range all {
		counts := "是"
		if !slices.ContainsFunc(counted, func(x customer.Order) bool { return x.ID == o.ID }) {
			counts = "否"
		}
		out = append(out, []any{
			c.ID, string(o.ID), c.Name, o.Amount.Yuan(), o.Margin.Yuan(), o.Date, statusNames[o.Status], o.Product, o.Rep, o.Opened, o.Reason, s.Name(o.By), counts,
		})
	}
	return out, nil
}

func (s *Service) changeRows(_ context.Context, c customer.Customer) (out [][]any, _ error) {
	for _, t := range c.Changes {
		out = append(out, []any{c.ID, c.Name, t.Scheme, t.From, t.To, t.At, string(t.Why)})
	}
	return out, nil
}

func (s *Service) exposureRows(_ context.Context, c customer.Customer) (out [][]any, _ error) {
	for _, e := range c.Exposures {
		held := "否"
		if e.Held {
			held = "是"
		}
		out = append(out, []any{c.ID, c.Name, e.Play, e.N, e.At, held, e.Tier, e.Ended, e.Why})
	}
	return out, nil
}

func (s *Service) activityRows(ctx context.Context, c customer.Customer) (out [][]any, _ error) {
	all, err := s.Store.Activities(ctx, c.Refs(), time.Time{})
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		out = append(out, []any{c.ID, string(a.ID), c.Name, a.Type, a.At, a.Text, s.Name(a.By)})
	}
	return out, nil
}
