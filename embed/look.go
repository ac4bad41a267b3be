package embed

import (
	"context"
	"errors"

	"github.com/facesieve/facesieve/internal/origin"
	"github.com/facesieve/facesieve/schemas"
)

// SecondLook is the version of what Look does; part of a Spec.
const SecondLook = "look-1"

// Look looks again at images that are doubtful; result i is about images[i], of which
// first[i] is what Embed gave. It finds the face that the first look chose once more, with
// its eyes level; and all other faces too, at several turns and sizes, where the first
// look found several faces or none or is not sure of its own. Every face has its vector.
// read and done are as in Embed.
//
// An image to which no detector was applied (Faces of its first look is negative), or
// which an engine without a detector is given, is not read and has no faces.
func (e *Engine) Look(ctx context.Context, images []schemas.Image, first []schemas.Embedding,
	read Read, done func()) ([]schemas.SecondLook, error) {
	return nil, origin.Errorf("embed", "look: %w", errors.ErrUnsupported)
}
