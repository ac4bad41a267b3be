package queue

import (
	"errors"
	"net/url"
	"strings"
)

// errURL stands for what url.Parse says, which shows parts of passwords.
var errURL = errors.New("the URL can't be read; write what a user or a password has beside letters and digits " +
	"as percent and two hexadecimal digits, so / as %2F")

// readable returns a connection's error without the URL that can't be parsed.
func readable(err error) error {
	var bad *url.Error
	if errors.As(err, &bad) && bad.Op == "parse" {
		return errURL
	}
	return err
}

// Redact hides the users and passwords of comma-separated URLs, of those too that cannot be
// parsed: whatever stands between a URL's "://" and its last "@".
func Redact(urls string) string {
	var out strings.Builder
	for rest := urls; ; {
		end := nextURL(rest)
		out.WriteString(redactOne(rest[:end]))
		if end == len(rest) {
			return out.String()
		}
		out.WriteByte(',')
		rest = rest[end+1:]
	}
}

// nextURL returns where the comma before the next URL stands, or the end. A password may
// have commas: only one before a scheme counts.
func nextURL(urls string) int {
	end := len(urls)
	for _, scheme := range []string{"nats", "tls", "ws", "wss"} {
		if i := strings.Index(urls, ","+scheme+"://"); i >= 0 {
			end = min(end, i)
		}
	}
	return end
}

func redactOne(u string) string {
	const hidden = "xxxxx"
	at := strings.LastIndexByte(u, '@')
	scheme := strings.Index(u, "://")
	switch {
	case at < 0:
		return u
	case scheme < 0 || scheme > at:
		return hidden + u[at:]
	}
	return u[:scheme+len("://")] + hidden + u[at:]
}
