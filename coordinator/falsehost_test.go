package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/facesieve/facesieve/embed"
)

// falseHost runs a proxy that answers every download itself, with as many bytes as
// the default detector has and none of them right. It gives the proxy's URL and
// the certificate to trust.
func falseHost(t *testing.T, dir string) (proxy, certificate string) {
	t.Helper()
	m, err := embed.Resolve(embed.DefaultDetector)
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(m.URL)
	if err != nil {
		t.Fatal(err)
	}
	cert := selfSigned(t, address.Hostname())
	certificate = filepath.Join(dir, "certificate.pem")
	write(t, certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if err := answer(c, cert, m.Bytes); err != nil {
				t.Error(err)
			}
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return "http://" + l.Addr().String(), certificate
}

// answer takes one CONNECT and one GET inside it.
func answer(c net.Conn, cert tls.Certificate, size int64) error {
	defer func() { _ = c.Close() }() // the client ends it
	if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(c, "HTTP/1.1 200 Connected\r\n\r\n"); err != nil {
		return err
	}
	inner := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	defer func() { _ = inner.Close() }()
	if _, err := http.ReadRequest(bufio.NewReader(inner)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(inner, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", size,
		make([]byte, size))
	return err
}

func selfSigned(t *testing.T, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true,
		BasicConstraintsValid: true,
		NotBefore:             time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
