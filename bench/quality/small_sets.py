"""Small sets: a few people with a few photographs each, some of them somebody else's."""
import csv

import numpy as np

from .collections_of_faces import BY_NAME
from .export import left_out, load
from .simulated import CLEAN, FLIP, OUTLIER, SimulatedSet


def images_of(bench, name):
    """Returns the images of each person of a collection, as rows of its vectors."""
    with open(left_out(bench, BY_NAME[name]), newline="") as f:
        out = {row["path"] for row in csv.DictReader(f)}
    of = {}
    for i, path in enumerate(load(bench, name)["path"]):
        if path not in out:
            of.setdefault(path.split("/")[-2], []).append(i)
    return of


def draw_one_of_each(bench, name, seed, people, images):
    """Draws a set of people with so many images, one of all with another label and one replaced by a stranger's."""
    random, of = np.random.default_rng(seed), images_of(bench, name)
    chosen = random.permutation([p for p in sorted(of) if len(of[p]) >= images])
    rows = [random.permutation(of[p])[:images] for p in chosen[:people]]
    kind = np.full(people * images, CLEAN)
    flip, outlier = random.permutation(len(kind))[:2]
    kind[flip], kind[outlier] = FLIP, OUTLIER
    return spoil(bench, name, of, chosen[:people], chosen[people:], rows, kind, random)


def draw_any(bench, name, seed):
    """Draws a set of 2 to 10 people with 4 to 20 images each, about 5 % of them flips and 5 % outliers."""
    random, of = np.random.default_rng(seed), images_of(bench, name)
    people, most = random.choice([2, 3, 4, 6, 10]), random.choice([4, 6, 10, 20])
    chosen = random.permutation([p for p in sorted(of) if len(of[p]) >= 4])
    rows = [random.permutation(of[p])[:most] for p in chosen[:people]]
    kind = random.choice([CLEAN, FLIP, OUTLIER], sum(map(len, rows)), p=[.9, .05, .05])
    return spoil(bench, name, of, chosen[:people], chosen[people:], rows, kind, random)


def spoil(bench, name, of, people, strangers, rows, kind, random):
    """Makes the set of people's images in which those of some kinds are flips and outliers."""
    d = load(bench, name)
    label, images = np.repeat(np.arange(len(people)), [len(r) for r in rows]), np.concatenate(rows)
    true = people[label].tolist()
    for i in np.flatnonzero(kind == FLIP):
        label[i] = (label[i] + 1 + random.integers(len(people) - 1)) % len(people)
    for i in np.flatnonzero(kind == OUTLIER):
        true[i] = str(random.choice(strangers))
        images[i] = random.choice(of[true[i]])
    labels = people[label].tolist()
    paths = [f"{l}/{k:03d}.jpg" for k, l in enumerate(labels)]
    order = sorted(range(len(paths)), key=lambda k: (labels[k], paths[k]))
    take = lambda values: [values[k] for k in order]
    return SimulatedSet(take(paths), take(labels), take(true), kind[order], d["vectors"][images][order],
                        d["det_score"][images][order], d["length"][images][order], d["second"][images][order])
