package queue_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/facesieve/facesieve/pipeline/queue"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	der, key := a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, a.key = cert, key
	return a
}

// sign signs a certificate, the authority's own where it has none yet.
func (a *authority) sign(c *x509.Certificate) (der []byte, key *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber, c.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: "facesieve test"}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	if der, err = x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer); err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

// files writes a certificate for both sides, and its key.
func (a *authority) files() (cert, key string) {
	a.t.Helper()
	der, private := a.sign(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}})
	bytes, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	return writePEM(a.t, "CERTIFICATE", der), writePEM(a.t, "EC PRIVATE KEY", bytes)
}

func writePEM(t *testing.T, kind string, data []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A server with a certificate of a private authority, which asks for one too.
func TestCertificates(t *testing.T) {
	ctx, ca := testContext(t), newAuthority(t)
	cert, key := ca.files()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(ca.cert)
	s := &natsServer{t: t, options: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true,
		NoSigs: true, NoLog: true, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair},
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}}}
	s.start(t.TempDir())
	t.Cleanup(s.stop)
	trusted := writePEM(t, "CERTIFICATE", ca.cert.Raw)

	c, err := queue.Dial(ctx, s.url(), queue.Options{Files: queue.Files{CA: trusted, Cert: cert, Key: key}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	q, err := c.Create(ctx, run, "mem:", queue.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	push(ctx, t, q, task(1), true)

	var unknown x509.UnknownAuthorityError
	if _, err := queue.Dial(ctx, s.url(), queue.Options{}); !errors.As(err, &unknown) {
		t.Errorf("without the authority: %v", err)
	}
	if _, err := queue.Dial(ctx, s.url(), queue.Options{Files: queue.Files{CA: trusted}}); err == nil {
		t.Error("connected without a certificate")
	} else {
		t.Log(err)
	}
	none := filepath.Join(t.TempDir(), "none.pem")
	if _, err := queue.Dial(ctx, s.url(), queue.Options{Files: queue.Files{CA: none}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("authorities that are not there: %v", err)
	}
}

// signed is an account or a user with the key that signs for it.
func signed(t *testing.T, create func() (nkeys.KeyPair, error)) (pair nkeys.KeyPair, public string) {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	if public, err = pair.PublicKey(); err != nil {
		t.Fatal(err)
	}
	return pair, public
}

// A server of an operator, who knows users by what their accounts have signed.
func TestCredentials(t *testing.T) {
	ctx := testContext(t)
	operator, trusted := signed(t, nkeys.CreateOperator)
	account, accountID := signed(t, nkeys.CreateAccount)
	_, systemID := signed(t, nkeys.CreateAccount)
	user, userID := signed(t, nkeys.CreateUser)
	resolver := &server.MemAccResolver{}
	for _, id := range []string{accountID, systemID} {
		claims := jwt.NewAccountClaims(id)
		if id == accountID {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
		}
		token, err := claims.Encode(operator)
		if err == nil {
			err = resolver.Store(id, token)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s := &natsServer{t: t, options: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true,
		NoSigs: true, NoLog: true, TrustedKeys: []string{trusted}, AccountResolver: resolver, SystemAccount: systemID}}
	s.start(t.TempDir())
	t.Cleanup(s.stop)
	token, err := jwt.NewUserClaims(userID).Encode(account)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(token, seed)
	if err != nil {
		t.Fatal(err)
	}
	creds := filepath.Join(t.TempDir(), "worker.creds")
	if err := os.WriteFile(creds, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := queue.Dial(ctx, s.url(), queue.Options{Files: queue.Files{Creds: creds}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Create(ctx, run, "mem:", queue.CreateOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := queue.Dial(ctx, s.url(), queue.Options{}); !errors.Is(err, queue.ErrRefused) {
		t.Errorf("without credentials: %v", err)
	}
}
