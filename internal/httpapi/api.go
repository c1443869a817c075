package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"lingke/internal/access"
)

// apiPath is where the API lives; a change that breaks callers gets a new one.
const apiPath = "/api/v1"

// mountAPI mounts the API's operations and the document that is made from them.
func (s *server) mountAPI(r *gin.Engine) error {
	group := r.Group("/", s.authorize, refuseEncoding(s), s.limits)
	api := humagin.NewWithGroup(r, group, s.humaConfig())
	s.registerCustomers(api)
	s.registerUpsert(api)
	s.registerClaims(api)
	s.registerAdjustments(api)
	s.registerOutcomes(api)
	s.registerMerges(api)
	s.registerPeople(api)
	s.registerTasks(api)
	s.registerDeliveries(api)
	s.registerBudgets(api)
	s.registerOutbound(api)
	s.registerConnections(api)
	s.registerReads(api)
	if s.Leave != nil {
		s.registerLeave(api)
	}
	if s.Imports != nil {
		s.registerImports(api)
	}
	if s.Export != nil {
		s.registerExports(api)
	}
	if s.Reports != nil {
		s.registerReports(api)
	}
	if s.Models != nil {
		s.registerModels(api)
	}
	return s.mountDocument(r, api)
}

// refuseEncoding keeps compressed bodies out: their size says nothing about what they unpack to.
func refuseEncoding(s *server) gin.HandlerFunc {
	return func(c *gin.Context) {
		if len(c.Request.Header.Values("Content-Encoding")) > 0 {
			s.refuse(c, errEncoding)
			return
		}
		c.Next()
	}
}

// humaConfig has no documentation page: the ones that come with Huma load scripts from elsewhere.
func (s *server) humaConfig() huma.Config {
	cfg := huma.DefaultConfig("Lingke", "1")
	cfg.CreateHooks = nil // no $schema members in answers
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: decodeStrict}
	cfg.Formats = map[string]huma.Format{"application/json": format, "json": format}
	cfg.RejectUnknownQueryParameters = true
	cfg.Transformers = []huma.Transformer{s.ownProblems}
	describe(cfg.OpenAPI)
	return cfg
}

// handle registers an operation. Errors of the handler go through failed; Huma's own never show text of an unknown error.
func handle[I, O any](s *server, api huma.API, op huma.Operation, h func(context.Context, *I) (*O, error)) {
	op.Path = apiPath + op.Path
	op.MaxBodyBytes = s.BodyLimit + 1 // Huma refuses a body of exactly that many
	op.BodyReadTimeout = apiTimeout
	op.Security = []map[string][]string{{securityScheme: {}}}
	op.Responses = map[string]*huma.Response{"default": problemResponse(api)}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err == nil {
			err = s.logShown(ctx, shownBy(in, out))
		}
		if err != nil {
			return nil, s.failed(ctx, err)
		}
		return out, nil
	})
}

// ownProblems turns Huma's refusals of requests into ours. They lose the values that were sent: a body may hold a phone number.
func (s *server) ownProblems(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	if m.Status >= http.StatusInternalServerError {
		return s.failed(ctx.Context(), errors.Join(errors.New(m.Detail), details(m))), nil
	}
	p := problem(m.Status, refusalCode(m.Status), m.Detail)
	for _, e := range m.Errors {
		p.Errors = append(p.Errors, ProblemPlace{Location: e.Location, Message: e.Message})
	}
	return p, nil
}

func details(m *huma.ErrorModel) error {
	var all []error
	for _, e := range m.Errors {
		if e != nil {
			all = append(all, errors.New(e.Message))
		}
	}
	return errors.Join(all...)
}

// refusalCode names what Huma refuses by itself.
func refusalCode(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "body"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusUnsupportedMediaType:
		return "media_type"
	case http.StatusRequestTimeout:
		return "timeout"
	default:
		return "invalid"
	}
}

// pathText is a path parameter as it was meant: the router leaves it escaped, since it takes "+" for a space and an id may hold both.
func pathText(escaped string) (string, error) {
	text, err := url.PathUnescape(escaped)
	if err != nil || text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", fmt.Errorf("%w: %q in the path", errName, escaped)
	}
	return text, nil
}

// person finds who is meant to act.
func (s *server) person(id string) (access.Person, error) {
	who, ok := s.People.ByID(id)
	if !ok {
		return who, fmt.Errorf("%w: %q", errUnknown, id)
	}
	return who, nil
}
