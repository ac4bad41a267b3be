"""Cells judged end to end, from pictures: their verdicts must be those from the exported vectors."""

import shutil

import numpy as np

from .cells import grid
from .collections_of_faces import BY_NAME
from .judged import judge, judge_digest, read_judged
from .bench import code_digest, digest
from .simulated import CLEAN, join, simulate
from .ranking import ranking
from .run_grid import kept, vectors_digest

CELLS = ("celeba-8-10", "vggface2-20-10", "facescrub-4up-10")
SEED = 1
CODE = code_digest("pictures", "judged", "simulated", "cells")


def compare(bench, cell, prior):
    """Judges a draw both ways and compares the verdicts."""
    folder = bench.work / "pictures" / cell.name
    shutil.rmtree(folder, ignore_errors=True)
    simulate(bench, cell, SEED, folder)
    simulated = join(bench, cell, folder)
    aligned = ["--aligned"] if BY_NAME[cell.collection].aligned else []
    bench.call(
        "run",
        "--data",
        folder / "faces",
        "--layout",
        "folder",
        *aligned,
        "--store",
        folder / "store",
        "--out",
        folder / "report",
        "--prior",
        prior,
        *bench.engines(),
    )
    seen, given = read_judged(folder / "report", simulated.path), judge(bench, simulated, prior)
    both = ~np.isnan(seen.p) & ~np.isnan(given.p)
    area = lambda j: ranking((simulated.kind != CLEAN)[both], j.p[both])["auprc"]
    shutil.rmtree(folder)
    return {
        "images": len(simulated.path),
        "judged_both": int(both.sum()),
        "auprc": area(seen),
        "auprc_vectors": area(given),
        "largest_difference": float(np.abs(seen.p - given.p)[both].max()),
        "other_decisions": int((seen.decision != given.decision).sum()),
    }


def measure(bench, name):
    """Compares a cell, or returns what is kept of it."""
    cell = next(c for c in grid() if c.name == name)
    prior = BY_NAME[cell.collection].prior(bench)
    key = digest(name, SEED, vectors_digest(bench, cell.collection), judge_digest(bench, prior), CODE)
    return kept(bench, f"pictures-{name}-{key}", lambda: compare(bench, cell, prior))


def run(bench):
    """Compares the cells."""
    return {name: measure(bench, name) for name in CELLS}
