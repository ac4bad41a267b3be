// Package connect holds the flags of both programs that name a NATS server and what shows
// the two sides to each other.
package connect

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/worker/program"
)

// Flags name a NATS server. Secrets stand in files, whose names alone are on the command
// line.
type Flags struct {
	URL   string
	Files queue.Files
}

// AddFlags defines the flags; usage is that of --nats.
func (f *Flags) AddFlags(fs *pflag.FlagSet, usage string) {
	fs.StringVar(&f.URL, "nats", "", usage)
	fs.StringVar(&f.Files.Creds, "nats-creds", "", "credentials file of a NATS user")
	fs.StringVar(&f.Files.CA, "nats-ca", "", "certificates of who signs the NATS server's; default: the system's")
	fs.StringVar(&f.Files.Cert, "nats-cert", "", "certificate to show to the NATS server; needs --nats-key")
	fs.StringVar(&f.Files.Key, "nats-key", "", "key of --nats-cert")
}

// Check refuses flags that make no sense together.
func (f *Flags) Check() error {
	switch {
	case f.URL == "" && f.Files != queue.Files{}:
		return program.Usagef("--nats-creds, --nats-ca, --nats-cert and --nats-key are for a server; name it with --nats")
	case (f.Files.Cert == "") != (f.Files.Key == ""):
		return program.Usagef("--nats-cert and --nats-key are a pair; give both")
	}
	return nil
}

// Dial connects to the server, as a client of this name.
func (f *Flags) Dial(ctx context.Context, name string, log *zap.Logger) (*queue.Conn, error) {
	conn, err := queue.Dial(ctx, f.URL, queue.Options{Name: name, Log: log, Files: f.Files})
	var authority x509.UnknownAuthorityError
	switch {
	case errors.Is(err, queue.ErrRefused):
		return nil, program.WithHint(err, "or name a credentials file with --nats-creds")
	case errors.As(err, &authority):
		return nil, program.WithHint(err, "name who signs the server's certificate with --nats-ca")
	}
	return conn, err
}

// Again returns the flags that name the same server, for a command to give next: words that
// a shell has to take as they are. A user and a password in the URL are hidden.
func (f *Flags) Again() []string {
	words := []string{"--nats", queue.Redact(f.URL)}
	for _, file := range []struct{ flag, name string }{{"--nats-creds", f.Files.Creds},
		{"--nats-ca", f.Files.CA}, {"--nats-cert", f.Files.Cert}, {"--nats-key", f.Files.Key}} {
		if file.name != "" {
			words = append(words, file.flag, file.name)
		}
	}
	return words
}
