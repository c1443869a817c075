package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"lingke/internal/outbound"
	"lingke/internal/store"
)

const postColumns = `id, target, customer, event, body, created, state, attempts, due, ended, why`

// AddPosts is as in store.Posts.
func (s *Store) AddPosts(ctx context.Context, all []outbound.Post) (added int, err error) {
	const query = `INSERT INTO posts (` + postColumns + `, token, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0) ON CONFLICT (id) DO NOTHING`
	err = s.do(ctx, func(t *tx) error {
		added = 0
		for _, p := range all {
			n, err := t.exec(query, p.ID, p.Target, p.Customer, p.Event, p.Body, ms(p.Created), string(p.State), p.Attempts, ms(p.Due), ms(p.Ended), p.Why)
			if err != nil {
				return err
			}
			added += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("adding %d posts: %w", len(all), err)
	}
	return added, nil
}

// scanPosts reads postColumns.
func scanPosts(all *[]outbound.Post) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var p outbound.Post
		var state string
		var created, due, ended int64
		err := rows.Scan(&p.ID, &p.Target, &p.Customer, &p.Event, &p.Body, &created, &state, &p.Attempts, &due, &ended, &p.Why)
		p.Created, p.State, p.Due, p.Ended = instant(created), outbound.State(state), instant(due), instant(ended)
		*all = append(*all, p)
		return err
	}
}

// LeasePosts is as in store.Posts.
func (s *Store) LeasePosts(ctx context.Context, target string, now, until time.Time, token string, limit int) (all []outbound.Post, err error) {
	const query = `UPDATE posts SET token = ?, until = ? WHERE rowid IN (
		SELECT rowid FROM posts INDEXED BY posts_due WHERE target = ? AND state = 'due' AND due <= ? AND until <= ? ORDER BY due, id LIMIT ?
		) RETURNING ` + postColumns
	err = s.do(ctx, func(t *tx) error {
		all = nil
		return t.change(scanPosts(&all), query, token, ms(until), target, ms(now), ms(now), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("leasing posts of %q: %w", target, err)
	}
	slices.SortFunc(all, func(a, b outbound.Post) int { return compareDue(a.Due, a.ID, b.Due, b.ID) })
	return all, nil
}

// FinishPost is as in store.Posts.
func (s *Store) FinishPost(ctx context.Context, p outbound.Post, token string) error {
	const query = `UPDATE posts SET state = ?, attempts = ?, due = ?, ended = ?, why = ?, token = '', until = 0 WHERE id = ? AND token = ? AND token <> ''`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, string(p.State), p.Attempts, ms(p.Due), ms(p.Ended), p.Why, p.ID, token)
		return held(n, err, "post", p.ID)
	})
}

// ReplayPost is as in store.Posts.
func (s *Store) ReplayPost(ctx context.Context, id string, now time.Time) error {
	const query = `UPDATE posts SET state = 'due', attempts = 0, due = ?, ended = ? WHERE id = ? AND state = 'dead'`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, ms(now), never, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("dead post %q: %w", id, err)
		}
		return nil
	})
}

// Posts is as in store.Posts.
func (s *Store) Posts(ctx context.Context, q outbound.Query) ([]outbound.Post, string, error) {
	w := &where{}
	w.equal("target", q.Target)
	w.equal("state", string(q.State))
	if q.After != "" {
		created, id, err := splitCursor(q.After, parseInt)
		if err != nil {
			return nil, "", err
		}
		w.add("(created, id) < (?, ?)", created, id)
	}
	limit := pageSize(q.Limit)
	query := "SELECT " + postColumns + " FROM posts INDEXED BY " + postIndex(q) + w.String() + " ORDER BY created DESC, id DESC LIMIT ?"
	var all []outbound.Post
	if err := s.rows(ctx, scanPosts(&all), query, append(w.args, limit+1)...); err != nil {
		return nil, "", fmt.Errorf("reading posts: %w", err)
	}
	page, next := cut(all, limit, func(p outbound.Post) string { return joinCursor(strconv.FormatInt(ms(p.Created), 10), p.ID) })
	return page, next, nil
}

func postIndex(q outbound.Query) string {
	switch {
	case q.Target != "":
		return "posts_target"
	case q.State != "":
		return "posts_state"
	}
	return "posts_created"
}

// PurgePosts is as in store.Posts.
func (s *Store) PurgePosts(ctx context.Context, before time.Time) (int, error) {
	const query = `DELETE FROM posts WHERE rowid IN (SELECT rowid FROM posts INDEXED BY posts_created WHERE created < ? LIMIT ?)`
	n, err := s.purge(ctx, query, ms(before))
	if err != nil {
		return n, fmt.Errorf("purging posts: %w", err)
	}
	return n, nil
}

// PurgeRuns is as in store.Jobs. Runs have no rowid, and their index begins with the job: there are few jobs.
func (s *Store) PurgeRuns(ctx context.Context, before time.Time) (int, error) {
	const query = `DELETE FROM runs WHERE (job, due) IN (
		SELECT job, due FROM runs AS r WHERE due < ? AND due < (SELECT max(due) FROM runs WHERE job = r.job) LIMIT ?)`
	n, err := s.purge(ctx, query, ms(before))
	if err != nil {
		return n, fmt.Errorf("purging runs: %w", err)
	}
	return n, nil
}
