package mongo_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"lingke/internal/followup"
	"lingke/internal/store"
)

// TestOpenTellsOfTasksFromBefore stores tasks as versions did that knew no Wake, more than are read at once.
func TestOpenTellsOfTasksFromBefore(t *testing.T) {
	uri := freshURI(t)
	s := openAt(t, uri)
	wake := noon.Add(-time.Hour)
	tasks := []followup.Task{
		{ID: "woken", State: followup.Open, Due: noon, Wake: wake},
		{ID: "told", State: followup.Open, Due: noon, Escalated: noon},
		{ID: "done", State: followup.Done, Due: noon},
	}
	for i := range 45 {
		tasks = append(tasks, followup.Task{ID: fmt.Sprintf("old%04d", i), State: followup.Open, Due: noon.Add(time.Hour)})
	}
	var docs []any
	for _, task := range tasks {
		task.Rev = 1
		docs = append(docs, task)
	}
	_, err := database(t, uri).Collection("tasks").InsertMany(t.Context(), docs)
	check(t, err)
	before, err := s.Task(t.Context(), "old0000")
	check(t, err)

	openAt(t, uri)
	openAt(t, uri) // changes nothing more
	for id, want := range map[string]time.Time{"woken": wake, "told": {}, "done": {}, "old0000": noon.Add(45 * time.Minute), "old0044": noon.Add(45 * time.Minute)} {
		if task, err := s.Task(t.Context(), id); err != nil || !task.Wake.Equal(want) || task.Rev > 2 {
			t.Errorf("%s wakes at %s with rev %d, want %s: %v", id, task.Wake, task.Rev, want, err)
		}
	}
	if n, err := database(t, uri).Collection("tasks").CountDocuments(t.Context(), bson.M{"wake": bson.M{"$exists": true}}); err != nil || n != 46 {
		t.Errorf("%d tasks wake, want 46: %v", n, err)
	}
	if err := s.PutTask(t.Context(), before); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a task read before was written back without its Wake: %v", err)
	}
}
