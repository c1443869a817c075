package httpapi

import (
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"
)

// authorize lets requests with one of the tokens pass. Each token is compared in constant time, and always all of them.
func (s *server) authorize(c *gin.Context) {
	token, ok := bearer(c.Request.Header.Values("Authorization"))
	known := false
	for i, t := range s.Tokens {
		if t.Equal(token) {
			known = true
			requestOf(c.Request.Context()).token = fmt.Sprintf("token %d", i+1)
		}
	}
	if !ok || !known {
		s.refuse(c, errUnauthorized)
		return
	}
	c.Next()
}

// bearer returns the token of the one Authorization header (RFC 6750, 2.1).
func bearer(values []string) (token string, ok bool) {
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	token = strings.TrimSpace(token)
	return token, token != ""
}
