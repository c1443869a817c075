package app

import (
	"context"
	"testing"
)

func TestBackgroundWorkGoesOnWithoutItsRequestAndEndsWithTheGateway(t *testing.T) {
	t.Parallel()
	b := newBackground(uploadsAtOnce)
	for range uploadsAtOnce {
		if !b.enter() {
			t.Fatal("no place")
		}
	}
	if b.enter() {
		t.Fatal("more at once than allowed")
	}
	b.leave()
	request, gone := context.WithCancel(t.Context())
	cut := make(chan error, 1)
	done := b.behind(request, func(work context.Context) {
		gone()
		<-request.Done()
		if err := work.Err(); err != nil {
			t.Errorf("ended with its request: %v", err)
		}
		<-work.Done()
		cut <- work.Err()
	})
	if patient(request, done) {
		t.Error("waited for to the end although the request is gone")
	}
	if !b.enter() {
		t.Fatal("the place that was left is not free")
	}
	b.leave()
	b.stop()
	select {
	case <-cut:
	default:
		t.Error("the gateway stopped with work under way")
	}
	if b.enter() {
		t.Error("taken on although the gateway has stopped")
	}
	b.stop() // twice does no harm
}
