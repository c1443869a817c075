package h5

import (
	"net/http"
	"net/url"

	"lingke/internal/access"
	"lingke/internal/batch"
	"lingke/internal/cards"
	"lingke/internal/store"
)

// corrected hands a manager the rows of an import that could not be read, each with its problem: for those to whom the chat cannot send it as a file. The rows are as they
// were in the file, phone numbers included.
func (s *server) corrected(w http.ResponseWriter, r *http.Request, v visit) error {
	if !v.who.May(access.Manage) {
		return store.ErrNotFound
	}
	content, err := s.Records.Attachment(r.Context(), r.PathValue("id"), batch.ProblemsAttachment)
	if err != nil {
		return err
	}
	if err := s.saw(r, v.who, access.Sight{Tier: true, Basis: true, Money: true}, cards.LoggedCorrected); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", "attachment; filename=\"problems.xlsx\"; filename*=UTF-8''"+url.PathEscape(v.l.Say("更正表", "problems")+".xlsx"))
	_, _ = w.Write(content) //nolint:gosec // a spreadsheet, to be stored; a browser that has gone needs no answer
	return nil
}
