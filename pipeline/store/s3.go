package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// S3Options says how S3-compatible storage is reached. Empty fields are found
// in the environment.
type S3Options struct {
	// Endpoint is the server's URL, "https://host:port"; where empty
	// AWS_ENDPOINT_URL_S3, then AWS_ENDPOINT_URL, then Amazon's.
	Endpoint string
	// Region; where empty AWS_REGION, then AWS_DEFAULT_REGION, then us-east-1 at
	// an endpoint of one's own and the bucket's region at Amazon's.
	Region string
	// PathStyle puts the bucket into the path, not into the host name. Endpoints
	// other than those of the big clouds are spoken to so in any case.
	PathStyle bool
}

const (
	// readTries is how often a request that changes nothing, or a Delete, is
	// tried; the waits between grow to a second.
	readTries = 20
	// openTries is the same for the first request: a wrong endpoint is said soon.
	openTries = 4
)

// OpenS3 connects to s3://BUCKET/PREFIX and checks that the bucket exists and
// answers to the credentials, which come from AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY, the shared files (AWS_PROFILE), or an IAM role. The
// client tries transient faults again by itself. prefix has no '/' at its ends.
// A missing bucket is fs.ErrNotExist, bad credentials are fs.ErrPermission, a server
// that does not answer is an EndpointError.
func OpenS3(
	ctx context.Context, url string, o S3Options,
) (client *minio.Client, bucket, prefix string, err error) {
	conn, err := dialS3(ctx, url, o)
	if err != nil {
		return nil, "", "", failed("open", Redact(url), err)
	}
	return conn.client, conn.bucket, conn.prefix, nil
}

// s3Conn is a bucket and the ways to speak to it.
type s3Conn struct {
	bucket, prefix string
	client         *minio.Client // tries again by itself
	once           *minio.Client // tries once; for requests with a body
}

func dialS3(ctx context.Context, raw string, o S3Options) (*s3Conn, error) {
	bucket, prefix, err := splitS3(raw)
	if err != nil {
		return nil, err
	}
	endpoint, err := s3Endpoint(o)
	if err != nil {
		return nil, err
	}
	creds, err := s3Credentials(ctx)
	if err != nil {
		return nil, err
	}
	secure := endpoint.Scheme == "https"
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	transport.MaxIdleConnsPerHost = 64
	options := minio.Options{Creds: creds, Secure: secure, Transport: transport, Region: s3Region(o, endpoint)}
	if o.PathStyle {
		options.BucketLookup = minio.BucketLookupPath
	}
	connect := func(tries int) *minio.Client {
		options := options
		options.MaxRetries = tries
		var client *minio.Client
		if err == nil {
			client, err = minio.New(endpoint.Host, &options)
		}
		return client
	}
	conn := &s3Conn{bucket, prefix, connect(readTries), connect(1)}
	probe := connect(openTries)
	if err != nil {
		return nil, fmt.Errorf("endpoint %s: %w", endpoint.Host, err)
	}
	if err := probeS3(ctx, probe, bucket, prefix); err != nil {
		return nil, s3OpenHint(ctx, err, bucket, endpoint)
	}
	return conn, nil
}

// probeS3 lists one object: the endpoint, the credentials and the bucket are
// proven by it.
func probeS3(ctx context.Context, client *minio.Client, bucket, prefix string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	noOwner := false
	options := minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: 1, FetchOwner: &noOwner}
	for object := range client.ListObjectsIter(ctx, bucket, options) {
		return object.Err
	}
	return ctx.Err()
}

// splitS3 takes a URL apart by hand: '?', '#' and '%' stand for themselves in
// names of objects.
func splitS3(raw string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(raw, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	switch {
	case !ok || bucket == "":
		return "", "", withHint(fmt.Errorf("%w: no bucket", fs.ErrInvalid), "write s3://BUCKET/PREFIX")
	case strings.Contains(bucket, "@"):
		return "", "", withHint(fmt.Errorf("%w: credentials don't belong into a URL", fs.ErrInvalid),
			"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	if err := s3utils.CheckValidBucketName(bucket); err != nil {
		return "", "", withHint(fmt.Errorf("%w: %w", fs.ErrInvalid, err), "write s3://BUCKET/PREFIX")
	}
	return bucket, strings.Trim(prefix, "/"), nil
}

// s3Endpoint returns the server's URL, with the scheme and the host alone.
func s3Endpoint(o S3Options) (*url.URL, error) {
	raw := cmp.Or(o.Endpoint, os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"),
		"https://s3.amazonaws.com")
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" ||
		strings.Trim(u.Path, "/") != "" {
		return nil, withHint(fmt.Errorf("%w: endpoint %s", fs.ErrInvalid, Redact(raw)), "write https://HOST:PORT")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// s3Region returns the region that requests are signed for; "" lets the client ask
// for the bucket's.
func s3Region(o S3Options, endpoint *url.URL) string {
	region := cmp.Or(o.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if region == "" && !strings.HasSuffix(endpoint.Hostname(), ".amazonaws.com") {
		return "us-east-1" // what servers of one's own expect
	}
	return region
}

// s3OpenHint adds what to do to what went wrong with the first request.
func s3OpenHint(ctx context.Context, err error, bucket string, endpoint *url.URL) error {
	err = s3Cause(err)
	var response minio.ErrorResponse
	switch {
	case ctx.Err() != nil:
		return err
	case !errors.As(err, &response):
		return &EndpointError{endpoint.String(), err}
	}
	switch response.Code {
	case minio.NoSuchBucket:
		return withHint(fmt.Errorf("bucket %s at %s: %w", bucket, endpoint, err),
			"create the bucket or correct its name")
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "XAdminUserNotFound":
		return withHint(err, "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for %s", endpoint)
	case "ExpiredToken", "InvalidToken":
		return withHint(err, "get fresh credentials for %s", endpoint)
	case "AuthorizationHeaderMalformed", "InvalidRegion", "PermanentRedirect":
		return withHint(err, "check AWS_REGION")
	}
	if response.StatusCode == http.StatusForbidden {
		return withHint(err,
			"the credentials need s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on %s", bucket)
	}
	return withHint(err, "check the endpoint %s", endpoint)
}
