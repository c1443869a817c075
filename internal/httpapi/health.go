package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
)

// readyTimeout bounds all checks together.
const readyTimeout = 3 * time.Second

// Health is the answer of /healthz and /readyz.
type Health struct {
	Status string `json:"status"` // "ok" or "unready"
	// Reasons name what does not work. What exactly is wrong stands in the log: these addresses need no token.
	Reasons []string `json:"reasons,omitempty"`
}

func (s *server) mountHealth(r gin.IRoutes) {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r.Handle(method, "/healthz", s.alive)
		r.Handle(method, "/readyz", s.ready)
	}
	r.GET("/metrics", gin.WrapH(s.Metrics.Handler()))
}

// alive says that the process answers, and nothing more: a store that is down is no reason to restart the process.
func (s *server) alive(c *gin.Context) {
	writeJSON(c, http.StatusOK, "application/json", Health{Status: "ok"})
}

// ready says whether requests are welcome.
func (s *server) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyTimeout)
	defer cancel()
	reasons := s.unready(ctx)
	if len(reasons) == 0 {
		writeJSON(c, http.StatusOK, "application/json", Health{Status: "ok"})
		return
	}
	writeJSON(c, http.StatusServiceUnavailable, "application/json", Health{Status: "unready", Reasons: reasons})
}

// unready names what does not work, the store first.
func (s *server) unready(ctx context.Context) []string {
	var reasons []string
	try := func(name string, check func(context.Context) error) {
		if err := check(ctx); err != nil {
			reasons = append(reasons, fmt.Sprintf("%s does not work", name))
			s.Log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("request", requestOf(ctx).id), slog.String("component", name), slog.Any("err", err))
		}
	}
	try("store", s.Records.Ping)
	for _, name := range slices.Sorted(maps.Keys(s.Checks)) {
		try(name, s.Checks[name])
	}
	return reasons
}
