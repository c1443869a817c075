package storetest

import (
	"errors"
	"fmt"
	"testing"

	"lingke/internal/models"
	"lingke/internal/store"
)

var modelCases = []testCase{
	{"a model version is kept as it was first stored", testModelOnce},
	{"versions are listed without texts, the oldest first", testModelsListed},
	{"publications follow each other without gaps", testPublications},
}

// errTaken stands for a publication that somebody else was faster with.
var errTaken = errors.New("taken")

func sampleModel(id string, minutes int) models.Version {
	return models.Version{ID: id, Name: "默认", File: "models/默认.yaml", Text: "name: 默认\n# <&> 🚀 𠮷\n", By: "wangli", Note: "试点", At: after(minutes)}
}

func testModelOnce(t *testing.T, s store.Store) {
	_, err := s.Model(t.Context(), "default@1")
	wantErr(t, err, store.ErrNotFound)
	first := sampleModel("default@1", 0)
	same(t, ok(s.AddModel(t.Context(), first))(t), true)
	again := first
	again.Text, again.By = "name: other\n", "somebody"
	same(t, ok(s.AddModel(t.Context(), again))(t), false)
	same(t, ok(s.Model(t.Context(), "default@1"))(t), first)
}

func testModelsListed(t *testing.T, s store.Store) {
	same(t, ok(s.Models(t.Context()))(t), []models.Version(nil))
	var want []models.Version
	for i, id := range []string{"b@2", "a@1", "a@3"} {
		v := sampleModel(id, max(i, 1)) // a@1 and b@2 at the same time
		same(t, ok(s.AddModel(t.Context(), v))(t), true)
		v.Text = ""
		want = append(want, v)
	}
	want[0], want[1] = want[1], want[0]
	same(t, ok(s.Models(t.Context()))(t), want)
}

func samplePublication(n int) models.Publication {
	return models.Publication{N: n, Models: []string{"试点@1", fmt.Sprintf("default@%d", n)}, How: models.ByPublish, By: "wangli", Note: "第二季度", At: after(n)}
}

func testPublications(t *testing.T, s store.Store) {
	same(t, ok(s.Publications(t.Context(), 0))(t), []models.Publication(nil))
	same(t, ok(s.Publish(t.Context(), samplePublication(2)))(t), false)
	for n := 1; n <= 12; n++ { // 10 comes after 9
		same(t, ok(s.Publish(t.Context(), samplePublication(n)))(t), true)
		same(t, ok(s.Publish(t.Context(), samplePublication(n)))(t), false)
	}
	same(t, ok(s.Publish(t.Context(), samplePublication(14)))(t), false)
	same(t, ok(s.Publications(t.Context(), 2))(t), []models.Publication{samplePublication(12), samplePublication(11)})
	same(t, len(ok(s.Publications(t.Context(), 0))(t)), 12)
}

func racePublish(t *testing.T, s store.Store) {
	for n := 1; n <= 5; n++ {
		won, lost := together(t, 20, func(i int) error {
			p := samplePublication(n)
			p.By = fmt.Sprint(i)
			done, err := s.Publish(t.Context(), p)
			if err == nil && !done {
				err = errTaken
			}
			return err
		}, errTaken)
		if won != 1 || lost[errTaken] != 19 {
			t.Fatalf("publication %d: %d won, %v", n, won, lost)
		}
	}
}
