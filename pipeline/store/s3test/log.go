package s3test

import (
	"fmt"
	"regexp"
	"strconv"
)

// Request is a line of the access log.
type Request struct {
	Operation string // "PutObject", "GetObject", "HeadObject", "ListObjectsV2", ...; "-" for a bad request
	Key       string // the object's name, "-" where the request is about the bucket
	Status    int    // HTTP status
	Code      string // S3's error code, "-" where there was none
}

// logLine takes owner, bucket, [time], address, requester and request id, then
// what a Request holds. Keys and codes may hold blanks, an address line may not.
var logLine = regexp.MustCompile(
	`^\S+ \S+ \[[^\]]*\] \S+ \S+ \S+ (?:s3_)?(\S+) (.*) /\S* ([0-9]{3}) (.*?) [0-9]+ [0-9]+ [0-9]+ [0-9]+ `)

func parseRequest(line string) (Request, error) {
	m := logLine.FindStringSubmatch(line)
	if m == nil {
		return Request{}, fmt.Errorf("can't read the line %q", line)
	}
	status, err := strconv.Atoi(m[3])
	if err != nil {
		return Request{}, err
	}
	return Request{Operation: m[1], Key: m[2], Status: status, Code: m[4]}, nil
}
