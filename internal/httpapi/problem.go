package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/imports"
	ingestion "lingke/internal/ingest"
	"lingke/internal/leave"
	"lingke/internal/match"
	"lingke/internal/models"
	"lingke/internal/report"
	"lingke/internal/store"
	"lingke/scoring"
)

// typePrefix and the code make a problem's type.
const typePrefix = "urn:lingke:problem:"

// Problem is every refusal and failure, as RFC 9457 says.
type Problem struct {
	Type   string `json:"type" doc:"Stable URI of the kind of problem: urn:lingke:problem: and the code" example:"urn:lingke:problem:taken"`
	Title  string `json:"title" doc:"The status in words"`
	Status int    `json:"status"`
	Code   string `json:"code" doc:"Stable word for programs" example:"taken"`
	Detail string `json:"detail" doc:"What is wrong, for people"`
	// Owner and OwnerName are set for code "taken".
	Owner     string         `json:"owner,omitempty" doc:"Who has the customer (code taken)"`
	OwnerName string         `json:"owner_name,omitempty"`
	RequestID string         `json:"request_id,omitempty" doc:"Names the request in the gateway's log (status 5xx)"`
	Errors    []ProblemPlace `json:"errors,omitempty" nullable:"false" doc:"What is wrong where (code invalid)"`

	headers http.Header
}

// ProblemPlace is one place of a request with what was expected there.
type ProblemPlace struct {
	Location string `json:"location,omitempty" example:"body.modified_at"`
	Message  string `json:"message"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus makes it a huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders makes it a huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType makes it a huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// Failures that arise in this package.
var (
	errNoRoute      = errors.New("there is nothing at this address")
	errNoMethod     = errors.New("the address does not take this method")
	errUnauthorized = errors.New("a valid bearer token is needed")
	errUnknown      = errors.New("no such person")
	errNotAllowed   = errors.New("the person's role does not allow it")
	errCursor       = errors.New("after is not what an earlier page of the same query gave")
	errFilters      = errors.New("q cannot be combined with other filters, order or after")
	errName         = errors.New("not a name")
	errEncoding     = errors.New("the body must come without Content-Encoding")
	errTooLarge     = errors.New("the body is too large")
	errBody         = errors.New("the body could not be read")
	errMultipart    = errors.New("the body must be multipart/form-data with the file in the part \"file\"")
	errField        = errors.New("the form has a field that is not known")
	errPushRefused  = errors.New("the signature is missing, wrong or out of its time window")
	errPushBad      = errors.New("no record of the push can be read")
	errPushLater    = errors.New("the push could not be stored, please send it again")
	errPanic        = errors.New("a handler broke down")
)

// answer is what becomes of a kind of error. Where detail is empty the error's own words are shown: only for errors that say nothing but what
// the caller sent or may know.
type answer struct {
	is     error
	status int
	code   string
	detail string
	retry  string // Retry-After in seconds
}

// answers are tried in order.
var answers = []answer{
	{is: errNoRoute, status: 404, code: "no_route"},
	{is: errNoMethod, status: 405, code: "no_method"},
	{is: errUnauthorized, status: 401, code: "unauthorized"},
	{is: ErrNoHook, status: 404, code: "no_hook", detail: "nothing is pushed under this name"},
	{is: errPushRefused, status: 401, code: "unauthorized", detail: errPushRefused.Error()},
	{is: errPushBad, status: 400, code: "bad_record"},
	{is: errPushLater, status: 503, code: "unavailable", detail: errPushLater.Error(), retry: "5"},
	{is: errEncoding, status: 415, code: "encoding"},
	{is: errTooLarge, status: 413, code: "too_large"},
	{is: errMultipart, status: 415, code: "media_type"},
	{is: errField, status: 422, code: "invalid"},
	{is: sheet.ErrLimit, status: 413, code: "too_large"},
	{is: sheet.ErrMapping, status: 422, code: "mapping"},
	{is: sheet.ErrFile, status: 422, code: "file"},
	{is: imports.ErrPool, status: 422, code: "no_pool"},
	{is: imports.ErrSource, status: 422, code: "source"},
	{is: imports.ErrState, status: 409, code: "batch_state"},
	{is: imports.ErrBusy, status: 503, code: "busy", detail: imports.ErrBusy.Error(), retry: "10"},
	{is: errBody, status: 400, code: "body", detail: errBody.Error()},
	{is: errCursor, status: 400, code: "cursor"},
	{is: store.ErrCursor, status: 400, code: "cursor", detail: errCursor.Error()},
	{is: errUnknown, status: 422, code: "unknown_person"},
	{is: errNotAllowed, status: 403, code: "not_allowed"},
	{is: scoring.ErrAdjustment, status: 422, code: "adjustment"},
	{is: leave.ErrOrder, status: 422, code: "leave"},
	{is: leave.ErrPast, status: 422, code: "leave"},
	{is: leave.ErrLong, status: 422, code: "leave"},
	{is: leave.ErrDeputy, status: 422, code: "leave"},
	{is: leave.ErrMany, status: 503, code: "busy", detail: leave.ErrMany.Error(), retry: "1"},
	{is: report.ErrPeriod, status: 422, code: "period"},
	{is: customer.ErrOutcome, status: 422, code: "outcome"},
	{is: ingestion.ErrNoAdjustment, status: 404, code: "no_adjustment", detail: ingestion.ErrNoAdjustment.Error()},
	{is: models.ErrUnknown, status: 404, code: "no_version"},
	{is: models.ErrPlace, status: 422, code: "replaces"},
	{is: models.ErrInForce, status: 409, code: "in_force"},
	{is: models.ErrAwaiting, status: 202, code: "awaiting"},
	{is: models.ErrNothing, status: 409, code: "nothing_before"},
	{is: errFilters, status: 422, code: "invalid"},
	{is: errName, status: 422, code: "invalid"},
	{is: connectors.ErrBadRecord, status: 422, code: "bad_record"},
	{is: store.ErrNotFound, status: 404, code: "not_found", detail: "there is no such thing, or not any more"},
	{is: assign.ErrTaken, status: 409, code: "taken", detail: "the customer has an owner"},
	{is: assign.ErrNotOpen, status: 409, code: "not_open", detail: assign.ErrNotOpen.Error()},
	{is: assign.ErrNotMember, status: 403, code: "not_member", detail: assign.ErrNotMember.Error()},
	{is: assign.ErrFormer, status: 409, code: "former_owner"},
	{is: assign.ErrLocked, status: 409, code: "locked"},
	{is: assign.ErrNotOwner, status: 403, code: "not_owner", detail: assign.ErrNotOwner.Error()},
	{is: followup.ErrNotOwner, status: 403, code: "not_owner", detail: followup.ErrNotOwner.Error()},
	{is: followup.ErrEnded, status: 409, code: "ended", detail: followup.ErrEnded.Error()},
	{is: match.ErrNotManager, status: 403, code: "not_manager", detail: match.ErrNotManager.Error()},
	{is: match.ErrAnswered, status: 409, code: "answered", detail: match.ErrAnswered.Error()},
	{is: match.ErrCodes, status: 409, code: "different_codes", detail: match.ErrCodes.Error()},
	{is: match.ErrParts, status: 422, code: "parts"},
	{is: store.ErrDailySpent, status: 429, code: "daily_spent", detail: "the person's allowance of claims for today is spent"},
	{is: store.ErrHoldingFull, status: 409, code: "holding_full", detail: "the person owns as many customers as allowed"},
	{is: store.ErrConflict, status: 409, code: "conflict", detail: "somebody else changed it at the same moment; read it again"},
	{is: assign.ErrBusy, status: 503, code: "busy", detail: "too many change this customer at once", retry: "1"},
	{is: ingestion.ErrBusy, status: 503, code: "busy", detail: "too many change this customer at once", retry: "1"},
	{is: context.DeadlineExceeded, status: 503, code: "timeout", detail: "the answer took too long", retry: "5"},
	{is: context.Canceled, status: 503, code: "cancelled", detail: "the request was given up", retry: "5"},
}

// failure answers everything that is not known: what it says stays in the log.
var failure = answer{status: http.StatusInternalServerError, code: "internal", detail: "something went wrong here; the log knows more under this request id"}

// problemOf is the one place where errors become answers. requestID is shown with failures of ours, where the log says more.
func (s *server) problemOf(err error, requestID string) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	var bound *scoring.BoundError
	if errors.As(err, &bound) {
		return problem(http.StatusUnprocessableEntity, "bound", bound.Error())
	}
	var place *scoring.ProblemError
	if errors.As(err, &place) {
		return problem(http.StatusUnprocessableEntity, "model", err.Error())
	}
	found := failure
	for _, a := range answers {
		if errors.Is(err, a.is) {
			found = a
			break
		}
	}
	p := problem(found.status, found.code, found.detail)
	if found.detail == "" {
		p.Detail = err.Error()
	}
	if found.retry != "" {
		p.headers.Set("Retry-After", found.retry)
	}
	if errors.Is(err, errUnauthorized) {
		p.headers.Set("WWW-Authenticate", `Bearer realm="lingke"`)
	}
	if found.status >= http.StatusInternalServerError {
		p.RequestID = requestID
	}
	s.nameOwner(p, err)
	return p
}

func problem(status int, code, detail string) *Problem {
	return &Problem{
		Type: typePrefix + code, Title: http.StatusText(status), Status: status, Code: code,
		Detail: strings.TrimSpace(detail), headers: http.Header{},
	}
}

// nameOwner tells who has a customer that somebody else wanted.
func (s *server) nameOwner(p *Problem, err error) {
	var taken *assign.TakenError
	if !errors.As(err, &taken) {
		return
	}
	p.Owner, p.OwnerName = taken.Owner, s.personName(taken.Owner)
	p.Detail += ": " + p.OwnerName
}

// personName is what a person is called; the id of somebody who left.
func (s *server) personName(id string) string {
	if who, ok := s.People.ByID(id); ok {
		return who.Name
	}
	return id
}
