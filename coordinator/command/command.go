// Package command holds the coordinator's commands, one file each: its flags, and
// what it does. Its list of commands stands in commands.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/facesieve/facesieve/coordinator/screen"
	"github.com/facesieve/facesieve/worker/program"
)

// commands returns the list of commands, in the order of the help.
func commands() []func(*session) *cobra.Command {
	return []func(*session) *cobra.Command{
		runCommand, statusCommand, cancelCommand, reportCommand, overlapCommand, evaluateCommand, simulateCommand,
		scoreCommand, synthCommand, datasetsCommand, modelsCommand, demoCommand, k8sCommand, gcCommand, versionCommand,
	}
}

// session is one call of the program. Flags and log are set once a command begins.
type session struct {
	version string
	caller  caller
	store   storeFlags
	console console

	lastWord program.LastWord
	report   string // place of the report that was shown
}

// Execute does the command that args name, args[0] aside, which is how the program
// was called, and returns its exit code.
func Execute(args []string, version string) int {
	ctx, interrupts, stop := program.WatchInterrupts(context.Background())
	defer stop()
	s := &session{version: version, caller: caller{program: args[0]},
		console: console{version: version, out: screen.Printer{W: os.Stdout}, stderr: os.Stderr, interrupts: interrupts}}
	begun := false
	root := rootCommand(s, func() { begun = true })
	root.SetArgs(args[1:])
	given, err := root.ExecuteContextC(ctx)
	if err == nil {
		s.lastWord.Write("coordinator", s.report, os.Stderr)
		return program.ExitDone
	}
	err = adviseFlags(err)
	if !begun {
		err = program.Usage(err)
	}
	if interrupts.Interrupted() && errors.Is(err, context.Canceled) {
		err = program.WithExit(err, program.ExitInterrupted)
	}
	m := messages()
	m.Help = s.caller.name() + strings.TrimPrefix(given.CommandPath(), root.Name())
	line, code := m.Line(err)
	s.lastWord.Write("coordinator", strings.TrimSpace(line+"\n"+s.report), os.Stderr)
	m.JSON = s.console.out.JSON
	line, _ = m.Line(err)
	_, _ = fmt.Fprintln(os.Stderr, line) // there is nowhere else to say it
	return code
}

func messages() program.Messages {
	return program.Messages{Program: "coordinator", Interrupted: "the same command goes on where it stopped"}
}

// rootCommand makes the program's command. It calls begin once flags and arguments
// were found right.
func rootCommand(s *session, begin func()) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "coordinator",
		Short: "Cleans face-recognition data sets",
		Long: `facesieve finds wrong labels, people under two labels, duplicates, and people of
a benchmark in a set of face photographs, and says why it thinks so. Nothing in
the set is changed: a report says what to drop, what to relabel, what to look at.

Everything that was computed is kept in the store. A command that was stopped
goes on where it stopped when it is given again; one that has finished shows its
report at once.

Exit codes: 0 done, 1 error, 3 finished but for tasks that failed, or cancelled,
64 wrong flags or arguments, 130 interrupted.`,
		Example: `  coordinator run --dataset vggface2 --data /data/vggface2
  coordinator run --data /data/faces --reference lfw=/data/lfw
  coordinator status
  coordinator report`,
		Version:       s.version,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := applyConfig(cmd.Flags()); err != nil {
				return err
			}
			begin()
			s.lastWord.WriteForced(s.console.interrupts, messages(), os.Stderr)
			s.console.startLog()
			return nil
		},
	}
	f := cmd.PersistentFlags()
	s.store.AddFlags(f)
	f.BoolVar(&s.console.out.JSON, "json", false, "print for machines: a JSON value a line")
	f.BoolVarP(&s.console.verbose, "verbose", "v", false, "log every step to stderr")
	for _, c := range commands() {
		cmd.AddCommand(c(s))
	}
	return cmd
}
