package app

import (
	"context"
	"testing"
)

func TestAnUploadGoesOnWithoutItsRequestAndEndsWithTheGateway(t *testing.T) {
	t.Parallel()
	u := newUploads()
	for range uploadsAtOnce {
		if !u.enter() {
			t.Fatal("no place")
		}
	}
	if u.enter() {
		t.Fatal("more at once than allowed")
	}
	u.leave()
	request, gone := context.WithCancel(t.Context())
	cut := make(chan error, 1)
	done := u.behind(request, func(work context.Context) {
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
	if !u.enter() {
		t.Fatal("the place that was left is not free")
	}
	u.leave()
	u.stop()
	select {
	case <-cut:
	default:
		t.Error("the gateway stopped with work under way")
	}
	if u.enter() {
		t.Error("taken on although the gateway has stopped")
	}
	u.stop() // twice does no harm
}
