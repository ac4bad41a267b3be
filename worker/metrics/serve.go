package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/worker/program"
)

// Flags say where a program shows its metrics.
type Flags struct {
	Address string // HOST:PORT; "": nowhere
}

// AddFlags defines the flags.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVar(&f.Address, "metrics-addr", "",
		"HOST:PORT at which Prometheus may ask for /metrics, and others for /healthz and /readyz; default: nowhere")
}

// Check refuses an address that no server can have.
func (f *Flags) Check() error {
	if f.Address == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(f.Address)
	n, perr := strconv.Atoi(port)
	if err != nil || perr != nil || n < 0 || n > 65535 {
		return program.Usagef("--metrics-addr %q is no HOST:PORT; give :9464 for all of this machine's addresses, "+
			"or 127.0.0.1:9464 for this machine alone", f.Address)
	}
	return nil
}

// Open returns the metrics of a program, shown at the address until they are closed;
// nil where none is given.
func (f *Flags) Open(ctx context.Context, name, version string) (*Metrics, *Server, error) {
	if f.Address == "" {
		return nil, nil, nil
	}
	m := New(name, version)
	s, err := m.Serve(ctx, f.Address)
	return m, s, err
}

// Server shows metrics. A nil one shows nothing.
type Server struct {
	listener net.Listener
	http     *http.Server
	ended    chan struct{}
}

// headerTime bounds how long a client may take over its question, and lastAnswers how
// long Close waits for answers under way.
const (
	headerTime  = 5 * time.Second
	lastAnswers = time.Second
)

// Serve shows the metrics at an address until the server is closed. What goes wrong is
// an error of one line that says what to do.
func (m *Metrics) Serve(ctx context.Context, address string) (*Server, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, adviseListen(address, err)
	}
	s := &Server{listener: l, http: &http.Server{Handler: m.Handler(), ReadHeaderTimeout: headerTime},
		ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		_ = s.http.Serve(l) // ends when it is closed
	}()
	return s, nil
}

// adviseListen says why metrics cannot be shown at an address, and what to do.
func adviseListen(address string, err error) error {
	err = fmt.Errorf("show metrics at %s: %w", address, cause(err))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return program.WithHint(err, "another program listens there: give --metrics-addr another port")
	case errors.Is(err, syscall.EACCES):
		return program.WithHint(err, "give --metrics-addr a port from 1024")
	}
	return program.WithHint(err, "give --metrics-addr an address of this machine, or :PORT for all of them")
}

// cause strips what the net package puts before an error's reason: the address is named
// already.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// Address returns HOST:PORT of the server; "" of none.
func (s *Server) Address() string {
	if s == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Close ends the server; an answer that is under way may have its second.
func (s *Server) Close() {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // the answers that did not end in time
	}
	<-s.ended
}

// Handler answers /metrics, /healthz, which says that the process lives, and /readyz,
// which says whether it can work: 503 with the reason where not.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := m.Ready(); err != nil {
			say(w, http.StatusServiceUnavailable, program.Text(err))
			return
		}
		say(w, http.StatusOK, "ok")
	})
	return mux
}

func say(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = fmt.Fprintln(w, text) // who asked is gone
}
