//go:build linux

package apiserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// cluster is a control plane on loopback, with two fake nodes.
type cluster struct {
	dir       string
	processes []*process
}

// TestMain runs one cluster for all tests.
func TestMain(m *testing.M) { os.Exit(withCluster(m)) }

// shared is the cluster of this run of the tests.
var shared cluster

func withCluster(m *testing.M) (code int) {
	begun := time.Now()
	dir, err := os.MkdirTemp("", "facesieve-kubernetes-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := errors.Join(shared.stop(), os.RemoveAll(dir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	shared.dir = dir
	if err := shared.start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err, "(make k8s-test builds what is needed)")
		return 1
	}
	fmt.Printf("the API is ready after %.1f s\n", time.Since(begun).Seconds())
	return m.Run()
}

// start starts all processes and returns when the nodes are ready.
func (c *cluster) start(ctx context.Context) error {
	if err := c.writeKeys(); err != nil {
		return err
	}
	var ports [3]int
	for i := range ports {
		var err error
		if ports[i], err = freePort(ctx); err != nil {
			return err
		}
	}
	if err := c.writeKubeconfig(ports[2]); err != nil {
		return err
	}
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	if _, err := c.run("etcd", "--data-dir="+c.path("etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls="+client, "--advertise-client-urls="+client, "--listen-peer-urls="+peer,
		"--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer); err != nil {
		return err
	}
	server, err := c.run("kube-apiserver", "--etcd-servers="+client, "--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", ports[2]), "--cert-dir="+c.path("pki"), "--service-cluster-ip-range=10.222.0.0/24",
		"--service-account-issuer=https://kubernetes", "--service-account-key-file="+c.path("sa.key"),
		"--service-account-signing-key-file="+c.path("sa.key"), "--token-auth-file="+c.path("tokens.csv"),
		"--authorization-mode=Node,RBAC", "--endpoint-reconciler-type=none", "--allow-privileged=true")
	if err != nil {
		return err
	}
	if err := server.wait(ctx, func(ctx context.Context) error {
		_, _, err := c.ask(ctx, "get", "--raw=/readyz")
		return err
	}); err != nil {
		return err
	}
	return errors.Join(c.startControllers(), c.startNodes(ctx))
}

// startControllers starts what creates pods and gives them a node.
func (c *cluster) startControllers() error {
	_, err := c.run("kube-controller-manager", "--kubeconfig="+c.path("kubeconfig"), "--leader-elect=false",
		"--secure-port=0", "--root-ca-file="+c.path("pki/apiserver.crt"), "--use-service-account-credentials=false",
		"--service-account-private-key-file="+c.path("sa.key"))
	if err != nil {
		return err
	}
	_, err = c.run("kube-scheduler", "--kubeconfig="+c.path("kubeconfig"), "--leader-elect=false", "--secure-port=0")
	return err
}

// startNodes makes the nodes and starts what plays their kubelets.
func (c *cluster) startNodes(ctx context.Context) error {
	stages, err := filepath.Abs("testdata/stages.yaml")
	if err != nil {
		return err
	}
	kubelets, err := c.run("kwok", "--config="+stages, "--kubeconfig="+c.path("kubeconfig"), "--manage-all-nodes=false",
		"--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake", "--node-lease-duration-seconds=40", "--node-ip=127.0.0.1")
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.path("volumes.yaml"), volumes(), 0o644); err != nil {
		return err
	}
	if _, said, err := c.ask(ctx, "create", "-f", "testdata/cluster.yaml", "-f", c.path("volumes.yaml")); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return kubelets.wait(ctx, func(ctx context.Context) error {
		_, said, err := c.ask(ctx, "wait", "--for=condition=Ready", "--timeout=10s", "nodes", "--all")
		if err != nil {
			return fmt.Errorf("%w: %s", err, said)
		}
		return nil
	})
}

// volumes are manifests of enough volumes for all claims of all tests.
func volumes() (text []byte) {
	for i := range 64 {
		text = fmt.Appendf(text, `---
apiVersion: v1
kind: PersistentVolume
metadata: {name: volume-%02d}
spec:
  accessModes: [ReadWriteOnce, ReadWriteMany, ReadOnlyMany]
  capacity: {storage: 10Gi}
  hostPath: {path: /none}
`, i)
	}
	return text
}

func (c *cluster) run(name string, arguments ...string) (*process, error) {
	p, err := start(c.dir, name, arguments...)
	if err == nil {
		c.processes = append(c.processes, p)
	}
	return p, err
}

func (c *cluster) stop() (err error) {
	for _, p := range slices.Backward(c.processes) {
		err = errors.Join(err, p.stop())
	}
	return err
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

// token is the secret of the one user, who may do anything.
const token = "facesieve-test"

// writeKeys writes what signs tokens of service accounts, and who may come in.
func (c *cluster) writeKeys() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return errors.Join(os.WriteFile(c.path("sa.key"), pem.EncodeToMemory(block), 0o600),
		os.WriteFile(c.path("tokens.csv"), []byte(token+`,admin,1,"system:masters"`+"\n"), 0o600))
}

func (c *cluster) writeKubeconfig(port int) error {
	return os.WriteFile(c.path("kubeconfig"), fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: admin}}]
users: [{name: admin, user: {token: %s}}]
clusters: [{name: test, cluster: {server: "https://127.0.0.1:%d", certificate-authority: %s}}]
`, token, port, c.path("pki/apiserver.crt")), 0o600)
}

// ask runs kubectl.
func (c *cluster) ask(ctx context.Context, arguments ...string) (stdout, stderr string, err error) {
	cmd := exec.CommandContext(ctx, ".bin/kubectl", append([]string{"--kubeconfig=" + c.path("kubeconfig"),
		"--cache-dir=" + c.path("cache"), "--namespace=facesieve"}, arguments...)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	return out.String(), said.String(), err
}

// kubectl runs kubectl to its good end, without a warning.
func kubectl(t *testing.T, arguments ...string) string {
	t.Helper()
	out, said, err := shared.ask(t.Context(), arguments...)
	if err != nil || strings.Contains(said, "Warning:") {
		t.Fatalf("kubectl %s: %v\n%s%s", strings.Join(arguments, " "), err, out, said)
	}
	return strings.TrimSpace(out)
}

// refused runs kubectl, which must fail and say why.
func refused(t *testing.T, why string, arguments ...string) {
	t.Helper()
	out, said, err := shared.ask(t.Context(), arguments...)
	if err == nil || !strings.Contains(said, why) {
		t.Errorf("kubectl %s: %v\n%s%swant a refusal with %q", strings.Join(arguments, " "), err, out, said, why)
	}
}

// until asks until the answer is yes.
func until(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ask(); {
		if time.Now().After(deadline) {
			out, _, _ := shared.ask(t.Context(), "get", "jobs,pods,events", "-o", "wide") // the test has failed
			t.Fatalf("in vain: %s\n%s", what, out)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}
