package store

import (
	"context"
	"errors"
)

// S3Options says how S3-compatible storage is reached. Empty fields are found
// in the environment.
type S3Options struct {
	// Endpoint is the server's URL, "https://host:port"; without it
	// AWS_ENDPOINT_URL_S3, then AWS_ENDPOINT_URL, then Amazon's.
	Endpoint string
	// Region, without it AWS_REGION, then AWS_DEFAULT_REGION.
	Region string
	// PathStyle puts the bucket into the path, not into the host name.
	PathStyle bool
}

func openS3Store(context.Context, string, S3Options) (Store, error) {
	return nil, failed("open", "s3", errors.ErrUnsupported)
}
