package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

func (s *server) registerBudgets(api huma.API) {
	handle(s, api, huma.Operation{
		OperationID: "list-budgets", Method: http.MethodGet, Path: "/budgets", Tags: []string{"deliveries"},
		Summary: "List the platforms' budgets: limit, use, forecast for the month",
	}, s.listBudgets)
}

// Budget is one limit of a platform, and how much of it is used.
type Budget struct {
	Name     string    `json:"name" example:"dingtalk/month-calls"`
	Limit    int       `json:"limit"`
	Used     int       `json:"used"`
	Forecast int       `json:"forecast,omitempty" doc:"What will have been used at the month's end, at the present pace; absent for a day's budget"`
	Over     bool      `json:"over" doc:"The pace is too fast for the month"`
	Resets   time.Time `json:"resets,omitzero" required:"false" doc:"When it begins anew; absent for a sliding day"`
}

type budgetsOutput struct {
	Body struct {
		Budgets []Budget `json:"budgets" nullable:"false"`
	}
}

func (s *server) listBudgets(ctx context.Context, _ *struct{}) (*budgetsOutput, error) {
	out := new(budgetsOutput)
	out.Body.Budgets = []Budget{}
	if s.Budgets == nil {
		return out, nil
	}
	all, err := s.Budgets(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		out.Body.Budgets = append(out.Body.Budgets, Budget{Name: b.Name, Limit: b.Max, Used: b.Used, Forecast: b.Forecast, Over: !b.Resets.IsZero() && b.Over(), Resets: b.Resets})
	}
	return out, nil
}
