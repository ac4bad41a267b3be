package queue

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/facesieve/facesieve/internal/origin"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNoRun says that no stream of this run exists: it has not begun, or it is
	// over.
	ErrNoRun = errors.New("no such run on this NATS server")
	// ErrClosed says that the stream this Queue was made for is gone: the run is
	// over, or the server lost its files. The store tells which.
	ErrClosed = errors.New("the run's stream is gone")
	// ErrLost is the cause (context.Cause) of a lease's end when the server can no
	// longer be holding the task for its worker.
	ErrLost = errors.New("the lease on the task is lost")
	// ErrRefused says that the server refuses the user, or who gives none.
	ErrRefused = nats.ErrAuthorization
	// ErrSettled says that a lease was settled before.
	ErrSettled = errors.New("the lease is settled already")
)

// Options are a connection's.
type Options struct {
	Name    string        // client's name as the server shows it; "": facesieve
	Timeout time.Duration // for the first connection; 0: 5 s
	Log     *zap.Logger   // told of lost and mended connections; nil: nobody is
	Files   Files
}

// Files are what shows the two sides of a connection to each other. They are read again at
// each connection, so that what expires may be replaced. "": none.
type Files struct {
	Creds string // credentials of a user: a token and the key that signs
	CA    string // certificates of the authorities that sign the server's
	Cert  string // certificate that the server asks for
	Key   string // its key
}

// options returns the files as options of a connection.
func (f Files) options() (options []nats.Option) {
	if f.Creds != "" {
		options = append(options, nats.UserCredentials(f.Creds))
	}
	if f.CA != "" {
		options = append(options, nats.RootCAs(f.CA))
	}
	if f.Cert != "" {
		options = append(options, nats.ClientCert(f.Cert, f.Key))
	}
	return options
}

// Conn is a connection to a NATS server with JetStream. Its methods may be called
// concurrently.
type Conn struct {
	nc *nats.Conn
	js jetstream.JetStream
}

// Dial connects to one or several (comma-separated) NATS URLs,
// "nats://[user:password@]host:4222". A server that can't be reached, refuses the
// credentials, or has no JetStream is an error of one line that says what to do.
// Once made, a connection is mended for ever.
func Dial(ctx context.Context, url string, o Options) (*Conn, error) {
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Name == "" {
		o.Name = "facesieve"
	}
	nc, err := connect(ctx, url, o)
	if err != nil {
		return nil, origin.Errorf("queue", "NATS at %s: %w; %s", Redact(url), readable(err), advice(readable(err)))
	}
	c := Wrap(nc)
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	if _, err := c.js.AccountInfo(ctx); err != nil {
		c.Close()
		return nil, origin.Errorf("queue", "NATS at %s: %w; start it with JetStream: nats-server -js",
			Redact(url), err)
	}
	return c, nil
}

// connect calls nats.Connect with a context for the first connection.
func connect(ctx context.Context, url string, o Options) (*nats.Conn, error) {
	log := o.Log
	if log == nil {
		log = zap.NewNop()
	}
	type result struct {
		nc  *nats.Conn
		err error
	}
	done := make(chan result, 1)
	go func() {
		nc, err := nats.Connect(url, append(o.Files.options(),
			nats.Name(o.Name),
			nats.Timeout(o.Timeout),
			nats.MaxReconnects(-1),
			nats.ReconnectWait(500*time.Millisecond),
			// A worker whose machine vanished from the network is noticed in 20 s.
			nats.PingInterval(10*time.Second),
			nats.MaxPingsOutstanding(2),
			// An account that is refused for a while, as during a roll-out, is no end.
			nats.IgnoreAuthErrorAbort(),
			nats.DisconnectErrHandler(func(nc *nats.Conn, err error) {
				if !nc.IsClosed() { // else this side has closed it
					log.Warn("NATS connection lost", zap.Error(err))
				}
			}),
			nats.ReconnectHandler(func(nc *nats.Conn) {
				log.Info("NATS connection mended", zap.String("url", nc.ConnectedUrlRedacted()))
			}),
			nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
				log.Warn("NATS", zap.Error(err))
			}),
		)...)
		done <- result{nc, err}
	}()
	select {
	case r := <-done:
		return r.nc, r.err
	case <-ctx.Done():
		go func() {
			if r := <-done; r.nc != nil {
				r.nc.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// advice returns what to do about a connection that failed.
func advice(err error) string {
	if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) {
		return "give the user and password in the URL: nats://USER:PASSWORD@HOST:4222"
	}
	if errors.Is(err, errURL) {
		return "a URL is nats://[USER:PASSWORD@]HOST:4222"
	}
	if errors.Is(err, fs.ErrNotExist) { // credentials, or certificates
		return "name a file that is there"
	}
	return "check the URL, or start a server: nats-server -js"
}

// Wrap makes a Conn of a connection that is open already, such as one to a server
// in this process. The Conn owns it.
func Wrap(nc *nats.Conn) *Conn {
	// New fails only for options that contradict each other; none are given.
	js, _ := jetstream.New(nc)
	return &Conn{nc: nc, js: js}
}

// Close ends the connection and everything that waits on it. Runs go on.
func (c *Conn) Close() { c.nc.Close() }
