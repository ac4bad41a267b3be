package schemas

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// column is one column of a table: how a row is put into it and got out of it.
// get is called once a batch, what it gives once a row.
type column[T any] struct {
	field arrow.Field
	put   func(b array.Builder, v *T) error
	get   func(a arrow.Array) (func(i int, v *T) error, error)
}

func newField(name, unit, meaning string, typ arrow.DataType, null bool) arrow.Field {
	return arrow.Field{Name: name, Type: typ, Nullable: null,
		Metadata: arrow.NewMetadata([]string{"meaning", "unit"}, []string{meaning, unit})}
}

// form is how a string stands in a file.
type form struct {
	typ arrow.DataType
	enc func(string) string
	dec func(string) (string, error)
}

func asIs(s string) (string, error) { return s, nil }

// rawForm is raw bytes.
func rawForm() form { return form{arrow.BinaryTypes.Binary, strings.Clone, asIs} }

// escapedForm is escaped bytes.
func escapedForm() form {
	return form{arrow.BinaryTypes.String, EscapePath, UnescapePath}
}

// textForm is text that is UTF-8 already.
func textForm() form {
	valid := func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
	return form{arrow.BinaryTypes.String, valid, asIs}
}

func appendString(b array.Builder, s string) {
	switch b := b.(type) {
	case *array.BinaryBuilder:
		b.AppendString(s)
	case *array.StringBuilder:
		b.Append(s)
	}
}

var errOffsets = errors.New("offsets are out of order")

// stringsOf returns access to a column of strings. Offsets must rise, so that all
// values together are no longer than the column.
func stringsOf(a arrow.Array) (func(i int) (string, error), error) {
	switch a := a.(type) {
	case *array.Binary:
		return func(i int) (string, error) {
			if a.ValueLen(i) < 0 {
				return "", errOffsets
			}
			return a.ValueString(i), nil
		}, nil
	case *array.String:
		return func(i int) (string, error) {
			if a.ValueLen(i) < 0 {
				return "", errOffsets
			}
			return a.Value(i), nil
		}, nil
	}
	return nil, fmt.Errorf("%T holds no strings", a)
}

// knownWord is a string of a closed list.
type knownWord interface {
	~string
	Known() bool
}

// word is a column of words of a closed list; at returns a pointer to the
// field. A row with any other word is refused; none allows the empty one too.
func word[T any, W knownWord](name, meaning string, none bool, at func(*T) *W) column[T] {
	c := text(name, "", meaning, textForm(), func(v *T) *string {
		s := string(*at(v))
		return &s
	})
	check := func(w W) error {
		if w.Known() || none && w == "" {
			return nil
		}
		return fmt.Errorf("%w: %.40q is not in the closed list", ErrFormat, string(w))
	}
	put := c.put
	c.put = func(b array.Builder, v *T) error {
		if err := check(*at(v)); err != nil {
			return err
		}
		return put(b, v)
	}
	c.get = func(a arrow.Array) (func(i int, v *T) error, error) {
		value, err := stringsOf(a)
		if err != nil {
			return nil, err
		}
		return func(i int, v *T) error {
			s, err := value(i)
			if err != nil {
				return err
			}
			*at(v) = W(strings.Clone(s))
			return check(W(s))
		}, nil
	}
	return c
}

// text is a column of strings that are always known; at returns a pointer to the field.
func text[T any](name, unit, meaning string, f form, at func(*T) *string) column[T] {
	return column[T]{
		field: newField(name, unit, meaning, f.typ, false),
		put:   func(b array.Builder, v *T) error { appendString(b, f.enc(*at(v))); return nil },
		get: func(a arrow.Array) (func(int, *T) error, error) {
			value, err := stringsOf(a)
			return func(i int, v *T) error {
				s, err := value(i)
				if err != nil {
					return err
				}
				*at(v), err = f.dec(s)
				return err
			}, err
		},
	}
}

// maybeText is a column of strings that are null where from returns nil.
func maybeText[T any](name, unit, meaning string, f form,
	from func(*T) *string, to func(*T, *string) error) column[T] {
	return column[T]{
		field: newField(name, unit, meaning, f.typ, true),
		put: func(b array.Builder, v *T) error {
			if s := from(v); s != nil {
				appendString(b, f.enc(*s))
			} else {
				b.AppendNull()
			}
			return nil
		},
		get: func(a arrow.Array) (func(int, *T) error, error) {
			value, err := stringsOf(a)
			return func(i int, v *T) error {
				if a.IsNull(i) {
					return to(v, nil)
				}
				s, err := value(i)
				if err != nil {
					return err
				}
				if s, err = f.dec(s); err != nil {
					return err
				}
				return to(v, &s)
			}, err
		},
	}
}

// pointer is maybeText for a field that is itself a pointer.
func pointer[T any](name, unit, meaning string, f form, at func(*T) **string) column[T] {
	return maybeText(name, unit, meaning, f,
		func(v *T) *string { return *at(v) },
		func(v *T, s *string) error { *at(v) = s; return nil })
}
