//go:build acceptance

package acceptance

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/facesieve/facesieve/pipeline/dataset"
	"github.com/facesieve/facesieve/pipeline/dataset/layout"
	"github.com/facesieve/facesieve/pipeline/plan"
	"github.com/facesieve/facesieve/pipeline/store/s3test"
	"github.com/facesieve/facesieve/schemas"
)

// gate stands between the programs and the S3 server and counts the objects that
// are stored. It acts on the n-th before its writer has the answer.
type gate struct {
	server *httptest.Server
	mu     sync.Mutex
	stored []string
	acts   map[int]func(name string)
}

func newGate(t *testing.T, s *s3test.Server) *gate {
	t.Helper()
	target, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{acts: map[int]func(string){}}
	g.server = httptest.NewServer(&httputil.ReverseProxy{
		// The host stands in the request's signature: it stays the gate's.
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			if r.Request.Method == http.MethodPut && r.StatusCode == http.StatusOK {
				g.count(strings.TrimPrefix(r.Request.URL.Path, "/"+s.Bucket+"/"))
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }, // the asker was killed
	})
	t.Cleanup(g.server.Close)
	return g
}

func (g *gate) count(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stored = append(g.stored, name)
	if act := g.acts[len(g.stored)]; act != nil {
		act(name)
	}
}

// environ is what programs need to reach the server through the gate.
func (g *gate) environ(s *s3test.Server) []string {
	return append(s.Environ(), "AWS_ENDPOINT_URL_S3="+g.server.URL)
}

// assault is a run that is killed: a worker after the k-th stored object, the
// coordinator some objects later.
type assault struct {
	s      *s3test.Server
	prefix string // of the store in the bucket
	args   []string
	want   map[string]string // digests of the report
	wipe   bool              // NATS loses its folder when the coordinator dies
}

// after is how many objects lie between the two deaths.
const after = 3

// TestKills: a worker and the coordinator are killed at any time, NATS loses
// everything, and the same command ends with the same report.
func TestKills(t *testing.T) {
	identities := third
	if full() {
		identities = names(t, filepath.Join(vggface2(t), "train"))
	}
	set, reference := vggface2Tree(t, identities), lfw(t)
	want := onDisk(t, set, reference)
	s := s3test.Start(t)
	lfwObjects := referenceObjects(t)
	a := assault{s: s, args: vggface2Args(t, set, reference), want: want.digests(t)}
	a.prefix = "calm"
	upload(t, s, lfwObjects, a.prefix)
	stored := a.calm(t)
	moments := a.moments(t, stored)
	t.Run("at", func(t *testing.T) {
		for i, k := range moments {
			b := a
			b.prefix, b.wipe = fmt.Sprintf("kill-%03d", k), i == len(moments)/3
			upload(t, s, lfwObjects, b.prefix)
			t.Run(fmt.Sprint(k), func(t *testing.T) {
				t.Parallel()
				b.run(t, k)
			})
		}
	})
	once(t, s)
}

// onDisk is the run of one process that is left in peace.
func onDisk(t *testing.T, set, reference string) *finished {
	t.Helper()
	folder := copyBase(t)
	if !full() {
		embeddings(t, base.vggface2).adopt(t, folder, plan.Request{
			Set:        plan.SourceRequest{Dataset: dataset.Options{URL: set, Layout: layout.VGGFace2}},
			References: []plan.SourceRequest{{Name: "lfw", Dataset: dataset.Options{URL: reference}}},
		}, nil)
	}
	return engine(t).run(t, folder, vggface2Args(t, set, reference)...)
}

// referenceObjects is a folder with LFW's objects of the base.
func referenceObjects(t *testing.T) string {
	t.Helper()
	prepared(t)
	folder := t.TempDir()
	k := embeddings(t, base.vggface2)
	var plan schemas.Plan
	if err := readJSON(filepath.Join(base.folder, schemas.PlanObject(base.vggface2.id)), &plan); err != nil {
		t.Fatal(err)
	}
	for _, src := range plan.Sources {
		for _, sh := range src.Shards {
			for _, p := range sh.Parts {
				if src.Name != "lfw" {
					continue
				}
				var ptr schemas.Pointer
				name := k.pointer(src.Name, p)
				if err := readJSON(filepath.Join(base.folder, name), &ptr); err != nil {
					t.Fatal(err)
				}
				for _, object := range []string{name, ptr.Object()} {
					write(t, filepath.Join(folder, object), contents(t, filepath.Join(base.folder, object)))
				}
			}
		}
	}
	return folder
}

// calm runs without a kill, and gives the names of the objects as they were
// stored.
func (a assault) calm(t *testing.T) []string {
	t.Helper()
	g, nats := newGate(t, a.s), startNATS(t)
	l := engine(t)
	l.env = append(l.env, g.environ(a.s)...)
	worker := l.start(t, "worker", "--store", a.s.URL(a.prefix), "--nats", nats.url())
	f := l.run(t, a.s.URL(a.prefix), append(a.args, "--nats", nats.url())...)
	if code := worker.wait(); code != 0 {
		t.Errorf("worker: exit code %d: %s", code, tail(worker.stderr.String()))
	}
	same(t, "without a kill", a.want, f.digests(t))
	return g.stored
}

// moments is numbers of objects, spread over all stages.
func (a assault) moments(t *testing.T, stored []string) []int {
	t.Helper()
	at := func(part string, nth int) int {
		for i, name := range stored {
			if strings.Contains(name, part) {
				if nth--; nth == 0 {
					return i + 1
				}
			}
		}
		t.Fatalf("a run stores no %q", part)
		return 0
	}
	moments := []int{
		2, // while planning
		at("/numeric-kind", 1),
		at("/vectors/", 1),
		at("/vectors/", 2),
		at("/embed/", 3),
		at("/doubt/model.json", 1),
		at("/looks/", 1),
		at("/looks/", 3),
		at("/second-look/", 1),
		at("/duplicates.arrow", 1),
		at("/aggregate.arrow", 1) + 1,
		at("/match/", 2),
		at("/entries/", 2),
		at("/neighbours/", 1),
		at("/report/images/", 1),
		min(at("/report/identities.arrow", 1), len(stored)-after),
	}
	slices.Sort(moments)
	for i := 1; i < len(moments); i++ {
		moments[i] = max(moments[i], moments[i-1]+1)
	}
	t.Logf("a run stores %d objects; kills after %v", len(stored), moments)
	return moments
}

// run kills, starts again, and compares the report.
func (a assault) run(t *testing.T, k int) {
	g, nats := newGate(t, a.s), startNATS(t)
	l := engine(t)
	l.env = append(l.env, g.environ(a.s)...)
	url := a.s.URL(a.prefix)
	startWorker := func() *process { return l.start(t, "worker", "--store", url, "--nats", nats.url()) }
	f := &finished{store: url, folder: filepath.Join(t.TempDir(), "report")}
	args := runArgs(t, url, f.folder, append(a.args[:len(a.args):len(a.args)], "--nats", nats.url()))

	var coordinator *process
	workerDead, coordinatorDead := make(chan string, 1), make(chan string, 1)
	ready := make(chan struct{})
	worker := startWorker()
	g.acts[k] = func(name string) {
		workerDead <- name
		worker.kill()
	}
	g.acts[k+after] = func(name string) {
		<-ready
		coordinatorDead <- name
		coordinator.kill()
	}
	coordinator = l.start(t, "coordinator", args...)
	close(ready)
	ended := func(what string, dead chan string, p *process) {
		var name string
		select {
		case name = <-dead:
		case <-coordinator.done:
			select {
			case name = <-dead:
			default:
				t.Fatalf("the run ended before the %s was killed: %s", what, tail(coordinator.stderr.String()))
			}
		}
		<-p.done
		t.Logf("%s killed after the object %s", what, strings.TrimPrefix(name, a.prefix+"/"))
	}
	ended("worker", workerDead, worker)
	second := startWorker()
	ended("coordinator", coordinatorDead, coordinator)
	if a.wipe {
		nats.kill()
		if err := os.RemoveAll(nats.folder); err != nil {
			t.Fatal(err)
		}
		nats.restart(t)
		t.Log("NATS killed, its folder deleted, and started anew")
	}
	f.process = l.start(t, "coordinator", args...)
	f.end(t)
	if code := second.wait(); code != 0 {
		t.Errorf("worker: exit code %d: %s", code, tail(second.stderr.String()))
	}
	same(t, fmt.Sprintf("killed after %d objects", k), a.want, f.digests(t))
	f.byPath(t) // no row twice
	x := f.timing(t, filepath.Join(a.s.Folder, a.s.Bucket, a.prefix))
	t.Logf("the report is the same after %d starts", x.Starts)
}

// once checks in the server's log that no vectors object was created twice.
func once(t *testing.T, s *s3test.Server) {
	t.Helper()
	created := map[string]int{}
	for _, r := range s.Requests(t) {
		if r.Operation == "PutObject" && r.Status == http.StatusOK && strings.Contains(r.Key, "/"+schemas.VectorsFolder) {
			created[r.Key]++
		}
	}
	for name, n := range created {
		if n != 1 {
			t.Errorf("%s was created %d times", name, n)
		}
	}
	t.Logf("the server's log: %d vectors objects in all runs, each created once", len(created))
}
