//go:build acceptance

package acceptance

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/facesieve/facesieve/schemas"
)

// faceless writes pictures that show no face: text, shapes and smileys, faces of ten pixels
// made large, and hair above faces cut out of photographs. argv is the folder of a set in
// the layout LABEL/NAME, the folder of labels to write to, and how many of each kind; the photographs
// are cut to a square about 3.2 faces wide, as those of celeba-mini are.
const faceless = `
import random
from PIL import ImageDraw
source, folder, each = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(7)
photos = sorted(os.path.join(l, f) for l in os.listdir(source) if os.path.isdir(os.path.join(source, l))
                for f in os.listdir(os.path.join(source, l)))
labels = sorted(os.listdir(folder))
photos = random.sample(photos, 2 * each)
shade = lambda low, high: tuple(random.randint(low, high) for _ in 'rgb')
def put(i, kind, k):
    at = os.path.join(folder, random.choice(labels))
    os.makedirs(at, exist_ok=True)
    i.convert('RGB').save(os.path.join(at, f'faceless-{kind}-{k:02d}.jpg'), quality=90)
for k in range(each):
    w, h = random.randint(150, 400), random.randint(100, 300)
    i = Image.new('RGB', (w, h), shade(150, 255))
    for y in range(5, h - 10, random.randint(12, 30)):
        ImageDraw.Draw(i).text((random.randint(0, 20), y), ''.join(random.choice('abcdefg hijk QRST 0123') for _ in range(40)),
                               fill=shade(0, 120))
    put(i, 'text', k)
    s = random.randint(100, 300)
    i = Image.new('RGB', (s, s), shade(0, 255))
    d = ImageDraw.Draw(i)
    for _ in range(random.randint(2, 7)):
        (a, b), (c, e) = sorted(random.sample(range(s), 2)), sorted(random.sample(range(s), 2))
        random.choice([d.ellipse, d.rectangle])((a, c, b, e), fill=shade(0, 255))
    if k % 3 == 0:
        d.ellipse((s * .1, s * .1, s * .9, s * .9), fill=(250, 220, 60))
        d.ellipse((s * .3, s * .35, s * .4, s * .45), fill=0)
        d.ellipse((s * .6, s * .35, s * .7, s * .45), fill=0)
        d.arc((s * .3, s * .4, s * .7, s * .75), 20, 160, fill=0, width=5)
    put(i, 'shape', k)
    i = Image.open(os.path.join(source, photos[k])).convert('RGB')
    w, h = i.size
    face = i.crop((int(w * .3), int(h * .25), int(w * .7), int(h * .75)))
    put(face.resize((10, 10), Image.BOX).resize((200, 200), Image.BICUBIC), 'blur', k)
    i = Image.open(os.path.join(source, photos[each + k])).convert('RGB')
    w, h = i.size
    put(i.crop((int(w * .25), 0, int(w * .75), int(h * .27))).resize((200, 150), Image.BICUBIC), 'hair', k)
`

// TestFaceless: pictures that show no face are found among photographs of people.
func TestFaceless(t *testing.T) {
	models(t)
	onnxruntime(t)
	source, tree := shared(t, "data/celeba-mini"), t.TempDir()
	each, photos := 25, 2000
	if !full() {
		each, photos = 6, 480
	}
	found, err := filepath.Glob(filepath.Join(source, "*", "*.jpg"))
	if err != nil || len(found) < photos {
		t.Fatalf("%d photographs in %s, %v; want %d", len(found), source, err, photos)
	}
	for _, photo := range found[:photos] {
		symlink(t, photo, filepath.Join(tree, filepath.Base(filepath.Dir(photo)), filepath.Base(photo)))
	}
	pillow(t, faceless, source, tree, strconv.Itoa(each))
	f := engine(t).run(t, filepath.Join(t.TempDir(), "store"), "--data", tree, "--layout", "folder")
	planted, told, wrong := 0, 0, 0
	for path, v := range f.byPath(t) {
		none := v.Type == schemas.TypeNoFace || v.Type == schemas.TypePoorFace
		switch {
		case strings.Contains(path, "faceless-"):
			planted++
			if none {
				told++
			} else {
				t.Logf("%s: %s (%s)", path, v.Type, v.Reason)
			}
		case none:
			wrong++
			t.Logf("%s: %s (%s)", path, v.Type, v.Reason)
		}
	}
	t.Logf("%d of %d pictures without a face found; %d of %d photographs called so", told, planted, wrong, photos)
	if planted != 4*each || told*100 < 95*planted {
		t.Errorf("%d of %d pictures without a face found; want 95 %%", told, planted)
	}
	if wrong*500 > photos+500 { // one more, of so few
		t.Errorf("%d of %d photographs are called so; want .2 %% at most", wrong, photos)
	}
}
