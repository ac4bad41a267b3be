package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/facesieve/facesieve/pipeline/store"
	"github.com/facesieve/facesieve/schemas"
	"github.com/facesieve/facesieve/worker/connect"
	"github.com/facesieve/facesieve/worker/engine"
	"github.com/facesieve/facesieve/worker/metrics"
	"github.com/facesieve/facesieve/worker/program"
)

// options are the program's flags.
type options struct {
	store   string
	s3      store.S3Options
	nats    connect.Flags
	run     string
	stay    bool
	wait    time.Duration // 0: for ever
	verbose bool
	engine  engine.Flags
	metrics metrics.Flags
	format  program.LogFormat
	grace   time.Duration
	stages  []string
	pools   []schemas.Pool // of stages, once they are checked
	last    program.LastWord
}

// defaultGrace lies below the 30 s that Kubernetes leaves a pod between SIGTERM and
// SIGKILL.
const defaultGrace = 20 * time.Second

// AddFlags defines the flags.
func (o *options) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&o.store, "store", "",
		"where the run's objects are: a folder all machines share, or s3://bucket/prefix")
	f.StringVar(&o.s3.Endpoint, "s3-endpoint", "",
		"server of s3:// URLs; default $AWS_ENDPOINT_URL_S3, $AWS_ENDPOINT_URL, Amazon's")
	o.nats.AddFlags(f, "NATS server with JetStream: nats://host:4222")
	f.StringVar(&o.run, "run", "", "work on this run alone; default: on any run that has tasks")
	f.BoolVar(&o.stay, "stay", false, "wait for the next run after one has ended")
	f.DurationVar(&o.wait, "wait", 0,
		"leave with 0 when no run has had tasks for so long, as 2h; default: wait for ever")
	f.StringSliceVar(&o.stages, "stages", nil,
		"take tasks of these stages alone: embed (its second look too), or match,nearest,neighbours,judge; default: of all")
	f.DurationVar(&o.grace, "grace", defaultGrace,
		"after the first interrupt, how long tasks at work may take; then they are given back")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log every step")
	o.engine.AddFlags(f)
	o.metrics.AddFlags(f)
	o.format.AddFlags(f, "")
	o.last.AddFlags(f)
}

// check refuses flags that make no sense.
func (o *options) check() error {
	if o.wait < 0 {
		return program.Usagef("--wait %s: give a time above 0, as 2h", o.wait)
	}
	if o.run != "" {
		if err := schemas.RunID(o.run).Validate(); err != nil {
			return program.Usagef("--run %q is no run id; coordinator status lists the runs", o.run)
		}
		if o.stay {
			return program.Usagef("--run works on one run, --stay on any number; leave one out")
		}
		if o.wait != 0 {
			return program.Usagef("--wait is for any run, --run waits for one; leave one out")
		}
	}
	if err := o.checkStages(); err != nil {
		return err
	}
	if o.grace <= 0 {
		return program.Usagef("--grace %s: give a time above 0, as 20s", o.grace)
	}
	return errors.Join(o.nats.Check(), o.engine.Check(), o.metrics.Check(), o.format.Check())
}

// namedStages returns the stages that a person names for a pool; the others go with them.
func namedStages(pool schemas.Pool) []schemas.Stage {
	return slices.DeleteFunc(pool.Stages(), func(s schemas.Stage) bool {
		return s == schemas.StageNumericKind || s == schemas.StageSecondLook || s == schemas.StageDoubtful
	})
}

// checkStages sets the pools to those of the stages. The stages of a pool queue together: a
// worker takes all of them or none.
func (o *options) checkStages() error {
	o.pools = nil
	left := slices.Clone(o.stages)
	for _, pool := range schemas.Pools() {
		stages, named := namedStages(pool), 0
		for _, stage := range stages {
			if i := slices.Index(left, string(stage)); i >= 0 {
				left = slices.Delete(left, i, i+1)
				named++
			}
		}
		switch {
		case named == len(stages):
			o.pools = append(o.pools, pool)
		case named > 0:
			return program.Usagef("--stages %s: the tasks of match, nearest, neighbours and judge queue together; name all four",
				strings.Join(o.stages, ","))
		}
	}
	if len(left) > 0 {
		return program.Usagef("--stages: %q is no stage that workers do; name embed, or match,nearest,neighbours,judge",
			left[0])
	}
	return nil
}
