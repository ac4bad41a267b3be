package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
)

func TestCheckpointBytes(t *testing.T) {
	h := history()
	want := &Checkpoint{State: State{Options: small(), Data: "d", Classes: 3, Epoch: 1, Step: 2, Window: Window{1, 2, 3, 4}, History: h}, Numbers: []float32{1, -2.5, 3e-20}}
	data, err := want.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseCheckpoint(data)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for cut := range len(data) {
		if _, err := ParseCheckpoint(data[:cut]); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("the first %d bytes of %d: %v", cut, len(data), err)
		}
	}
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		if _, err := ParseCheckpoint(bad); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("with byte %d changed: %v", i, err)
		}
	}
}

// FuzzParseCheckpoint puts a right digest behind whatever it is given, so that all
// of the reader is reached.
func FuzzParseCheckpoint(f *testing.F) {
	c := &Checkpoint{State: State{Options: small(), History: history()}, Numbers: []float32{1, 2}}
	data, err := c.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:len(data)-sha256.Size])
	f.Add([]byte(magic))
	f.Add(binary.LittleEndian.AppendUint32([]byte(magic), 1<<31))
	f.Add(append(binary.LittleEndian.AppendUint32([]byte(magic), 2), "{}1234"...))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		c, err := ParseCheckpoint(append(bytes.Clone(body), sum[:]...))
		if err != nil {
			if !errors.Is(err, ErrCheckpoint) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if again, err := c.Bytes(); err == nil {
			if _, err := ParseCheckpoint(again); err != nil {
				t.Fatalf("what was read can't be read when written: %v", err)
			}
		}
	})
}
