package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/followup"
)

// formerWarning is how long before they were due the owners of tasks were told by versions that knew no Wake.
const formerWarning = 15 * time.Minute

// wakeTasks gives the open tasks that such versions stored their Wake; without one nobody would be told of them. Of tasks that went to the managers nobody is to be told
// any more. Where there are none it costs one query along the index of states. Replicas may do it at once: the second finds nothing to change.
func (s *Store) wakeTasks(ctx context.Context) error {
	absent := is("$exists", false)
	filter := bson.D{is("state", followup.Open), op("wake", absent), op("escalated", absent), op("due", is("$gt", time.UnixMilli(0)))}
	for after := ""; ; {
		beyond := append(filter[:len(filter):len(filter)], op("_id", is("$gt", after)))
		found, err := findAll[followup.Task](ctx, s.tasks, beyond, options.Find().SetSort(order("_id")).SetLimit(wakeBatch))
		if err != nil || len(found) == 0 {
			return wrap(ctx, err, "reading the tasks that nobody is told of")
		}
		var changes []mongo.WriteModel
		for _, t := range found {
			changes = append(changes, wakeTask(t))
		}
		if _, err := s.tasks.BulkWrite(ctx, changes, options.BulkWrite().SetOrdered(false)); err != nil {
			return wrap(ctx, err, "setting when to tell of tasks")
		}
		after = found[len(found)-1].ID
	}
}

// wakeBatch is how many tasks are changed by one call of the server: few enough for slow ones.
const wakeBatch = 20

// wakeTask raises Rev, so that whoever read the task before cannot write it back without its Wake.
func wakeTask(t followup.Task) mongo.WriteModel {
	return mongo.NewUpdateOneModel().
		SetFilter(bson.D{is("_id", t.ID), is("rev", t.Rev)}).
		SetUpdate(bson.D{op("$set", is("wake", t.Due.Add(-formerWarning))), op("$inc", is("rev", 1))})
}
