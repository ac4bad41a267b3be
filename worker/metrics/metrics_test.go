package metrics

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/storefault"
	"github.com/facesieve/facesieve/pipeline/store/storetest"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/metrics/metricstest"
	"github.com/facesieve/facesieve/worker/program"
)

func memory(t *testing.T) store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), "mem:"+t.Name(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// A store that is measured is a store.
func TestMeasuredStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return New("worker", "v1").Store(memory(t)) })
}

func TestStoreCalls(t *testing.T) {
	m := New("worker", "v1")
	st := m.Store(memory(t))
	ctx := runstore.WithStage(t.Context(), schemas.StageEmbed)
	if err := runstore.Put(ctx, st, "a/b", []byte("twelve bytes")); err != nil {
		t.Fatal(err)
	}
	if err := runstore.Put(ctx, st, "a/b", []byte("twelve bytes")); err != nil {
		t.Fatal(err)
	}
	if _, err := runstore.Get(ctx, st, "a/b"); err != nil {
		t.Fatal(err)
	}
	if _, err := runstore.Exists(t.Context(), st, "a/c"); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Stat(over, "a/b"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	want := `
# HELP facesieve_store_bytes_total Bytes of objects that were read from the store or written to it.
# TYPE facesieve_store_bytes_total counter
facesieve_store_bytes_total{direction="read",stage="embed"} 12
facesieve_store_bytes_total{direction="written",stage="embed"} 12
# HELP facesieve_store_requests_total Calls of the store, by operation, outcome, and the stage that they were made for.
# TYPE facesieve_store_requests_total counter
facesieve_store_requests_total{operation="get",outcome="ok",stage="embed"} 1
facesieve_store_requests_total{operation="put",outcome="exists",stage="embed"} 1
facesieve_store_requests_total{operation="put",outcome="ok",stage="embed"} 1
facesieve_store_requests_total{operation="stat",outcome="cancelled",stage=""} 1
facesieve_store_requests_total{operation="stat",outcome="missing",stage=""} 1
`
	if err := testutil.GatherAndCompare(m.Gatherer(), strings.NewReader(want), "facesieve_store_bytes_total",
		"facesieve_store_requests_total"); err != nil {
		t.Error(err)
	}
}

// ask asks the handler of metrics.
func ask(t *testing.T, m *Metrics, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// A program is ready while NATS is connected and the store's last answer was a good one.
func TestReady(t *testing.T) {
	m := New("worker", "v1")
	st := m.Store(storefault.New(memory(t), t, storefault.Fault{Op: storefault.Stat}))
	up := true
	for _, step := range []struct {
		do   func()
		code int
		text string
	}{
		{func() {}, 503, "NATS: not connected yet\n"},
		{func() { m.Connection(func() bool { return up }) }, 200, "ok\n"},
		{func() { up = false }, 503, "NATS: the connection is lost and is being mended\n"},
		{func() { up = true; _, _ = st.Stat(t.Context(), "x") }, 503, "store: stat x: planned fault\n"},
		{func() { _, _ = st.Stat(t.Context(), "x") }, 200, "ok\n"}, // there is no x: that is an answer
	} {
		step.do()
		if code, text := ask(t, m, "/readyz"); code != step.code || !strings.HasSuffix(text, step.text) {
			t.Errorf("%d %q; want %d %q", code, text, step.code, step.text)
		}
		if code, text := ask(t, m, "/healthz"); code != 200 || text != "ok\n" {
			t.Errorf("healthz: %d %q", code, text)
		}
	}
}

func TestServe(t *testing.T) {
	f := Flags{Address: "127.0.0.1:0"}
	m, s, err := f.Open(t.Context(), "worker", "v1")
	if err != nil {
		t.Fatal(err)
	}
	ends := m.RunBegins("00112233445566778899aabbccddeeff")
	m.Connection(func() bool { return false })
	m.Connection(func() bool { return true })
	w := m.Worker()
	w.Opened("onnxruntime", "cuda:0", 2, "0123456789abcdef0123456789abcdef")
	w.Computed(16, 64, time.Second)
	_, text := metricstest.Fetch(t, "http://"+s.Address()+"/metrics")
	for _, want := range []string{
		`facesieve_build_info{program="worker",version="v1"} 1`,
		`facesieve_run_info{program="worker",run="00112233445566778899aabbccddeeff"} 1`,
		`facesieve_worker_info{device="cuda:0",engine="onnxruntime",kind="0123456789abcdef0123456789abcdef"} 1`,
		`facesieve_engine_batch_fill_sum 0.25`,
		`facesieve_engine_busy_seconds_total 1`,
		`facesieve_nats_connected 1`,
		`facesieve_tasks_total{outcome="given-up",stage="judge"} 0`,
		"go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	ends()
	if _, text := ask(t, m, "/metrics"); strings.Contains(text, "facesieve_run_info{") {
		t.Error("a run that has ended is shown")
	}
	http.DefaultClient.CloseIdleConnections()
	s.Close()
	if c, err := net.Dial("tcp", s.Address()); err == nil { //nolint:noctx // it must fail at once
		_ = c.Close()
		t.Error("a closed server listens")
	}
}

func TestAddresses(t *testing.T) {
	for address, fine := range map[string]bool{"": true, ":9464": true, "127.0.0.1:0": true, "[::1]:9464": true,
		"9464": false, "localhost": false, "localhost:http": false, "1.2.3.4:70000": false, "::1:9464": false} {
		f := Flags{Address: address}
		if err := f.Check(); (err == nil) != fine || err != nil && program.ExitCode(err) != program.ExitUsage {
			t.Errorf("%q: %v", address, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // of a test
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for address, hint := range map[string]string{l.Addr().String(): "another port", "192.0.2.1:9464": "an address of this machine"} {
		f := Flags{Address: address}
		if _, _, err := f.Open(t.Context(), "worker", "v1"); err == nil || !strings.Contains(program.Hint(err), hint) ||
			!strings.Contains(err.Error(), address) || program.ExitCode(err) != program.ExitError {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Nobody asked for metrics: everything does nothing.
func TestNoMetrics(t *testing.T) {
	f := Flags{}
	m, s, err := f.Open(t.Context(), "worker", "v1")
	st := memory(t)
	if m != nil || s != nil || err != nil || m.Store(st) != st {
		t.Errorf("%v, %v, %v", m, s, err)
	}
	m.Connection(nil)
	m.RunBegins("x")()
	s.Close()
}
