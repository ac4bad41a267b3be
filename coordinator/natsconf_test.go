package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/facesieve/facesieve/pipeline/queue"
	"github.com/facesieve/facesieve/schemas"
)

// natsConf is what NATS servers on a cluster start with.
const natsConf = "../k8s/components/nats/nats.conf"

// TestNatsConf runs three servers as a cluster has them, each from the one file. A whole
// run passes with the rights that it gives, and a worker's do not suffice to make a run.
func TestNatsConf(t *testing.T) {
	v := fixtures(t, transcript{needs: []string{"library"}})
	ns := startCluster(t)
	refusesWorker(t, ns[0])
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	environ := append(os.Environ(), "FACESIEVE_ONNXRUNTIME="+v["LIBRARY"])
	p := &shell{t, v["HOME"], environ}
	worker := exec.CommandContext(t.Context(), filepath.Join(filepath.Dir(path), "worker"),
		"--store", v["STORE"], "--nats", natsURL(ns[2], "worker"))
	worker.Env = environ
	var heard strings.Builder
	worker.Stderr = &heard
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	request := []string{"run", "--data", v["DATA"], "--aligned", "--model", v["MODEL"], "--store", v["STORE"],
		"--shard-images", "3", "--nats", natsURL(ns[1], "coordinator")}
	shown, said := p.must(request...)
	if err := worker.Wait(); err != nil {
		t.Errorf("the worker: %v", err)
	}
	for who, log := range map[string]string{"coordinator": said, "worker": heard.String()} {
		if strings.Contains(log, "ermissions") {
			t.Errorf("%s lacks a right:\n%s", who, log)
		}
	}
	// A coordinator may die between the report and the end of its queue. A worker has no
	// right to remove that, and leaves; the same request again removes it.
	lines := strings.Split(strings.TrimSpace(shown), "\n")
	run := schemas.RunID(filepath.Base(filepath.Dir(lines[len(lines)-1])))
	conn, err := queue.Dial(t.Context(), natsURL(ns[0], "coordinator"),
		queue.Options{Files: queue.Files{CA: os.Getenv("SSL_CERT_FILE")}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Create(t.Context(), run, "file://"+v["STORE"], queue.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	late := exec.CommandContext(t.Context(), worker.Path, worker.Args[1:]...)
	late.Env = environ
	if out, err := late.CombinedOutput(); err != nil || !strings.Contains(string(out), "has no more tasks") {
		t.Errorf("a worker of a run that is over: %v\n%s", err, out)
	}
	p.must(request...)
	if runs, err := conn.Runs(t.Context()); err != nil || len(runs) != 0 {
		t.Errorf("%v: after the same request again there are %v", err, runs)
	}
}

// refusesWorker asks a server with a worker's rights for what it must not have.
func refusesWorker(t *testing.T, ns *server.Server) {
	t.Helper()
	refused := make(chan error, 8)
	nc, err := nats.Connect(natsURL(ns, "worker"), nats.RootCAs(os.Getenv("SSL_CERT_FILE")),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for _, subject := range []string{"$JS.API.STREAM.CREATE.x", "$JS.API.STREAM.DELETE.x", "$JS.API.STREAM.PURGE.x",
		"$JS.API.CONSUMER.DELETE.x.y", "$SYS.REQ.SERVER.PING", "anything"} {
		if err := nc.Publish(subject, nil); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), subject) {
				t.Errorf("%s: %v", subject, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("a worker may publish %s", subject)
		}
	}
}

// natsURL is where a user reaches a server.
func natsURL(ns *server.Server, user string) string {
	return fmt.Sprintf("tls://%s:%s@%s", user, user+"-password", ns.Addr())
}

// startCluster starts three servers with nats.conf and waits until they are a cluster.
// Programs that are started after it trust the servers' authority.
func startCluster(t *testing.T) []*server.Server {
	t.Helper()
	dir := t.TempDir()
	writeCertificates(t, dir)
	routes, ports := "", freePorts(t, 3)
	for _, port := range ports {
		routes += fmt.Sprintf("nats://127.0.0.1:%d, ", port)
	}
	all := make([]*server.Server, len(ports))
	for i, port := range ports {
		name := fmt.Sprintf("nats-%d", i)
		for variable, value := range map[string]string{
			"NATS_NAME": name, "NATS_STORE": filepath.Join(dir, name),
			"NATS_ROUTES": "[" + strings.TrimSuffix(routes, ", ") + "]",
			"NATS_CERT":   filepath.Join(dir, "tls.crt"), "NATS_KEY": filepath.Join(dir, "tls.key"),
			"NATS_CA": filepath.Join(dir, "ca.crt"), "SSL_CERT_FILE": filepath.Join(dir, "ca.crt"),
			"NATS_COORDINATOR": "coordinator-password", "NATS_WORKER": "worker-password",
		} {
			t.Setenv(variable, value)
		}
		o, err := server.ProcessConfigFile(natsConf)
		if err != nil {
			t.Fatal(err)
		}
		o.Host, o.Port, o.HTTPPort, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, 0, true, true
		o.Cluster.Host, o.Cluster.Port = "127.0.0.1", port
		ns, err := server.NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		ns.Start()
		t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
		all[i] = ns
	}
	until(t, "three servers are a cluster", func() bool {
		ready, peers := true, 0
		for _, ns := range all {
			ready = ready && ns.ReadyForConnections(time.Second) && ns.JetStreamIsCurrent()
			peers = max(peers, len(ns.JetStreamClusterPeers())) // the leader alone knows
		}
		return ready && peers == len(all)
	})
	return all
}

// until waits for something that servers do among themselves.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-t.Context().Done():
			t.Fatalf("never: %s", what)
		}
	}
}

// freePorts returns ports that nobody listens at.
func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// writeCertificates writes an authority's certificate, and one that it signs for servers
// on this machine, which show it to each other from both sides.
func writeCertificates(t *testing.T, dir string) {
	t.Helper()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	node := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "nats"},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	keys := [2]*ecdsa.PrivateKey{}
	for i := range keys {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = key
	}
	for _, c := range []struct {
		file string
		cert *x509.Certificate
		key  *ecdsa.PrivateKey
	}{{"ca.crt", authority, keys[0]}, {"tls.crt", node, keys[1]}} {
		der, err := x509.CreateCertificate(rand.Reader, c.cert, authority, &c.key.PublicKey, keys[0])
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, c.file), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	der, err := x509.MarshalECPrivateKey(keys[1])
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "tls.key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}
