"""Copies of photographs in other bytes: planted within a label, under another one and in a reference, and looked for."""

import shutil

import numpy as np
from PIL import Image

from .bench import code_digest, digest
from .collections_of_faces import BY_NAME
from .export import load, read_table
from .judged import judge_digest
from .run_grid import kept, vectors_digest
from .small_sets import images_of

COLLECTION = "celeba-mini"
PEOPLE, IMAGES = 40, 10     # of a draw: a part of the collection
DRAWS = 3                   # each is a run on photographs
EACH = 12                   # copies of each change at each place
PLACES = "within", "across", "reference"
CODE = code_digest("copies", "small_sets")


def resized(image):
    """Returns an image at .7 of its size."""
    return image.resize([max(1, round(.7 * x)) for x in image.size], Image.Resampling.BILINEAR)


def cropped(image):
    """Returns an image without 4 % on each side."""
    w, h = image.size
    return image.crop((round(.04 * w), round(.04 * h), w - round(.04 * w), h - round(.04 * h)))


CHANGES = {  # and the quality of JPEG at which a copy is written
    "quality 60": (lambda image: image, 60),
    "resized to .7": (resized, 92),
    "cropped by 4 %": (cropped, 92),
    "grey": (lambda image: image.convert("L"), 92),
}


def plant(bench, seed, folder):
    """Makes a set and a reference, and returns their copies: pairs of paths, with place and change. Nobody but those
    with a copy there is of the set and of the reference."""
    random, source = np.random.default_rng(seed), BY_NAME[COLLECTION].source(bench)
    of = images_of(bench, COLLECTION)
    path = load(bench, COLLECTION)["path"]
    able = [str(p) for p in random.permutation([p for p in sorted(of) if len(of[p]) >= IMAGES])]
    people, strangers = able[:PEOPLE], able[PEOPLE:2 * PEOPLE]
    images = {p: [str(path[i]) for i in random.permutation(of[p])[:IMAGES]] for p in people + strangers}
    for p in people + strangers:
        for name in images[p]:
            out = folder / ("faces" if p in people else "reference") / name
            out.parent.mkdir(parents=True, exist_ok=True)
            out.symlink_to(source / name)
    originals = [str(x) for x in random.permutation([x for p in people for x in images[p]])]
    copies = []
    for place in PLACES:
        for change in CHANGES:
            for _ in range(EACH):
                original = originals.pop()
                copy = copy_name(original, place, len(copies), people, random)
                write(source / original, folder / copy, change)
                copies.append({"original": original, "copy": copy.split("/", 1)[1], "place": place, "change": change})
    return copies


def copy_name(original, place, number, people, random):
    """Returns where a copy stands: its name tells nothing. In the reference each has a person of its own, since of two
    identities the report names one pair of images."""
    own = original.split("/")[0]
    label = {"within": own, "across": str(random.choice([p for p in people if p != own])), "reference": f"r{number:04d}"}[place]
    return f"{'reference' if place == 'reference' else 'faces'}/{label}/c{number:04d}.jpg"


def write(original, copy, change):
    """Writes a changed copy of a photograph."""
    changed, quality = CHANGES[change]
    copy.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(original) as image:
        changed(image.convert("RGB")).save(copy, quality=quality)


def called(report):
    """Returns the pairs that a report calls one photograph in other bytes: by place, as sets of two paths."""
    pairs, overlap = read_table(report / "pairs.arrow").to_pylist(), read_table(report / "overlap.arrow").to_pylist()
    out = {place: set() for place in PLACES}
    for p in pairs:
        if p["kind"] == "near-duplicate":
            place = "within" if p["a_identity"] == p["b_identity"] else "across"
            out[place].add(frozenset((p["a_path"], p["b_path"])))
    for o in overlap:
        if o["tier"] == "same-image":
            out["reference"].add(frozenset((o["evidence_path"], o["reference_path"])))
    return out


def outcome(copies, pairs):
    """Returns, by place and change, how many copies there are and were found, and by place the pairs that were called
    so and are none."""
    planted = {place: {frozenset((c["original"], c["copy"])): c["change"] for c in copies if c["place"] == place}
               for place in PLACES}
    found = {place: {change: [0, 0] for change in CHANGES} for place in PLACES}
    for place, of in planted.items():
        told = pairs[place]
        for pair, change in of.items():
            found[place][change][0] += 1
            found[place][change][1] += pair in told
    wrong = {place: sorted(sorted(p) for p in pairs[place] - set(planted[place])) for place in PLACES}
    return {"found": found, "wrong": wrong}


def compute(bench, seed):
    """Makes a draw, runs the program on its photographs, and counts."""
    folder = bench.work / "copies" / str(seed)
    shutil.rmtree(folder, ignore_errors=True)
    copies = plant(bench, seed, folder)
    bench.call("run", "--data", folder / "faces", "--layout", "folder", "--reference", f"other={folder / 'reference'}",
               "--store", folder / "store", "--second-look", "off", "--out", folder / "report", *bench.engines())
    out = outcome(copies, called(folder / "report"))
    shutil.rmtree(folder)
    return out


def run(bench, draws=DRAWS):
    """Measures all draws, or returns what is kept of them."""
    judging = judge_digest(bench, None)
    return [kept(bench, f"copies-{s}-{digest(s, vectors_digest(bench, COLLECTION), judging, CODE)}",
                 lambda s=s: compute(bench, s)) for s in range(1, draws + 1)]
