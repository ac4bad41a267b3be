"""Photographs as a detector hardly takes them: turned without a word, cut close to the face, and small."""

import shutil

import numpy as np
from PIL import Image

from .bench import code_digest, digest
from .collections_of_faces import BY_NAME
from .export import load, read_images
from .judged import judge_digest
from .run_grid import kept, vectors_digest
from .small_sets import images_of

COLLECTION = "lfw"
PEOPLE, IMAGES = 100, 5     # one image of each person is changed, the others show who it is
SEED = 1
SMALLEST, LARGEST = 25, 40  # px that a small face is wide
CODE = code_digest("views", "small_sets")


def turned(degrees):
    """Returns the change that turns a photograph clockwise."""
    how = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}[degrees]
    return lambda image, box, random: image.transpose(how)


def tight(image, box, random):
    """Returns the face alone, as its box has it."""
    x, y, w, h = box
    return image.crop((max(0, round(x)), max(0, round(y)), min(image.width, round(x + w)), min(image.height, round(y + h))))


def small(image, box, random):
    """Returns the photograph in a size in which its face is small."""
    scale = random.uniform(SMALLEST, LARGEST) / box[2]
    return image.resize([max(1, round(scale * x)) for x in image.size], Image.Resampling.BOX)


CHANGES = {  # and the least share of which the face has to be found
    "as it is": (lambda image, box, random: image, 1),
    "turned by 90": (turned(90), .97),
    "turned by 180": (turned(180), .97),
    "turned by 270": (turned(270), .97),
    "cut to the face": (tight, .97),
    "face of 25 to 40 px": (small, .9),
}
MOST_LOWER = .1  # of the own score, in the median


def draw(bench, random):
    """Returns people, each the paths of some images, the one that is changed first."""
    of, path = images_of(bench, COLLECTION), load(bench, COLLECTION)["path"]
    able = random.permutation([p for p in sorted(of) if len(of[p]) >= IMAGES])[:PEOPLE]
    return [[str(path[i]) for i in random.permutation(of[p])[:IMAGES]] for p in able]


def judge(bench, folder, people, change=None, boxes=None, random=None):
    """Runs the program on a set whose first images are changed; returns what the report says of these, by path."""
    source = BY_NAME[COLLECTION].source(bench)
    for images in people:
        for name in images:
            out = folder / "faces" / name
            out.parent.mkdir(parents=True, exist_ok=True)
            if name == images[0] and change:
                with Image.open(source / name) as image:
                    change(image.convert("RGB"), boxes[name], random).save(out, quality=95)
            else:
                out.symlink_to(source / name)
    bench.call("run", "--data", folder / "faces", "--layout", "folder", "--store", folder / "store",
               "--out", folder / "report", *bench.engines())
    rows = read_images(folder / "report")
    first = {images[0] for images in people}
    said = {p: {k: rows[k][i] for k in ("type", "score", "box", "second_look")} for i, p in enumerate(rows["path"]) if p in first}
    shutil.rmtree(folder)
    return said


def outcome(said, upright):
    """Returns how many faces were found, and how much lower the own score of these is than that of the photograph as it
    is, in the median."""
    found = [p for p, s in said.items() if s["score"] is not None and s["type"] not in ("no-face", "poor-face")]
    lower = [upright[p]["score"] - said[p]["score"] for p in found if upright[p]["score"] is not None]
    return {"images": len(said), "found": len(found), "lower": float(np.median(lower)) if lower else 1,
            "twice": sum(s["second_look"] != "" for s in said.values())}


def compute(bench, seed=SEED):
    """Makes the sets, runs the program on their photographs, and counts."""
    people = draw(bench, np.random.default_rng(seed))
    folder = bench.work / "views" / str(seed)
    shutil.rmtree(folder, ignore_errors=True)
    upright = judge(bench, folder, people)
    out = {}
    for name, (change, _) in CHANGES.items():
        boxes = {p: s["box"] for p, s in upright.items()}
        said = upright if name == "as it is" else judge(bench, folder, people, change, boxes, np.random.default_rng(seed))
        out[name] = outcome(said, upright)
    return out


def run(bench):
    """Measures, or returns what is kept."""
    key = digest(SEED, vectors_digest(bench, COLLECTION), judge_digest(bench, None), CODE)
    return kept(bench, f"views-{key}", lambda: compute(bench))
