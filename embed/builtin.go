package embed

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/facesieve/facesieve/embed/builtin"
	"github.com/facesieve/facesieve/schemas"
)

// builtinModel is the registry's row of the model that is part of this program,
// as the JSON beside it describes it. Its digest is computed once.
var builtinModel = sync.OnceValue(func() Model {
	data := builtin.Model()
	m, err := readDescription(builtin.Description())
	if err != nil {
		m = Model{Role: RoleEmbed} // a build with such a file fails its tests
	}
	sum := sha256.Sum256(data)
	m.Name, m.File, m.Bytes, m.Data = BuiltinModel, "builtin.onnx", int64(len(data)), data
	m.SHA256 = schemas.Digest(hex.EncodeToString(sum[:]))
	return m
})

// Builtin returns the file with this digest, nil where it is not part of this
// program.
func Builtin(d schemas.Digest) []byte {
	if m := builtinModel(); m.SHA256 == d {
		return m.Data
	}
	return nil
}
