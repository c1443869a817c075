package dingtalk

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/logger"
)

// The SDK has one logger for the whole process, so the bot that listened last receives its lines.
var (
	sdkLogOnce   sync.Once
	sdkLogTarget atomic.Pointer[sdkLog]
)

// sdkLog carries what the SDK says to slog. Debug and Info lines are left out: they hold the client secret and the
// connection ticket.
type sdkLog struct {
	log   *slog.Logger
	clean func(string) string
}

// routeSDKLog sends the SDK's lines to log. The SDK reads its logger without a lock: it is set once, before any client.
func routeSDKLog(log *slog.Logger, clean func(string) string) {
	sdkLogTarget.Store(&sdkLog{log, clean})
	sdkLogOnce.Do(func() { logger.SetLogger(sdkLogger{}) })
}

type sdkLogger struct{}

// Debugf drops wire dumps.
func (sdkLogger) Debugf(string, ...any) {}

// Infof drops lines that name the ticket.
func (sdkLogger) Infof(string, ...any) {}

// Warningf passes on.
func (sdkLogger) Warningf(format string, args ...any) { sdkLine(slog.LevelWarn, format, args) }

// Errorf passes on as information: the SDK calls every ended connection an error, and the supervisor reports those.
func (sdkLogger) Errorf(format string, args ...any) { sdkLine(slog.LevelInfo, format, args) }

// Fatalf passes on; nothing ends the process.
func (sdkLogger) Fatalf(format string, args ...any) { sdkLine(slog.LevelError, format, args) }

var ticket = regexp.MustCompile(`ticket=[^\s"&]+`)

func sdkLine(level slog.Level, format string, args []any) {
	t := sdkLogTarget.Load()
	text := ticket.ReplaceAllString(fmt.Sprintf(format, args...), "ticket=[secret]")
	t.log.Log(context.Background(), level, "stream SDK", "text", t.clean(text))
}
