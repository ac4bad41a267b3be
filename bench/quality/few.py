"""Sets of three people with six photographs each, in which one is somebody else's and one a stranger's."""

import concurrent.futures

import numpy as np

from . import small_sets
from .bench import code_digest, digest
from .collections_of_faces import BY_NAME
from .judged import judge, judge_digest
from .run_grid import kept, vectors_digest
from .simulated import CLEAN, FLIP, OUTLIER

COLLECTIONS = ("celeba-mini", "facescrub-mini", "lfw")
PEOPLE, IMAGES, DRAWS = 3, 6, 50
CODE = code_digest("few", "small_sets", "judged")


def outcome(bench, name, seed, prior):
    """Judges a draw and says what became of the flip, of the stranger, and of the others."""
    simulated = small_sets.draw_one_of_each(bench, name, seed, PEOPLE, IMAGES)
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
