// Package metricstest asks a program for its metrics as Prometheus does. It is for tests.
package metricstest

import (
	"io"
	"net/http"
	"testing"
)

// Fetch returns what a server says at a URL, and its code.
func Fetch(t *testing.T, url string) (code int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(said)
}
