package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

var errNoCredentials = fmt.Errorf("no credentials (%w)", fs.ErrPermission)

// s3Credentials finds the first of the environment, the shared files and an IAM
// role that has credentials. The choice is made once: a chain that asks again at
// each request would wait for a metadata service that isn't there each time.
func s3Credentials(ctx context.Context) (*credentials.Credentials, error) {
	var faults []string
	for _, p := range []struct {
		name     string
		provider credentials.Provider
		skip     bool
	}{
		{"environment", &credentials.EnvAWS{}, false},
		{"shared files", &credentials.FileAWSCredentials{}, false},
		{"IAM role", &credentials.IAM{Client: iamClient()},
			strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true") && !iamFromEnvironment()},
	} {
		if p.skip {
			continue
		}
		creds := credentials.New(p.provider)
		value, err := creds.GetWithContext(&credentials.CredContext{Client: iamClient(), Context: ctx})
		if err == nil && value.AccessKeyID != "" && value.SecretAccessKey != "" {
			return creds, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && (p.name != "IAM role" || iamFromEnvironment()) {
			faults = append(faults, p.name+": "+strings.Join(strings.Fields(err.Error()), " "))
		}
	}
	said := ""
	if len(faults) > 0 {
		said = ": " + strings.Join(faults, ", ")
	}
	return nil, withHint(fmt.Errorf("%w%s", errNoCredentials, said),
		"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run with an IAM role")
}

// iamFromEnvironment tells that the platform announces a role, so that waiting
// for it makes sense.
func iamFromEnvironment() bool {
	for _, name := range []string{"AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// iamClient asks for a role's credentials. The metadata service of a cloud
// machine is on the machine's own network: where there is none, that is known
// soon.
func iamClient() *http.Client {
	if iamFromEnvironment() {
		return &http.Client{Timeout: 10 * time.Second}
	}
	dial := &net.Dialer{Timeout: 300 * time.Millisecond}
	return &http.Client{
		Timeout:   time.Second,
		Transport: &http.Transport{DialContext: dial.DialContext, DisableKeepAlives: true},
	}
}
