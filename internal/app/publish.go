package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/configs"
	"lingke/internal/chat"
	"lingke/internal/ingest"
	"lingke/internal/models"
)

// PublishModel puts a version in force that compiles and has a place among the models; see models.Service.Publish. Where the config wants approvals it asks the managers and
// returns models.ErrAwaiting.
func (a *App) PublishModel(ctx context.Context, v models.Version, by, note string) (models.Publication, error) {
	if _, err := a.rulesWith(ctx, v); err != nil {
		return models.Publication{}, err
	}
	if !awaits(a.ruleConfig.Load()) {
		return a.models.Publish(ctx, v, by, note)
	}
	live, err := a.models.Latest(ctx)
	switch {
	case err != nil:
		return models.Publication{}, err
	case slices.Contains(live.Models, v.ID):
		return models.Publication{}, fmt.Errorf("%s is %w", v.ID, models.ErrInForce)
	}
	if err := a.models.Draft(ctx, v, by, note); err != nil {
		return models.Publication{}, err
	}
	run, err := a.DryRun(ctx, v, func(ingest.Move) error { return nil })
	if err != nil {
		return models.Publication{}, err
	}
	tiers := 0
	for _, n := range run.Tiers[a.rules.Load().Schemes.Leading] {
		tiers += n.N
	}
	err = a.chat.WishPublish(ctx, chat.ModelWish{Version: v.ID, By: by, Note: note, Customers: run.Customers, Tiers: tiers, Again: true})
	if err == nil {
		err = models.ErrAwaiting
	}
	return models.Publication{}, err
}

// ErrAwaiting: a model waits for a manager to agree; see PublishModel.
var ErrAwaiting = models.ErrAwaiting

func awaits(cfg *configs.Config) bool { return slices.Contains(cfg.Approvals, configs.ApprovePublish) }

// hold keeps models that the config names and that were never in force from being taken up before a manager agrees, where the config wants that, and reports whether it did.
// The very first models need nobody: without one nothing is scored.
func (a *App) hold(ctx context.Context, cfg *configs.Config, told []models.Version) (bool, error) {
	if !awaits(cfg) || a.chat == nil {
		return false, nil
	}
	p, err := a.models.Latest(ctx)
	if err != nil || p.N == 0 {
		return false, err
	}
	known, err := a.models.List(ctx)
	if err != nil {
		return false, err
	}
	held := false
	for _, v := range told {
		if slices.ContainsFunc(known, func(l models.Listed) bool { return l.ID == v.ID && l.State != models.Draft }) {
			continue
		}
		held = true
		if err := a.models.Draft(ctx, v, byFile, ""); err != nil {
			return false, err
		}
		if err := a.chat.WishPublish(ctx, chat.ModelWish{Version: v.ID, By: byFile}); err != nil {
			return false, err
		}
	}
	if !held {
		return false, nil
	}
	return true, a.enforce(ctx, cfg, p)
}

// byFile is who asks for a model whose file was changed.
const byFile = "config file"

// agreed puts a version in force that a manager agreed to; no says in Chinese why it has no place any more.
func (a *App) agreed(ctx context.Context, version, by, note string) (no string, err error) {
	v, err := a.models.Find(ctx, version)
	if err == nil {
		_, err = a.rulesWith(ctx, v)
	}
	if err == nil {
		_, err = a.models.Publish(ctx, v, by, note)
	}
	switch {
	case errors.Is(err, models.ErrInForce): // also when the click is done again after a crash
		return "", nil
	case errors.Is(err, models.ErrPlace), errors.Is(err, models.ErrUnknown):
		return version, nil
	}
	return "", err
}
