package chat

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/batch"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// correctedFor is how long the link to a corrected copy counts: who works in tables gets to them within the week.
const correctedFor = 7 * 24 * time.Hour

// sendCorrected gives the asker the rows of their file that stay out, as a table that can be corrected and sent again, in private wherever they asked. It returns the sentence about it,
// "" where no row stays out. The message's id follows from the question's, so that a question that is answered again after a crash sends it once.
func (s *Service) sendCorrected(ctx context.Context, q question, b batch.Batch) (string, error) {
	if b.Failed == 0 || b.State != batch.Offered && b.State != batch.Applying && b.State != batch.Done {
		return "", nil
	}
	content, err := s.Files.Corrected(ctx, b.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	elsewhere := s.fetchCorrected(q, b)
	if len(content) == 0 || len(content) > bots.MaxAttachment {
		return "\n" + elsewhere, nil
	}
	file := bots.Attachment{Name: correctedName(q, b.File), Data: content, Alt: elsewhere}
	err = s.Outgoing.Reply(ctx, q.id+"c", delivery.Delivery{Platform: q.from.platform, To: []string{q.from.user}, File: &file})
	return q.sayf("\n%d 行未导入：更正表已发给你，按“问题”列改好后直接发回给我即可。", "\n%d rows stayed out: you have a copy of them; correct it by its last column and send it back to me.", b.Failed), err
}

// fetchCorrected says where the copy is for whom it cannot be sent to.
func (s *Service) fetchCorrected(q question, b batch.Batch) string {
	if link := s.Files.CorrectedLink(b.ID, q.who.ID, q.at.Add(correctedFor)); link != "" {
		return q.sayf("%d 行未导入。[下载标出问题的更正表](%s)（7 天内有效），改好后直接发给我即可。", "%d rows stayed out. [Fetch a copy that names their problems](%s) (7 days), correct it and send it to me.", b.Failed, link)
	}
	return q.sayf("%d 行未导入。请管理员从接口 /api/v1/imports/%s/problems.xlsx?person=%s 下载标出问题的更正表，改好后直接发给我即可。",
		"%d rows stayed out. An administrator can fetch a copy that names their problems from /api/v1/imports/%s/problems.xlsx?person=%s; correct it and send it to me.", b.Failed, b.ID, q.who.ID)
}

// correctedName names the copy after its file.
func correctedName(q question, file string) string {
	const most = 40
	return bots.CutRunes(strings.TrimSuffix(path.Base(file), path.Ext(file)), most) + q.say("-更正表.xlsx", "-to-correct.xlsx")
}
