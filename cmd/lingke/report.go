package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func reportCommand() *cobra.Command {
	var path, period, out, chart, said string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "what tiers, scores, plays and people's work brought in a period, each figure with its interval or \"too few\"",
		Long: `Prints retention, spend, satisfaction and task completion by tier, conversion by score band, plays against those held out by lot, where the
schemes disagree, the tasks by person, and a forecast. Every figure can be added up again from what lingke export writes (--list orders, changes, tasks, activities,
customers).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd, path, func(a *app.App) error {
				language, err := app.Language(said)
				if err != nil {
					return err
				}
				p, err := a.Period(period)
				if err != nil {
					return err
				}
				if chart != "" {
					e, err := a.Effects(cmd.Context(), p)
					if err != nil {
						return err
					}
					picture, err := e.Chart(language)
					if err != nil {
						return err
					}
					if err := os.WriteFile(chart, picture, 0o600); err != nil {
						return err
					}
				}
				if out != "" {
					return writeFile(out, func(w io.Writer) error { return a.ReportBook(cmd.Context(), w, p, language) })
				}
				return a.ReportText(cmd.Context(), cmd.OutOrStdout(), p, language)
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&period, "period", "", "上月, last-month, 近90天, 2026-02, 2026-01-01..2026-03-01, …; the last 90 days if empty")
	cmd.Flags().StringVar(&said, "lang", "zh", "language: zh or en")
	cmd.Flags().StringVar(&out, "out", "", "write a workbook (.xlsx) instead of text")
	cmd.Flags().StringVar(&chart, "chart", "", "also write a picture (.png)")
	return cmd
}
