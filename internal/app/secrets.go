package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"time"

	"github.com/google/uuid"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/delivery"
	"lingke/internal/exports"
	"lingke/internal/store"
)

// secretName is the document in which a secret lies that nobody configured.
const secretName = "access.secret"

// openSecrets finds what Lingke signs with. Without server.secrets it makes a secret and keeps it in the store, which signs as well but is known to whoever can read
// the store; it stays valid beside configured ones, so that what it signed is recognised.
func (a *App) openSecrets(ctx context.Context) error {
	for _, s := range a.cfg.Server.Secrets {
		a.secrets = append(a.secrets, s.Reveal())
	}
	kept, err := a.store.Document(ctx, secretName)
	if err == nil && len(kept) == 0 && len(a.secrets) == 0 {
		kept = []byte(access.NewSecret())
		err = a.store.SwapDocument(ctx, secretName, nil, kept)
		if errors.Is(err, store.ErrConflict) { // another replica made one at this moment
			kept, err = a.store.Document(ctx, secretName)
		}
	}
	if err != nil {
		return fmt.Errorf("secret in the store: %w", err)
	}
	if len(kept) > 0 {
		a.secrets = append(a.secrets, string(kept))
	}
	keys, err := access.Derive("reads", a.secrets...)
	if err != nil {
		return fmt.Errorf("server.secrets: %w", err)
	}
	a.reads = access.NewLog(a.store, keys, a.now)
	return a.openSeal(ctx)
}

// errDamaged: the read log is not as it was written.
var errDamaged = errors.New("the read log is damaged")

// checkReads walks the read log, notes its head in the program's own log, and tells managers where it is damaged, once for each newest line.
func (a *App) checkReads(ctx context.Context) (int64, error) {
	found, err := a.reads.Check(ctx)
	if err != nil {
		return 0, err
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, "read log", slog.Bool("whole", found.Whole()), slog.Int64("lines", found.Lines), slog.String("head", found.Head()))
	if found.Whole() {
		return found.Lines, nil
	}
	text := fmt.Sprintf("⚠️ 查看日志有 %d 处不完整，第一处是%s。请联系管理员，用 lingke log verify 核对。", len(found.Damage), found.Damage[0])
	return found.Lines, errors.Join(errDamaged, a.dispatch.TellManagers(ctx, "readlog "+found.Head()+found.Damage[0].String(), text))
}

// Reads is the log of who was shown what.
func (a *App) Reads() *access.Log { return a.reads }

// LogExport adds the line about a table that somebody exports on this machine.
func (a *App) LogExport(ctx context.Context, command string, q exports.Request) error {
	account := os.Getenv("USER")
	if who, err := user.Current(); err == nil {
		account = who.Username
	}
	note := "整张表"
	if q.Phones {
		note += "，含完整电话"
	}
	return a.reads.Add(ctx, access.Read{
		ID: "export-" + uuid.NewString(), Account: account, Platform: "export", Place: "terminal", Command: bots.Cut(command, 500),
		Layers: access.Sight{Tier: true, Basis: true, Money: true}.String(), Note: note,
	})
}

// sealingName is the document that tells since when buttons are sealed here.
const sealingName = "access.sealing"

// openSeal makes what seals buttons. The first start notes its instant: cards from before have plain buttons, which count until they expire.
func (a *App) openSeal(ctx context.Context) error {
	keys, err := access.Derive("buttons", a.secrets...)
	if err != nil {
		return fmt.Errorf("server.secrets: %w", err)
	}
	text, err := a.store.Document(ctx, sealingName)
	if err == nil && len(text) == 0 {
		text = []byte(a.now().UTC().Format(time.RFC3339))
		if err = a.store.SwapDocument(ctx, sealingName, nil, text); errors.Is(err, store.ErrConflict) { // another replica began at this moment
			text, err = a.store.Document(ctx, sealingName)
		}
	}
	if err != nil {
		return fmt.Errorf("since when buttons are sealed: %w", err)
	}
	since, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("since when buttons are sealed: %w", err)
	}
	a.seal = delivery.NewSeal(keys, since)
	return a.openLinks()
}
