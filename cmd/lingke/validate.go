package main

import (
	"time"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func validateCommand() *cobra.Command {
	var o app.ValidateOptions
	cmd := &cobra.Command{
		Use:   "validate --data FILE",
		Short: "measure a model on customers whose outcome is known",
		Long: `Reads a table of customers: one column tells the outcome (成交 or not), the others are fields by their Chinese or English
name. Prints conversion, deal size and days to close by score band, AUC, lift, calibration and what the rules' points should be
by the data, each with its interval or "too few". Nothing is changed; --suggest writes a draft model for a person to review.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.ValidateFile(o, time.Now(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Data, "data", "", "the table (CSV)")
	f.StringVar(&o.Model, "model", "", "the model file; the shipped default if empty")
	f.StringVar(&o.Fields, "fields", "", "a file of the company's own fields")
	f.StringVar(&o.Outcome, "outcome", "", "the column that tells the outcome")
	f.StringVar(&o.Score, "score", "", "a column that holds the scores; then no model is asked")
	f.BoolVar(&o.Probabilities, "probability", false, "the scores are probabilities: measure calibration too")
	f.StringVar(&o.Amount, "amount", "", "the column of the deals' amounts")
	f.StringVar(&o.Days, "days", "", "the column of the days to close")
	f.StringVar(&o.Opened, "opened", "", "the column of the opening date")
	f.StringVar(&o.Closed, "closed", "", "the column of the closing date")
	f.StringSliceVar(&o.Won, "won", nil, "outcomes that mean won")
	f.StringSliceVar(&o.Lost, "lost", nil, "outcomes that mean lost; with --won alone, all others")
	f.StringSliceVar(&o.Missing, "missing", nil, "cells that mean unknown, besides empty ones")
	f.Float64SliceVar(&o.Edges, "bands", nil, "edges of the score bands, e.g. 50,80; fifths if empty")
	f.StringVar(&o.Chart, "chart", "", "write a chart (PNG) to this file")
	f.StringVar(&o.Suggest, "suggest", "", "write a suggested draft model to this file")
	if err := cmd.MarkFlagRequired("data"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}
