package storetest

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/pipeline/store"
)

func list(t *testing.T, s store.Store) {
	if got := names(t, s, ""); len(got) != 0 {
		t.Fatalf("an empty store lists %q", got)
	}
	// '-', '!' and '.' sort before '/', '0' after it: the order of folders is not
	// the order of names.
	all := []string{
		"B", "a!", "a-b", "a-b-c/x", "a.d/x", "a/b", "a/b-c", "a/b.e/f", "a/c/d/e", "a0", "a~", "b",
		"vectors/00", "vectors/0f",
		"vectors/ff", "vectorsX",
	}
	for _, i := range []int{7, 2, 15, 0, 9, 4, 11, 1, 13, 6, 3, 10, 5, 14, 8, 12} {
		mustPut(t, s, all[i], []byte(all[i]))
	}
	for _, prefix := range []string{"", "a", "a/", "a/b", "a-", "a/b-", "a/c/", "a/c/d", "vectors/",
		"vectors", "vectors/0", "B", "none", "a/none/", "b/", "a/..", "a/c/d/e", "a/c/d/e/"} {
		var want []string
		for _, name := range all {
			if strings.HasPrefix(name, prefix) {
				want = append(want, name)
			}
		}
		if got := names(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q) =\n%q, want\n%q", prefix, got, want)
		}
	}
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if info.Size != int64(len(info.Name)) || info.Modified.IsZero() {
			t.Errorf("List says %+v", info)
		}
	}
	for _, prefix := range []string{"/", "../", "a/../", ".tmp/", "\x00/"} {
		var got error
		for _, err := range s.List(t.Context(), prefix) {
			got = err
		}
		wantError(t, fmt.Sprintf("List %q", prefix), got, fs.ErrInvalid)
	}
}

// listMany lists more objects than a page of S3 holds.
func listMany(t *testing.T, s store.Store) {
	var want []string
	for i := range 1010 {
		name := fmt.Sprintf("many/%02x/%x", i%7, i)
		mustPut(t, s, name, nil)
		want = append(want, name)
	}
	slices.Sort(want)
	if got := names(t, s, "many/"); !slices.Equal(got, want) {
		t.Errorf("List gives %d names, want %d, or another order", len(got), len(want))
	}
}

func listStops(t *testing.T, s store.Store) {
	for i := range 5 {
		mustPut(t, s, fmt.Sprintf("f%d/x", i), nil)
	}
	var got []string
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, info.Name); len(got) == 2 {
			break
		}
	}
	if want := []string{"f0/x", "f1/x"}; !slices.Equal(got, want) {
		t.Errorf("the first two are %q, want %q", got, want)
	}
}
