package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/outbound"
	"lingke/internal/store"
)

// postDoc is a stored post.
type postDoc struct {
	outbound.Post `bson:",inline"`

	Lease leaseDoc `bson:",inline"`
}

// AddPosts is as in store.Posts.
func (s *Store) AddPosts(ctx context.Context, all []outbound.Post) (added int, err error) {
	for _, p := range all {
		fresh, err := insert(ctx, s.posts, postDoc{Post: p})
		if err != nil {
			return added, fmt.Errorf("post %q: %w", p.ID, err)
		}
		if fresh {
			added++
		}
	}
	return added, nil
}

// LeasePosts is as in store.Posts.
func (s *Store) LeasePosts(ctx context.Context, target string, now, until time.Time, token string, limit int) ([]outbound.Post, error) {
	due := bson.D{is("target", target), is("state", outbound.Due)}
	return lease[outbound.Post](ctx, s.posts, leaseRequest{due, now, until, token, limit, nil})
}

// FinishPost is as in store.Posts.
func (s *Store) FinishPost(ctx context.Context, p outbound.Post, token string) error {
	if token == "" { // the token of posts that nobody has leased
		return fmt.Errorf("post %q: %w", p.ID, store.ErrLeaseLost)
	}
	change := op("$set", is("state", p.State), is("attempts", p.Attempts), is("due", p.Due), is("ended", p.Ended), is("why", p.Why), is("token", ""), is("until", time.Time{}))
	done, err := update(ctx, s.posts, bson.D{is("_id", p.ID), is("token", token)}, bson.D{change})
	if err == nil && !done {
		err = store.ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("post %q: %w", p.ID, err)
	}
	return nil
}

// ReplayPost is as in store.Posts.
func (s *Store) ReplayPost(ctx context.Context, id string, now time.Time) error {
	change := op("$set", is("state", outbound.Due), is("attempts", 0), is("due", now), is("ended", time.Time{}))
	done, err := update(ctx, s.posts, bson.D{is("_id", id), is("state", outbound.Dead)}, bson.D{change})
	if err == nil && !done {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("dead post %q: %w", id, err)
	}
	return nil
}

// Posts is as in store.Posts.
func (s *Store) Posts(ctx context.Context, q outbound.Query) ([]outbound.Post, string, error) {
	filter := equal(bson.D{}, is("target", q.Target), is("state", string(q.State)))
	if q.After != "" {
		created, id, err := splitCursor(q.After, parseInstant)
		if err != nil {
			return nil, "", err
		}
		filter = append(filter, beyond("created", "$lt", created, "$lt", id)...)
	}
	limit := pageSize(q.Limit)
	all, err := findAll[outbound.Post](ctx, s.posts, filter, page(limit, order("-created", "-_id")))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, func(p outbound.Post) string { return instantCursor(p.Created, p.ID) })
	return found, next, nil
}

// PurgePosts is as in store.Posts.
func (s *Store) PurgePosts(ctx context.Context, before time.Time) (int, error) {
	result, err := s.posts.DeleteMany(ctx, bson.D{op("created", is("$lt", before))})
	if err != nil {
		return 0, wrap(ctx, err, "purging posts")
	}
	return int(result.DeletedCount), nil
}

// PurgeRuns is as in store.Jobs. It goes from job to job along the index.
func (s *Store) PurgeRuns(ctx context.Context, before time.Time) (purged int, err error) {
	for job := ""; ; {
		next, err := findOne[runDoc](ctx, s.runs, bson.D{op("job", is("$gt", job))}, options.FindOne().SetSort(order("job", "-due")))
		if errors.Is(err, store.ErrNotFound) {
			return purged, nil
		}
		if err != nil {
			return purged, fmt.Errorf("purging runs: %w", err)
		}
		job = next.Job
		until := before
		if next.Due.Before(until) { // the last of the job
			until = next.Due
		}
		result, err := s.runs.DeleteMany(ctx, bson.D{is("job", job), op("due", is("$lt", until))})
		if err != nil {
			return purged, wrap(ctx, err, "purging runs of %s", job)
		}
		purged += int(result.DeletedCount)
	}
}
