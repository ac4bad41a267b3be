"""Sets of three people with six photographs each, in which one is somebody else's and one a stranger's."""

import concurrent.futures
import csv

import numpy as np

from .collections_of_faces import BY_NAME
from .export import left_out, load
from .judged import judge, judge_digest
from .bench import code_digest, digest
from .simulated import CLEAN, FLIP, OUTLIER, SimulatedSet
from .run_grid import kept, vectors_digest

COLLECTIONS = ("celeba-mini", "facescrub-mini", "lfw")
PEOPLE, IMAGES, DRAWS = 3, 6, 50
CODE = code_digest("few", "judged")


def draw(bench, name, seed):
    """Draws a set: one image goes under another label, another is replaced by a stranger's."""
    d, random = load(bench, name), np.random.default_rng(seed)
    with open(left_out(bench, BY_NAME[name]), newline="") as f:
        out = {row["path"] for row in csv.DictReader(f)}
    of = {}
    for i, path in enumerate(d["path"]):
        if path not in out:
            of.setdefault(path.split("/")[-2], []).append(i)
    people = random.permutation([p for p in sorted(of) if len(of[p]) >= IMAGES])
    people, strangers = people[:PEOPLE], people[PEOPLE:]
    images = np.concatenate([random.permutation(of[p])[:IMAGES] for p in people])
    label = np.repeat(np.arange(PEOPLE), IMAGES)
    true, kind = people[label].tolist(), np.full(len(label), CLEAN)
    flip, outlier = random.permutation(len(label))[:2]
    label[flip] = (label[flip] + 1 + random.integers(PEOPLE - 1)) % PEOPLE
    stranger = random.choice(strangers)
    images[outlier], true[outlier] = random.choice(of[stranger]), str(stranger)
    kind[flip], kind[outlier] = FLIP, OUTLIER
    labels = people[label].tolist()
    paths = [f"{l}/{k:02d}.jpg" for k, l in enumerate(labels)]
    order = sorted(range(len(paths)), key=lambda k: (labels[k], paths[k]))
    take = lambda values: [values[k] for k in order]
    return SimulatedSet(
        take(paths),
        take(labels),
        take(true),
        kind[order],
        d["vectors"][images][order],
        d["det_score"][images][order],
        d["length"][images][order],
    )


def outcome(bench, name, seed, prior):
    """Judges a draw and says what became of the flip, of the stranger, and of the others."""
    simulated = draw(bench, name, seed)
    j = judge(bench, simulated, prior)
    lost, clean = np.isin(j.decision, ["drop", "relabel"]), simulated.kind == CLEAN
    flip, outlier = np.flatnonzero(simulated.kind == FLIP)[0], np.flatnonzero(simulated.kind == OUTLIER)[0]
    return {
        "flip_found": bool(j.decision[flip] != "keep"),
        "flip_named": bool(j.decision[flip] != "keep" and j.suggested[flip] == simulated.true[flip]),
        "stranger_not_kept": bool(j.decision[outlier] != "keep"),
        "clean": int(clean.sum()),
        "clean_lost": int((clean & lost).sum()),
        "clean_review": int((clean & (j.decision == "review")).sum()),
    }


def measure(bench, name, seed):
    """Measures a draw, or returns what is kept of it."""
    prior = BY_NAME[name].prior(bench)
    key = digest(name, seed, vectors_digest(bench, name), judge_digest(bench, prior), CODE)
    return kept(bench, f"few-{name}-{seed}-{key}", lambda: outcome(bench, name, seed, prior))


def run(bench, jobs):
    """Measures all draws of each collection."""
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        return {
            name: list(pool.map(measure, [bench] * DRAWS, [name] * DRAWS, range(1, DRAWS + 1)))
            for name in COLLECTIONS
        }
