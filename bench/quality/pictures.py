"""Cells judged end to end, from pictures: their verdicts must be those from the exported vectors."""
import shutil

import numpy as np

from . import measures
from .cells import grid
from .collections_of_faces import BY_NAME
from .judged import judge, judge_digest, read_judged
from .places import code_digest, digest
from .planting import CLEAN, join, simulate
from .run_grid import kept, vectors_digest

CELLS = ("celeba-8-10", "vggface2-20-10", "facescrub-4up-10")
SEED = 1


def compare(places, cell, prior):
    """Judges a planting both ways and compares the verdicts."""
    folder = places.work / "pictures" / cell.name
    shutil.rmtree(folder, ignore_errors=True)
    simulate(places, cell, SEED, folder)
    planting = join(places, cell, folder)
    aligned = ["--aligned"] if BY_NAME[cell.collection].aligned else []
    places.call("run", "--data", folder / "faces", "--layout", "folder", *aligned, "--store", folder / "store",
                "--out", folder / "report", "--prior", prior, *places.engines())
    seen, given = read_judged(folder / "report", planting.path), judge(places, planting, prior)
    both = ~np.isnan(seen.p) & ~np.isnan(given.p)
    area = lambda j: measures.ranking((planting.kind != CLEAN)[both], j.p[both])["auprc"]
    shutil.rmtree(folder)
    return {"images": len(planting.path), "judged_both": int(both.sum()), "auprc": area(seen), "auprc_vectors": area(given),
            "largest_difference": float(np.abs(seen.p - given.p)[both].max()),
            "other_decisions": int((seen.decision != given.decision).sum())}


def measure(places, name):
    """Compares a cell, or returns what is kept of it."""
    cell = next(c for c in grid() if c.name == name)
    prior = BY_NAME[cell.collection].prior(places)
    key = digest(name, SEED, vectors_digest(places, cell.collection), judge_digest(places, prior),
                 code_digest("pictures", "judged", "planting", "cells"))
    return kept(places, f"pictures-{name}-{key}", lambda: compare(places, cell, prior))


def run(places):
    """Compares the cells."""
    return {name: measure(places, name) for name in CELLS}
