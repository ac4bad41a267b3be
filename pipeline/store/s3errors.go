package store

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
)

// s3Error is a server's answer in one line, with the fs error it amounts to.
type s3Error struct {
	response minio.ErrorResponse
	kind     error // fs.ErrNotExist, fs.ErrPermission, fs.ErrExist or nil
}

func (e *s3Error) Error() string {
	text := strings.Join(strings.Fields(e.response.Error()), " ")
	text = strings.TrimSuffix(text, ".")
	if e.kind != nil {
		text = e.kind.Error() + ": " + text
	}
	return fmt.Sprintf("%s (%s, HTTP %d)", text, e.response.Code, e.response.StatusCode)
}

func (e *s3Error) Unwrap() []error {
	if e.kind == nil {
		return []error{e.response}
	}
	return []error{e.kind, e.response}
}

// s3Cause makes a client's error fit for a message and for errors.Is. A missing
// bucket is fs.ErrNotExist only where a store is opened: later on it is no
// answer about an object.
func s3Cause(err error) error {
	var response minio.ErrorResponse
	if errors.As(err, &response) {
		var wrapped *s3Error
		if errors.As(err, &wrapped) {
			return err
		}
		return &s3Error{response, s3Kind(response)}
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

func s3Kind(r minio.ErrorResponse) error {
	switch r.Code {
	case minio.NoSuchKey, minio.NoSuchBucket, "NotFound", "NoSuchVersion":
		return fs.ErrNotExist
	case minio.PreconditionFailed:
		return fs.ErrExist
	case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
		"AccountProblem",
		"XAdminUserNotFound": // versitygw's InvalidAccessKeyId
		return fs.ErrPermission
	}
	switch r.StatusCode {
	case http.StatusForbidden, http.StatusUnauthorized:
		return fs.ErrPermission
	case http.StatusPreconditionFailed:
		return fs.ErrExist
	}
	return nil
}

// isMissing tells that the object, and not its bucket, isn't there.
func isMissing(err error) bool {
	var r minio.ErrorResponse
	return errors.As(err, &r) && errors.Is(s3Kind(r), fs.ErrNotExist) && r.Code != minio.NoSuchBucket
}

// isTransient tells a fault that another try may not meet: a server that is busy
// or broken, a connection that failed.
func isTransient(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	var r minio.ErrorResponse
	if !errors.As(err, &r) {
		var unknown x509.UnknownAuthorityError
		var host x509.HostnameError
		return !errors.As(err, &unknown) && !errors.As(err, &host)
	}
	switch r.Code {
	case "SlowDown", "SlowDownWrite", "SlowDownRead", "RequestTimeout", "Throttling", "ThrottlingException",
		"RequestLimitExceeded", "RequestThrottled", "InternalError", "OperationAborted",
		"ConditionalRequestConflict",
		"ExpiredToken", "ExpiredTokenException":
		return true
	case "AuthorizationHeaderMalformed", "InvalidRegion":
		return r.Region != "" // the client has learned the region and takes it next time
	}
	return r.StatusCode >= 500 && r.StatusCode != http.StatusNotImplemented ||
		r.StatusCode == http.StatusTooManyRequests || r.StatusCode == http.StatusRequestTimeout
}
