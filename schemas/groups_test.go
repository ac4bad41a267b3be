package schemas

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
)

// The keys of groups stand after their label and before the next one, and give back what
// they were made of.
func TestGroupKeys(t *testing.T) {
	keys := []string{"a", GroupKey("a", 2), GroupKey("a", 8), "a\x01", "a2", "b", GroupKey("b", 2)}
	if !slices.IsSorted(keys) {
		t.Errorf("%q", keys)
	}
	for _, label := range []string{"", "a", "a/b", nasty, "a 2"} {
		for _, group := range []int32{1, 2, 8} {
			if l, g := CutGroup(GroupKey(label, group)); l != label || g != group {
				t.Errorf("group %d of %q comes back as %d of %q", group, label, g, l)
			}
		}
	}
	for _, label := range []string{"a\x00b", "a\x00", "a\x001", "a\x0002", "a\x00+2", "a\x009", "a\x002147483647"} {
		if l, g := CutGroup(label); l != label || g != 1 {
			t.Errorf("%q is group %d of %q", label, g, l)
		}
	}
	if l, g := CutGroup(GroupKey("a\x003", 2)); l != "a\x003" || g != 2 {
		t.Errorf("group %d of %q", g, l)
	}
}

func TestGroupTables(t *testing.T) {
	var b bytes.Buffer
	members := []GroupMember{{Identity: nasty, Path: "x\xff", Group: 2, P: .75}}
	if err := WriteGroupMembers(&b, members); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadGroupMembers(&b); err != nil || !reflect.DeepEqual(got, members) {
		t.Errorf("%+v, %v", got, err)
	}
	b.Reset()
	groups := []Group{{Identity: nasty, Group: 1, Images: 4, P: .5, NearestIdentity: str("b%"), NearestScore: f32(.25)},
		{Identity: nasty, Group: 2, Images: 3, P: .5, SuggestedIdentity: str(nasty), PSuggested: f32(.75)}}
	if err := WriteGroups(&b, groups); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadGroups(&b); err != nil || !reflect.DeepEqual(got, groups) {
		t.Errorf("%+v, %v", got, err)
	}
}
