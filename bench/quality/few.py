"""Sets of three people with six photographs each, in which one is somebody else's and one a stranger's."""
import concurrent.futures
import csv

import numpy as np

from .collections_of_faces import BY_NAME
from .export import left_out, load
from .judged import judge, judge_digest
from .places import code_digest, digest
from .planting import CLEAN, FLIP, OUTLIER, Planting
from .run_grid import kept, vectors_digest

COLLECTIONS = ("celeba-mini", "facescrub-mini", "lfw")
PEOPLE, IMAGES, DRAWS = 3, 6, 50


def images_of(places, name):
    """Returns the images of each person of a collection, as rows of its vectors."""
    with open(left_out(places, BY_NAME[name]), newline="") as f:
        out = {row["path"] for row in csv.DictReader(f)}
    of = {}
    for i, path in enumerate(load(places, name)["path"]):
        if path not in out:
            of.setdefault(path.split("/")[-2], []).append(i)
    return of


def draw(places, name, seed):
    """Draws a set: one image goes under another label, another is replaced by a stranger's."""
    random = np.random.default_rng(seed)
    of = images_of(places, name)
    people = random.permutation([p for p in sorted(of) if len(of[p]) >= IMAGES])
    people, strangers = people[:PEOPLE], people[PEOPLE:]
    images = np.concatenate([random.permutation(of[p])[:IMAGES] for p in people])
    label, kind = np.repeat(np.arange(PEOPLE), IMAGES), np.full(PEOPLE * IMAGES, CLEAN)
    flip, outlier = random.permutation(len(label))[:2]
    kind[flip], kind[outlier] = FLIP, OUTLIER
    return spoil(places, name, people, strangers, of, images, label, kind, random)


def draw_any(places, name, seed):
    """Draws a set of 2 to 10 people with 4 to 20 images each, about 5 % of them flips and 5 % outliers."""
    random = np.random.default_rng(seed)
    count, most = random.choice([2, 3, 4, 6, 10]), random.choice([4, 6, 10, 20])
    of = images_of(places, name)
    people = random.permutation([p for p in sorted(of) if len(of[p]) >= 4])
    people, strangers = people[:count], people[count:]
    chosen = [random.permutation(of[p])[:most] for p in people]
    label = np.repeat(np.arange(count), [len(c) for c in chosen])
    kind = random.choice([CLEAN, FLIP, OUTLIER], len(label), p=[.9, .05, .05])
    return spoil(places, name, people, strangers, of, np.concatenate(chosen), label, kind, random)


def spoil(places, name, people, strangers, of, images, label, kind, random):
    """Makes a set of people's images in which those of some kinds are flips and outliers."""
    d = load(places, name)
    true = people[label].tolist()
    for i in np.flatnonzero(kind == FLIP):
        label[i] = (label[i] + 1 + random.integers(len(people) - 1)) % len(people)
    for i in np.flatnonzero(kind == OUTLIER):
        stranger = random.choice(strangers)
        images[i], true[i] = random.choice(of[stranger]), str(stranger)
    labels = people[label].tolist()
    paths = [f"{l}/{k:03d}.jpg" for k, l in enumerate(labels)]
    order = sorted(range(len(paths)), key=lambda k: (labels[k], paths[k]))
    take = lambda values: [values[k] for k in order]
    return Planting(take(paths), take(labels), take(true), kind[order], d["vectors"][images][order],
                    d["det_score"][images][order], d["length"][images][order])


def outcome(places, name, seed, prior):
    """Judges a draw and says what became of the flip, of the stranger, and of the others."""
    planting = draw(places, name, seed)
    j = judge(places, planting, prior)
    lost, clean = np.isin(j.decision, ["drop", "relabel"]), planting.kind == CLEAN
    flip, outlier = np.flatnonzero(planting.kind == FLIP)[0], np.flatnonzero(planting.kind == OUTLIER)[0]
    return {"flip_found": bool(j.decision[flip] != "keep"),
            "flip_named": bool(j.decision[flip] != "keep" and j.suggested[flip] == planting.true[flip]),
            "stranger_not_kept": bool(j.decision[outlier] != "keep"),
            "clean": int(clean.sum()), "clean_lost": int((clean & lost).sum()),
            "clean_review": int((clean & (j.decision == "review")).sum())}


def measure(places, name, seed):
    """Measures a draw, or returns what is kept of it."""
    prior = BY_NAME[name].prior(places)
    key = digest(name, seed, vectors_digest(places, name), judge_digest(places, prior), code_digest("few", "judged"))
    return kept(places, f"few-{name}-{seed}-{key}", lambda: outcome(places, name, seed, prior))


def run(places, jobs):
    """Measures all draws of each collection."""
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        return {name: list(pool.map(measure, [places] * DRAWS, [name] * DRAWS, range(1, DRAWS + 1))) for name in COLLECTIONS}
