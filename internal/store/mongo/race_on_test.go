//go:build race

package mongo_test

const raceDetector = true
