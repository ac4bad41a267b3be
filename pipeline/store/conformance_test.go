package store_test

import (
	"fmt"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
	"github.com/facesieve/facesieve/pipeline/store/storetest"
)

func open(t *testing.T, url string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, "mem:test") })
}

func TestFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, "file://"+t.TempDir()+"/made/by it") })
}

func TestS3(t *testing.T) {
	server := s3test.Start(t)
	server.Setenv(t)
	opened := 0
	storetest.Run(t, func(t *testing.T) store.Store {
		opened++
		return open(t, server.URL(fmt.Sprintf("some/prefix-%d", opened)))
	})
	puts := 0
	for _, r := range server.Requests(t) {
		if r.Operation == "PutObject" && r.Status == 200 {
			puts++
		}
	}
	if puts < 1010 {
		t.Errorf("the access log has %d PUTs that succeeded, fewer than the suite makes", puts)
	}
}
