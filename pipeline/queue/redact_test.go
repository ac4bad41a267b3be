package queue_test

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/queue"
)

func TestRedact(t *testing.T) {
	for urls, want := range map[string]string{
		"nats://host:4222":                            "nats://host:4222",
		"nats://a:4222,nats://b:4222":                 "nats://a:4222,nats://b:4222",
		"nats://me:secret@host:4222":                  "nats://xxxxx@host:4222",
		"nats://secret@host":                          "nats://xxxxx@host",
		"me:secret@host:4222":                         "xxxxx@host:4222",
		"nats://me:secret@a,nats://me:secret@b:4222":  "nats://xxxxx@a,nats://xxxxx@b:4222",
		"tls://me:secret@a,me:secret@b":               "tls://xxxxx@b",
		"nats://me:se%zzcret@host":                    "nats://xxxxx@host",
		"nats://me:se#cret@host":                      "nats://xxxxx@host",
		"nats://me:se/cret@host":                      "nats://xxxxx@host",
		"nats://me:se@cret@host":                      "nats://xxxxx@host",
		"nats://me:se,cret@host,wss://me:se,cret@two": "nats://xxxxx@host,wss://xxxxx@two",
		"nats://me:a://secret@host":                   "nats://xxxxx@host",
		"":                                            "",
	} {
		if got := queue.Redact(urls); got != want {
			t.Errorf("%q: %q; want %q", urls, got, want)
		}
	}
}

// A URL that can't be parsed is not shown by what the parser says.
func TestDialOfAnUnreadableURL(t *testing.T) {
	for _, password := range []string{"sec%ret", "sec#ret", "sec/ret", "sec?ret", "[sec:ret", "sec ret"} {
		_, err := queue.Dial(t.Context(), "nats://me:"+password+"@127.0.0.1:1", queue.Options{})
		if err == nil {
			t.Fatalf("%q: connected", password)
		}
		if strings.Contains(err.Error(), "sec") || strings.Contains(err.Error(), "ret@") {
			t.Errorf("%q: %v", password, err)
		}
	}
}
