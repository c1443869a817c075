package httpapi

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/lang"
	"lingke/internal/report"
)

// reports are the figures of what was done and what it brought; see app.App.
type reports interface {
	Period(text string) (report.Period, error)
	Effects(ctx context.Context, p report.Period) (report.Effects, error)
	Progress(ctx context.Context, p report.Period) (report.Progress, error)
	Forecast(ctx context.Context) (report.Forecast, error)
	ReportBook(ctx context.Context, w io.Writer, p report.Period, l lang.Language) error
}

func (s *server) registerReports(api huma.API) {
	tags := []string{"reports"}
	const periods = "Figures come with the number of outcomes behind them and a 95 % interval, or with too_few. Code: period."
	handle(s, api, huma.Operation{
		OperationID: "report-effects", Method: http.MethodGet, Path: "/reports/effects", Tags: tags,
		Summary: "What tiers, scores and plays brought in a period", Description: periods,
	}, s.reportEffects)
	handle(s, api, huma.Operation{
		OperationID: "report-progress", Method: http.MethodGet, Path: "/reports/progress", Tags: tags,
		Summary: "How the tasks stand that are due in a period, by person and team", Description: periods,
	}, s.reportProgress)
	handle(s, api, huma.Operation{
		OperationID: "report-forecast", Method: http.MethodGet, Path: "/reports/forecast", Tags: tags,
		Summary: "What the customers of each tier will buy in the next 13 weeks, with a 90 % interval",
	}, s.reportForecast)
	handle(s, api, huma.Operation{
		OperationID: "report-book", Method: http.MethodGet, Path: "/reports/report.xlsx", Tags: tags,
		Summary: "All of it as a workbook", Description: periods,
	}, s.reportBook)
	handle(s, api, huma.Operation{
		OperationID: "report-chart", Method: http.MethodGet, Path: "/reports/effects.png", Tags: tags,
		Summary: "Retention by tier and conversion by score band as a picture", Description: periods,
	}, s.reportChart)
}

type periodInput struct {
	Period string `query:"period" maxLength:"60" doc:"this-week, last-week, this-month, last-month, this-quarter, last-quarter, this-year, last-year, last-90d, 2026-02, or 2026-01-01..2026-03-01; the last 90 days without it" example:"last-month"`
}

// readInput is a period of what people read, in their language.
type readInput struct {
	Period string `query:"period" maxLength:"60" doc:"this-week, last-week, this-month, last-month, this-quarter, last-quarter, this-year, last-year, last-90d, 2026-02, or 2026-01-01..2026-03-01; the last 90 days without it" example:"last-month"`
	Lang   string `query:"lang" enum:"zh,en" default:"zh" doc:"Of headings, labels and sentences"`
}

type effectsOutput struct{ Body report.Effects }

func (s *server) reportEffects(ctx context.Context, in *periodInput) (*effectsOutput, error) {
	p, err := s.Reports.Period(in.Period)
	if err != nil {
		return nil, err
	}
	e, err := s.Reports.Effects(ctx, p)
	return &effectsOutput{e}, err
}

type progressOutput struct{ Body report.Progress }

func (s *server) reportProgress(ctx context.Context, in *periodInput) (*progressOutput, error) {
	p, err := s.Reports.Period(in.Period)
	if err != nil {
		return nil, err
	}
	out, err := s.Reports.Progress(ctx, p)
	return &progressOutput{out}, err
}

type forecastOutput struct{ Body report.Forecast }

func (s *server) reportForecast(ctx context.Context, _ *struct{}) (*forecastOutput, error) {
	f, err := s.Reports.Forecast(ctx)
	return &forecastOutput{f}, err
}

// wholeFile is made before the answer begins, so that what fails is told.
type wholeFile struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) reportBook(ctx context.Context, in *readInput) (*wholeFile, error) {
	p, err := s.Reports.Period(in.Period)
	if err != nil {
		return nil, err
	}
	var book bytes.Buffer
	if err := s.Reports.ReportBook(ctx, &book, p, lang.Language(in.Lang)); err != nil {
		return nil, err
	}
	return &wholeFile{fileTypes[".xlsx"], `attachment; filename="report.xlsx"`, book.Bytes()}, nil
}

func (s *server) reportChart(ctx context.Context, in *readInput) (*wholeFile, error) {
	p, err := s.Reports.Period(in.Period)
	if err != nil {
		return nil, err
	}
	e, err := s.Reports.Effects(ctx, p)
	if err != nil {
		return nil, err
	}
	picture, err := e.Chart(lang.Language(in.Lang))
	return &wholeFile{"image/png", `inline; filename="effects.png"`, picture}, err
}
