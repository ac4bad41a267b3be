package program

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"go.uber.org/zap"
)

// What others say commands no terminal: neither by the log nor by what ended a program.
func TestHostileWords(t *testing.T) {
	var b bytes.Buffer
	log := NewLog(NewLogOutput(&b), LogOptions{})
	log.Warn("a\x1b[2J\a\xffb", zap.String("worker", "c\x1b"))
	log.Warn("d")
	if text := b.String(); !strings.Contains(text, "\ta%1B[2J%07%FFb\t") || strings.Contains(text, "\x1b") ||
		strings.Count(text, "\n") != 2 {
		t.Errorf("%q", text)
	}
	m := Messages{Program: "worker"}
	if line, _ := m.Line(errors.New("get a\x1b[2J%41\u009b\nb")); line != "worker: get a%1B[2J%41%C2%9B b" {
		t.Errorf("%q", line)
	}
}
