// Package queuetest runs a cluster of NATS servers with JetStream in a test's process.
package queuetest

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// patience bounds what a start waits for.
const patience = 60 * time.Second

// Cluster is servers on ports of this machine that know each other.
type Cluster struct {
	t       testing.TB
	servers []*server.Server
}

// Start runs n servers and returns when they have a leader; they end with the test.
func Start(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	routes := make([]string, n)
	for i := range routes {
		routes[i] = fmt.Sprintf("nats://127.0.0.1:%d", freePort(t))
	}
	for i := range n {
		port, err := strconv.Atoi(routes[i][strings.LastIndex(routes[i], ":")+1:])
		if err != nil {
			t.Fatal(err)
		}
		ns, err := server.NewServer(&server.Options{ServerName: fmt.Sprintf("nats-%d", i), Host: "127.0.0.1",
			Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
			Cluster: server.ClusterOpts{Name: "facesieve", Host: "127.0.0.1", Port: port},
			Routes:  server.RoutesFromStr(strings.Join(routes, ","))})
		if err != nil {
			t.Fatal(err)
		}
		ns.Start()
		t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
		c.servers = append(c.servers, ns)
	}
	c.await("a leader of all servers", func() bool {
		return slices.ContainsFunc(c.servers, func(ns *server.Server) bool {
			return ns.JetStreamIsLeader() && len(ns.JetStreamClusterPeers()) == n
		})
	})
	return c
}

// URL returns the servers' URLs, for a client.
func (c *Cluster) URL() string {
	urls := make([]string, len(c.servers))
	for i, ns := range c.servers {
		urls[i] = ns.ClientURL()
	}
	return strings.Join(urls, ",")
}

// StopLeader ends the server that leads a stream, and waits for its end.
func (c *Cluster) StopLeader(stream string) {
	c.t.Helper()
	var leader *server.Server
	c.await("a leader of "+stream, func() bool {
		i := slices.IndexFunc(c.servers, func(ns *server.Server) bool {
			return ns.Running() && ns.JetStreamIsStreamLeader(server.DEFAULT_GLOBAL_ACCOUNT, stream)
		})
		if i >= 0 {
			leader = c.servers[i]
		}
		return i >= 0
	})
	leader.Shutdown()
	leader.WaitForShutdown()
}

// await asks again until it is so.
func (c *Cluster) await(what string, so func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("queuetest: waited in vain for %s", what)
		}
	}
}

// freePort returns a port that is free now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
