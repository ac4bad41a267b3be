package schemas

import (
	"io"
	"strconv"
	"strings"
)

// groupSeparator stands between a label and the number of a group. No label holds it:
// what lists a dataset refuses one that does.
const groupSeparator = "\x00"

// MostGroups is the number of groups that a label has at most.
const MostGroups = 8

// GroupKey names a group of a label as an identity of its own: from the second on, for
// the first, the largest, is the label's person. Keys stand after their label and before
// the next one, bytewise.
func GroupKey(label string, group int32) string {
	if group < 2 {
		return label
	}
	return label + groupSeparator + strconv.Itoa(int(group))
}

// CutGroup returns the label of an identity, and the number of the group that it is: 1
// for what is no group but a label.
func CutGroup(identity string) (label string, group int32) {
	at := strings.LastIndex(identity, groupSeparator)
	if at < 0 {
		return identity, 1
	}
	number := identity[at+len(groupSeparator):]
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || n < 2 || n > MostGroups || strconv.Itoa(int(n)) != number {
		return identity, 1
	}
	return identity[:at], int32(n)
}

// GroupMember is one row of the table of the images of merged labels.
type GroupMember struct {
	Identity string  // label, raw bytes
	Path     string  // of an image, raw bytes
	Group    int32   // from 1, the largest
	P        float32 // probability that the group and the rest of the label are two people
}

// WriteGroupMembers writes the table of the images of merged labels, in order.
func WriteGroupMembers(w io.Writer, rows []GroupMember) error {
	return groupMembersTable().write(w, rows)
}

// ReadGroupMembers reads the table of the images of merged labels.
func ReadGroupMembers(r io.Reader) ([]GroupMember, error) { return groupMembersTable().read(r) }

func groupMembersTable() table[GroupMember] {
	return table[GroupMember]{name: "group members 1", columns: []column[GroupMember]{
		text("identity", "", "label, raw bytes", rawForm(), func(v *GroupMember) *string { return &v.Identity }),
		text("path", "", "path of the image, raw bytes", rawForm(), func(v *GroupMember) *string { return &v.Path }),
		count("group", "", "the image's group of the label, from 1, the largest",
			func(v *GroupMember) *int32 { return &v.Group }, nil, 0),
		float("p", "0..1", "probability that the group and the rest of the label are two people",
			func(v *GroupMember) *float32 { return &v.P }),
	}}
}

// Group is one row of the report's groups table: the images of one person under a merged
// label. What is nil is null in the table.
type Group struct {
	Identity          string   // label in the set, raw bytes
	Group             int32    // from 1, the largest, who is taken for the label's person
	Images            int32    // usable images
	P                 float32  // probability that the group and the rest of the label are two people
	NearestIdentity   *string  // the other label of the set that is nearest
	NearestScore      *float32 // cosine of the two centroids
	SuggestedIdentity *string  // the label that is the group's person, rather than not
	PSuggested        *float32 // probability that it is
}

// WriteGroups writes the report's groups table, in order.
func WriteGroups(w io.Writer, rows []Group) error { return groupsTable().write(w, rows) }

// ReadGroups reads the report's groups table.
func ReadGroups(r io.Reader) ([]Group, error) { return groupsTable().read(r) }

func groupsTable() table[Group] {
	return table[Group]{name: "groups 1", columns: []column[Group]{
		text("identity", "", "label in the set, escaped", escapedForm(),
			func(v *Group) *string { return &v.Identity }),
		count("group", "", "number of the group, from 1, the largest",
			func(v *Group) *int32 { return &v.Group }, nil, 0),
		count("images", "images", "usable images of the group",
			func(v *Group) *int32 { return &v.Images }, nil, 0),
		float("p", "0..1", "probability that the group and the rest of the label are two people",
			func(v *Group) *float32 { return &v.P }),
		pointer("nearest_identity", "", "the other label whose centroid is nearest, escaped; null where there is none",
			escapedForm(), func(v *Group) **string { return &v.NearestIdentity }),
		floatPointer("nearest_score", "cosine", "cosine of the two centroids; null where nearest_identity is",
			func(v *Group) **float32 { return &v.NearestScore }),
		pointer("suggested_identity", "", "the other label that is the group's person, escaped; null where none is",
			escapedForm(), func(v *Group) **string { return &v.SuggestedIdentity }),
		floatPointer("p_suggested", "0..1", "probability that it is; null where suggested_identity is",
			func(v *Group) **float32 { return &v.PSuggested }),
	}}
}
