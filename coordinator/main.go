// Command coordinator cleans face-recognition data sets: it plans runs, hands
// their tasks to workers, and reports what is wrong with which image.
package main

import (
	"os"

	"github.com/facesieve/facesieve/coordinator/command"
)

// version is set when the program is built.
var version = "unknown"

func main() { os.Exit(command.Execute(os.Args, version)) }
