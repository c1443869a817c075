package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

var errSample = errors.New("one of --data and --as-of is needed")

func validateCommand() *cobra.Command {
	var o app.ValidateOptions
	var past app.PastOptions
	var path, said string
	cmd := &cobra.Command{
		Use:   "validate (--data FILE | -c FILE --as-of DAY)",
		Short: "measure a model on customers whose outcome is known",
		Long: `Reads a table of customers: one column tells the outcome (成交 or not), the others are fields by their Chinese or English
name. Prints conversion, deal size and days to close by score band, AUC, lift, calibration and what the rules' points should be
by the data, each with its interval or "too few". Nothing is changed; --suggest writes a draft model for a person to review.

With --as-of instead of --data the store's own customers are looked at as they were on that day: orders, activities and values of fields that came later count as
not known, and who bought within --days-after days it is the outcome.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Language, err = app.Language(said); err != nil {
				return err
			}
			switch {
			case (o.Data == "") == (past.Day == ""):
				return errSample
			case o.Data != "":
				return app.ValidateFile(o, time.Now(), cmd.OutOrStdout())
			}
			past.Model = o.Model
			return withApp(cmd, path, func(a *app.App) error {
				return a.ValidateStore(cmd.Context(), past, o, cmd.OutOrStdout())
			})
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
	f.StringVar(&said, "lang", "zh", "language: zh or en")
	f.StringVar(&o.Chart, "chart", "", "write a chart (PNG) to this file")
	f.StringVar(&o.Suggest, "suggest", "", "write a suggested draft model to this file")
	f.StringVarP(&path, "config", "c", "lingke.yaml", "the config file, for --as-of")
	f.StringVar(&past.Day, "as-of", "", "look at the store's customers as they were when this day began, e.g. 2026-01-31")
	f.IntVar(&past.Days, "days-after", 90, "with --as-of: an order within so many days is the outcome")
	f.BoolVar(&past.Late, "late-fields", false, "with --as-of: also take values of fields that were told later; they may follow from the outcome")
	f.BoolVar(&past.Leads, "leads", false, "with --as-of: only who had not bought before")
	return cmd
}
