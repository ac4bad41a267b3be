package screen

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/facesieve/facesieve/schemas"
)

// Printer prints what a command is asked for: text for people, or a JSON value a
// line for machines. What others wrote, a worker or whoever named an image, commands no
// terminal: text is printed as schemas.Printable has it.
type Printer struct {
	W    io.Writer
	JSON bool
}

// Text prints text.
func (p *Printer) Text(format string, args ...any) error {
	_, err := io.WriteString(p.W, schemas.Printable(fmt.Sprintf(format, args...)))
	return err
}

// Value prints a value as JSON on one line.
func (p *Printer) Value(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = p.W.Write(append(data, '\n'))
	return err
}

// Either prints a value for machines or, as it is, text for people.
func (p *Printer) Either(v any, text string) error {
	if p.JSON {
		return p.Value(v)
	}
	return p.Text("%s", text)
}
