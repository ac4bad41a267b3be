package images

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// registry has digests for these images, for those who hold its token.
func registry(t *testing.T, digests map[string]string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"token": "for %s"}`, r.FormValue("scope")) // the client fails without it
	})
	mux.HandleFunc("HEAD /v2/", func(w http.ResponseWriter, r *http.Request) {
		name, tag, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/manifests/")
		digest := digests[name+":"+tag]
		switch {
		case r.Header.Get("Authorization") != "Bearer for repository:"+name+":pull":
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="images"`, s.URL))
			w.WriteHeader(http.StatusUnauthorized)
		case digest == "":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("Docker-Content-Digest", digest)
		}
	})
	return s
}

const unpinned = `# FROM a comment:1
FROM --platform=$BUILDPLATFORM golang:1.2.3-trixie AS build
FROM python:3.1.4@sha256:OLD AS fetched
FROM scratch
---
      - image: nats:2.1.0
        image: "nats:2.1.0"
        image: team/tool:1
        image: ghcr.io/facesieve/worker:cpu
`

// pin runs the script on a file with this text.
func pin(t *testing.T, registry, text string) (pinned, said string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "../pin", path)
	cmd.Env = append(cmd.Environ(), "REGISTRY="+registry)
	out, err := cmd.CombinedOutput()
	data, rerr := os.ReadFile(path)
	if rerr != nil {
		t.Fatal(rerr)
	}
	return string(data), string(out), err
}

// Digests come from the registry alone; without it nothing changes.
func TestPin(t *testing.T) {
	of := func(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }
	digests := map[string]string{"library/golang:1.2.3-trixie": of("1"), "library/python:3.1.4": of("2"),
		"library/nats:2.1.0": of("3"), "team/tool:1": of("4")}
	s := registry(t, digests)
	text := strings.ReplaceAll(unpinned, "sha256:OLD", of("0"))
	want := text
	for _, change := range [][2]string{{"1.2.3-trixie", "1.2.3-trixie@" + of("1")}, {of("0"), of("2")},
		{"nats:2.1.0", "nats:2.1.0@" + of("3")}, {"team/tool:1", "team/tool:1@" + of("4")}} {
		want = strings.ReplaceAll(want, change[0], change[1])
	}
	for range 2 {
		got, said, err := pin(t, s.URL, text)
		if err != nil || got != want {
			t.Errorf("%v: %s\n%s\nwant\n%s", err, said, got, want)
		}
		text = got // once more changes nothing
	}
	delete(digests, "team/tool:1")
	if got, said, err := pin(t, s.URL, unpinned); err == nil || got != unpinned || !strings.Contains(said, "team/tool:1") {
		t.Errorf("without one of the tags: %v: %s\n%s", err, said, got)
	}
	s.Close()
	if got, said, err := pin(t, s.URL, unpinned); err == nil || got != unpinned {
		t.Errorf("without a registry: %v: %s\n%s", err, said, got)
	}
}
