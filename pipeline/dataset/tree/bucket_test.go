package tree

import (
	"errors"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
	"github.com/facesieve/facesieve/schemas"
)

func TestMissingBucketIsNoFaultOfAnImage(t *testing.T) {
	s := s3test.Start(t)
	s.Setenv(t)
	b, err := openBucket(t.Context(), "s3://"+s.Bucket, store.S3Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.bucket = "no-such-bucket"
	im := schemas.Image{Path: "a/1.jpg", Object: "a/1.jpg", Length: -1, Size: -1}
	var fault schemas.Fault
	if _, err := b.Read(t.Context(), im); err == nil || errors.As(err, &fault) {
		t.Errorf("Read = %v", err)
	}
}
