package app_test

import (
	"strings"
	"testing"

	"lingke/configs"
	"lingke/internal/app"
)

// TestTheSamplesAreTakenByEveryConnectorAndCondition: package configs knows neither, so it cannot see a key of a connector that does not exist.
func TestTheSamplesAreTakenByEveryConnectorAndCondition(t *testing.T) {
	t.Parallel()
	secret := func(name string) (string, bool) {
		if strings.Contains(name, "AES_KEY") {
			return strings.Repeat("a", 43), true
		}
		return strings.Repeat("a", 16), true
	}
	for _, file := range []string{"full.yaml", "minimal.yaml"} {
		cfg, err := configs.Load("../../configs/samples/"+file, secret, app.Checks()...)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if err := app.Check(cfg); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
