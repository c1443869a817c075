// Package app builds the gateway from a config and runs it. It is the only package that knows concrete stores, bots and connectors.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"lingke/bots"
	"lingke/configs"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/chat"
	"lingke/internal/connections"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/followup"
	"lingke/internal/httpapi"
	"lingke/internal/imports"
	"lingke/internal/inbox"
	"lingke/internal/ingest"
	"lingke/internal/leave"
	"lingke/internal/match"
	"lingke/internal/models"
	"lingke/internal/outbound"
	"lingke/internal/report"
	"lingke/internal/staff"
	"lingke/internal/store"
	"lingke/schedules"
	"lingke/scoring"
	"lingke/scoring/risk"
)

// App is the gateway. Build it with New, run it once with Run, release it with Close.
type App struct {
	cfg *configs.Config
	log *slog.Logger
	now func() time.Time

	store   store.Store
	people  *access.Directory
	staff   *staff.Service // nil where people come from the config alone
	books   bookTexts
	working atomic.Pointer[workingTime]
	// ownership are the rules of the owners' clocks; rewind asks to look at all of them anew.
	ownership atomic.Pointer[assign.Ownership]
	rewind    atomic.Bool
	byHand    bool
	rules     atomic.Pointer[ingest.Rules]
	ruling    ruling
	rhythm    atomic.Pointer[risk.Rhythm] // of everybody's purchases, as fitted last
	// ruleConfig is the config that the rules, people and working times were made of; publication is the one that is loaded.
	ruleConfig  atomic.Pointer[configs.Config]
	publication atomic.Pointer[models.Publication]
	models      *models.Service
	load        func() (*configs.Config, error) // nil: the config is not read again
	reloading   chan struct{}

	bots       []bots.Bot
	connectors map[string]connectors.Connector
	receivers  map[string]connectors.Receiver
	followers  map[string]connectors.Follower
	checkers   map[string]connectors.Checker
	rereaders  map[string]connectors.Rereader

	secrets  []string // the newest first
	reads    *access.Log
	seal     *delivery.Seal
	leave    *leave.Service
	links    *access.Links // nil where nothing outside reaches the gateway
	assign   *assign.Service
	tasks    *followup.Service
	ingest   *ingest.Service
	puller   *ingest.Puller
	imports  *imports.Service
	uploads  *background // imports; what is cut off of them is carried on by the job for that
	making   *background // reports
	effected *figures[report.Effects]
	foreseen *figures[report.Forecast]
	match    *match.Service
	dispatch *dispatch.Dispatcher
	chat     *chat.Service
	intake   *chat.Intake
	inbox    *inbox.Inbox
	senders  []*delivery.Sender
	accounts map[bots.Platform]*account
	wishes   *delivery.WishBook
	saving   atomic.Bool // a month's budget runs out too fast: more is merged
	targets  []*outbound.Sender
	ledger   *connections.Ledger
	syncs    map[string]schedules.Spec // of the connectors that are pulled by the clock
	watched  customer.Watch
	table    *schedules.Timetable
	effects  *effects
	metrics  *httpapi.Metrics
	http     http.Handler
}

// Option changes how an App is built.
type Option func(*App)

// WithClock sets the clock; time.Now otherwise.
func WithClock(now func() time.Time) Option { return func(a *App) { a.now = now } }

// ByHand leaves the timetable to RunDue: for clocks that do not run by themselves.
func ByHand() Option { return func(a *App) { a.byHand = true } }

// WithLogger sets the logger; silent otherwise.
func WithLogger(log *slog.Logger) Option { return func(a *App) { a.log = log } }

// New builds a gateway from a checked config: it opens the store and prepares everything, and talks to no platform yet.
func New(ctx context.Context, cfg *configs.Config, opts ...Option) (_ *App, err error) {
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler), now: time.Now, metrics: httpapi.NewMetrics(), reloading: make(chan struct{}, 1)}
	for _, o := range opts {
		o(a)
	}
	if err := checkRules(cfg); err != nil {
		return nil, err
	}
	if a.people, err = directory(cfg); err != nil {
		return nil, err
	}
	working, err := loadWorkingTime(cfg, nil)
	if err != nil {
		return nil, err
	}
	a.people.SetClock(a.now)
	a.working.Store(working)
	ownership, err := ownershipOf(cfg)
	if err != nil {
		return nil, err
	}
	a.ownership.Store(&ownership)
	a.rewind.Store(true)
	if a.load != nil {
		a.warnOfMissingYear()
	}
	if err := a.openPlatforms(); err != nil {
		return nil, err
	}
	if err := a.openConnectors(); err != nil {
		return nil, err
	}
	if a.store, err = openStore(ctx, cfg); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.store.Close())
		}
	}()
	if err := a.openSecrets(ctx); err != nil {
		return nil, err
	}
	a.models = models.New(a.store, a.now)
	if err := a.loadModels(ctx); err != nil {
		return nil, err
	}
	a.leave = leave.New(a.store, a.now, a.applyLeave)
	if err := a.leave.Refresh(ctx); err != nil {
		return nil, err
	}
	a.assemble()
	if err := a.loadPeople(ctx); err != nil {
		return nil, err
	}
	if err := a.loadRhythm(ctx); err != nil {
		return nil, err
	}
	if err := a.loadCuts(ctx); err != nil {
		return nil, err
	}
	if err := a.schedule(); err != nil {
		return nil, err
	}
	return a, a.mount()
}

// Check reports what is wrong with a config's model, pools, people, bots and connectors, without opening the store or talking to anybody.
func Check(cfg *configs.Config) error {
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler), now: time.Now}
	rulesErr := checkRules(cfg)
	_, peopleErr := directory(cfg)
	_, hoursErr := loadWorkingTime(cfg, nil)
	_, clockErr := ownershipOf(cfg)
	return errors.Join(rulesErr, peopleErr, hoursErr, clockErr, a.openPlatforms(), a.openConnectors())
}

// assemble makes the deciding parts and what works for them.
func (a *App) assemble() {
	pools := func() assign.Pools { return a.rules.Load().Pools }
	explain := func(c customer.Customer) scoring.Result { return a.rules.Load().Explain(c) }
	leading, _ := a.rules.Load().Schemes.Lead()
	printer := cards.New(leading.Scheme, a.cfg.Location, explain)
	a.assign = assign.New(a.store, a.people, pools, a.cfg.Location, a.now, assign.WithWorking(a.hours),
		assign.WithOwnership(a.store, a.terms, a.doneSince, func(ctx context.Context, c customer.Customer) (assign.Arrival, error) {
			return a.dispatch.WarningShown(ctx, c)
		}))
	a.tasks = followup.New(a.store, a.hours, a.now, followup.WithClock(a.taskClock))
	a.dispatch = &dispatch.Dispatcher{
		Customers: a.store, Deliveries: a.store, Assign: a.assign, Tasks: a.tasks, Cards: printer, People: a.people,
		Pools: pools, Now: a.now, Wake: a.wakeSender, Log: a.log,
		Ownership: a.terms, Zone: a.cfg.Location, History: a.store,
		Deputy: a.deputy,
	}
	a.openStaff()
	a.ledger = connections.NewLedger(a.store, a.now)
	a.watched = a.wanted()
	a.assign.Watched(a.watched)
	a.openOutbound()
	a.effects = newEffects(a.dispatch, a.cfg.Delivery.Workers, a.metrics.ObserveEffect, a.log)
	a.ingest = ingest.New(a.store, a.inForce, a.now, a.effects.wake, a.log)
	a.imports = a.newImports()
	a.uploads, a.making = newBackground(uploadsAtOnce), newBackground(makersAtOnce)
	a.openFigures()
	a.match = &match.Service{Store: a.store, Decide: a.ingest, Show: a.dispatch, Now: a.now}
	a.dispatch.Match = a.match
	a.puller = ingest.NewPuller(a.ingest, a.store, pullers, a.log)
	a.chat = &chat.Service{
		Records: a.store, Claims: a.assign, Tasks: a.tasks, Outgoing: a.dispatch, Notes: a.ingest, Adjust: a.ingest, Outcomes: a.ingest, People: a.people, Pools: pools, Rooms: chat.NewRooms(a.people, a.store, a.rosters()),
		Files: dropped{a},
		Seal:  a.seal,
		Log:   a.reads,
		Cards: printer, Connections: a.Connections, Reports: a, Effects: a.effected, Forecasts: a.foreseen, Zone: a.cfg.Location, Now: a.now,
		Merges: a.match, Ranks: func() customer.Ranks { return a.rules.Load().Ranks }, Advice: a.advice,
		Budgets: a.Standings,
	}
	a.inbox = inbox.New(a.store, map[string]inbox.Handler{"hook": a.workHook, chat.Source: a.workIM, "event": a.workEvent, staffSource: a.workStaff}, a.now, uuid.NewString, inboxWorkers, a.log)
	a.chat.Leave, a.chat.Publish = a.leave, a.agreed
	a.intake = chat.NewIntake(a.inbox, a.chat)
	a.openBudgets()
	a.wishes = delivery.NewWishBook(a.store, a.now, store.ErrConflict)
	a.wishes.Watch(a.noteChosen)
	a.dispatch.Arrange, a.chat.Wishes = a.planner().Arrange, a.wishes
	for _, b := range a.bots {
		a.senders = append(a.senders, a.sender(b, uuid.NewString))
	}
}

// How many parts of a pull, of some hundred records each, and how many events are worked on at once. The store commits what waits together, so more of
// them cost little.
const (
	pullers      = 4
	inboxWorkers = 32
)

func (a *App) workIM(ctx context.Context, e inbox.Event) error { return a.intake.Work(ctx, e) }

// wakeSender wakes who sends over a platform.
func (a *App) wakeSender(p bots.Platform) {
	for i, b := range a.bots {
		if b.Platform() == p {
			a.senders[i].Wake()
		}
	}
}

// Run works until ctx ends: it listens to the platforms, serves HTTP on l, runs the timetable and sends what is due. Then it stops in the order in which work
// flows, so that what was accepted is either done or safely stored. It returns nil after an ordinary stop.
func (a *App) Run(ctx context.Context, l net.Listener) error {
	if alone, ok := a.store.(interface{ EndLeases(context.Context) error }); ok { // a store that no other gateway shares
		if err := alone.EndLeases(ctx); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var outer, inner sync.WaitGroup
	inner.Go(func() { a.effects.run(work) })
	inner.Go(func() { a.inbox.Run(work) })
	for _, s := range a.senders {
		inner.Go(func() { s.Run(work) })
	}
	for _, t := range a.targets {
		inner.Go(func() { t.Run(work) })
	}
	if !a.byHand {
		outer.Go(func() { a.table.Run(ctx) })
	}
	outer.Go(func() { a.followCuts(ctx) })
	outer.Go(func() { a.followPeople(ctx) })
	outer.Go(func() { a.followWishes(ctx) })
	outer.Go(func() { a.countPushes(ctx) })
	outer.Go(func() { a.registerCards(ctx) })
	outer.Go(func() { a.setMenu(ctx) })
	outer.Go(func() { a.watch(ctx) })
	for _, b := range a.bots {
		if listener, ok := b.(bots.Listener); ok && a.listens(b) {
			outer.Go(func() { a.listen(ctx, b.Platform(), listener) })
		}
		if r, ok := b.(bots.Recoverer); ok && !a.listens(b) {
			outer.Go(func() { a.fetchMissed(ctx, b.Platform(), r) })
		}
	}
	err := a.serve(ctx, l)
	outer.Wait()
	stopWork()
	inner.Wait()
	a.closeBudgets()
	return err
}

func (a *App) listen(ctx context.Context, p bots.Platform, l bots.Listener) {
	err := l.Listen(ctx, a.take)
	if ctx.Err() == nil {
		a.log.LogAttrs(ctx, slog.LevelError, "listening ended", slog.String("platform", string(p)), slog.Any("err", err))
	}
}

// serve answers HTTP until ctx ends, then lets the requests under way finish.
func (a *App) serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: a.http, ReadHeaderTimeout: time.Duration(a.cfg.Server.ReadTimeout), ReadTimeout: time.Duration(a.cfg.Server.ReadTimeout),
		WriteTimeout: time.Duration(a.cfg.Server.WriteTimeout), IdleTimeout: time.Duration(a.cfg.Server.IdleTimeout), MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve http: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Duration(a.cfg.Server.DrainTimeout))
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		return errors.Join(fmt.Errorf("drain http: %w", err), srv.Close())
	}
	return nil
}

// Close releases the store. Call it after Run has returned.
func (a *App) Close() error {
	a.uploads.stop()
	a.making.stop()
	return a.store.Close()
}

// Handler answers the gateway's HTTP, for tests that bring their own server.
func (a *App) Handler() http.Handler { return a.http }

// Store is where the gateway keeps what it knows, for commands that read it.
func (a *App) Store() store.Store { return a.store }

// Directory are the people as they are now: those of the config, made current by the address books.
func (a *App) Directory() *access.Directory { return a.people }
