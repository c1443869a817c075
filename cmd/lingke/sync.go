package main

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func syncCommand() *cobra.Command {
	var path string
	var full, dry, scan, force, replay bool
	cmd := &cobra.Command{
		Use:   "sync NAME",
		Short: "pull one connector now",
		Long: `Pull one connector now, from where the last sync ended. One that is killed is gone on with by the next,
a full one too where the connector can say how far it came.

With --scan it looks instead for customers and orders that were deleted at the source, and marks them; nothing is dropped. A scan in
which more than ten things and more than a fifth are missing stops and changes nothing, unless --force says that this is right.

With --replay it asks nobody: what the source told during the time that keep_raw says is read anew by the mapping as it is now, so that a
changed mapping holds for the past too. --dry-run says what would change. What the mapping reads and was not asked for then is named before
anything is written; sync with --full first in that case.`,
		Args: one("a connector's name, as lingke check has them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, path, func(a *app.App) error {
				if scan {
					found, err := a.Scan(cmd.Context(), args[0], force)
					if errors.Is(err, app.ErrNoConnector) {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s: of %d customers and orders %d are gone at the source, %d are back\n", args[0], found.Known, found.Gone, found.Back)
					return err
				}
				meter := newMeter(cmd.ErrOrStderr(), time.Now)
				if replay {
					lines, err := a.Replay(cmd.Context(), args[0], dry, meter.tell)
					for _, line := range lines {
						fmt.Fprintln(cmd.OutOrStdout(), line)
					}
					return errors.Join(err, printRefused(cmd, a, args[0]))
				}
				if dry {
					lines, err := a.Preview(cmd.Context(), args[0], full, meter.tell)
					for _, line := range lines {
						fmt.Fprintln(cmd.OutOrStdout(), line)
					}
					return err
				}
				report, err := a.Pull(cmd.Context(), args[0], full, meter.tell)
				if errors.Is(err, app.ErrNoConnector) {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d records taken in, %d refused, in %s\n", args[0], report.Records, report.Bad,
					time.Since(meter.began).Round(time.Millisecond))
				return errors.Join(err, printRefused(cmd, a, args[0]))
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&full, "full", false, "from the beginning, not from where the last sync ended")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "check the connector and say what would happen; write nothing")
	cmd.Flags().BoolVar(&scan, "scan", false, "look for what was deleted at the source")
	cmd.Flags().BoolVar(&force, "force", false, "with --scan: however much is missing")
	cmd.Flags().BoolVar(&replay, "replay", false, "read what the source told before anew, by the mapping as it is now")
	cmd.MarkFlagsMutuallyExclusive("scan", "full")
	cmd.MarkFlagsMutuallyExclusive("replay", "full")
	cmd.MarkFlagsMutuallyExclusive("replay", "scan")
	cmd.MarkFlagsMutuallyExclusive("scan", "dry-run")
	return cmd
}

// printRefused names what waits because it cannot be read.
func printRefused(cmd *cobra.Command, a *app.App, name string) error {
	n, first, err := a.Refused(cmd.Context(), name)
	if err != nil || n == 0 {
		return err
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s: %d could not be read and wait; what is corrected at the source comes by itself, after a change of the mapping run lingke sync %s --replay\n", name, n, name)
	for _, r := range first {
		fmt.Fprintf(out, "  %s: %s\n", r.What, r.Why)
	}
	if n > len(first) {
		fmt.Fprintf(out, "  … all of them: GET /api/v1/connectors/%s/refused\n", name)
	}
	return nil
}

// meter prints how far a pull has come and how fast it is, at most once a second. Its methods may be called from several goroutines.
type meter struct {
	mu    sync.Mutex
	out   io.Writer
	now   func() time.Time
	began time.Time
	last  time.Time
	most  int
}

func newMeter(out io.Writer, now func() time.Time) *meter {
	return &meter{out: out, now: now, began: now()}
}

func (m *meter) tell(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if n <= m.most || now.Sub(m.last) < time.Second {
		return
	}
	m.most, m.last = n, now
	fmt.Fprintf(m.out, "%d records, %.0f a second\n", n, float64(n)/max(now.Sub(m.began).Seconds(), 0.001))
}

// withApp runs do with a gateway that is built but not running.
func withApp(cmd *cobra.Command, path string, do func(*app.App) error) error {
	cfg, err := app.LoadConfig(path)
	if err != nil {
		return err
	}
	a, err := app.New(cmd.Context(), cfg, app.WithLogger(logger(false)))
	if err != nil {
		return err
	}
	err = do(a)
	if closed := a.Close(); err == nil {
		err = closed
	}
	return err
}
