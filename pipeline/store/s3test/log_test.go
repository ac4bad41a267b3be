package s3test

import "testing"

const line = `- facesieve [23/November/2026:16:25:49 +0000] 127.0.0.1 key ID s3_PutObject a b/c /facesieve/a%20b/c 412 PreconditionFailed 10 0 1 1 - agent - host SigV4 - AuthHeader - - arn Yes` + "\n"

func TestParseRequest(t *testing.T) {
	got, err := parseRequest(line)
	if want := (Request{"PutObject", "a b/c", 412, "PreconditionFailed"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add(line)
	f.Add("log starts now")
	f.Fuzz(func(t *testing.T, line string) {
		if r, err := parseRequest(line); err == nil && (r.Operation == "" || r.Status < 0 || r.Status > 999) {
			t.Errorf("%q is %+v", line, r)
		}
	})
}
