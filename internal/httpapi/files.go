package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// fileTimeout bounds the work on a request that brings or fetches a whole file.
const fileTimeout = 2 * time.Minute

// formRoom is what an upload may have beside its file.
const formRoom = 1 << 20

// limits gives every API request its time, and uploads their size.
func (s *server) limits(c *gin.Context) {
	route := strings.TrimPrefix(c.FullPath(), apiPath)
	if !strings.HasPrefix(route, importsPath) && !strings.HasPrefix(route, exportsPath) {
		deadline(apiTimeout)(c)
		return
	}
	until := time.Now().Add(fileTimeout) // the connection's deadlines are the real clock's
	conn := http.NewResponseController(c.Writer)
	_, _ = conn.SetReadDeadline(until), conn.SetWriteDeadline(until) // not every server has them
	if c.Request.Method == http.MethodPost && !s.spool(c) {
		return
	}
	if form := c.Request.MultipartForm; form != nil {
		defer form.RemoveAll() //nolint:errcheck // the system clears its temporary files
	}
	deadline(fileTimeout)(c)
}

// spool reads an upload: its file goes to the disk while it comes, and is removed when the request is over.
func (s *server) spool(c *gin.Context) bool {
	most := s.FileLimit + formRoom
	if c.Request.ContentLength > most {
		s.refuse(c, fmt.Errorf("%w: at most %d MB", errTooLarge, s.FileLimit>>20))
		return false
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
	err := c.Request.ParseMultipartForm(formRoom)
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return true
	case errors.As(err, &large):
		err = fmt.Errorf("%w: at most %d MB", errTooLarge, s.FileLimit>>20)
	case errors.Is(err, http.ErrNotMultipart):
		err = errMultipart
	default:
		err = fmt.Errorf("%w: %w", errBody, err)
	}
	s.refuse(c, err)
	return false
}
