"""One cell that must not fall: its figures are checked before a change is taken, in less than three minutes."""

import os
import sys

import numpy as np

from .cells import grid
from .collections_of_faces import BY_NAME
from .judged import judge
from .measures import calibration_error, verdicts
from .simulated import simulate_noise

CELL, SEEDS = "celeba-8-10", (1, 2)
LEAST_AUPRC, MOST_LOST, MOST_ERROR = 0.985, 0.004, 0.015


def run(bench):
    """Measures the cell and says what has fallen; returns an exit code."""
    cell = next(c for c in grid() if c.name == CELL)
    collection = BY_NAME[cell.collection]
    if not collection.source(bench).is_dir():
        print(f"SKIPPED: the quality floor needs {collection.source(bench)}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    bench.work.mkdir(parents=True, exist_ok=True)
    found = []
    for seed in SEEDS:
        simulated = simulate_noise(bench, cell, seed)
        found.append(verdicts(judge(bench, simulated, collection.prior(bench)), simulated))
    area = np.mean([m["method"]["ours"]["whole"]["auprc"] for m in found])
    d = [m["decisions"]["whole"] for m in found]
    lost = sum(x["clean_lost"] for x in d) / sum(x["clean"] for x in d)
    error = calibration_error(np.sum([m["bins"]["whole"] for m in found], 0))
    print(
        f"{CELL}, {len(SEEDS)} draws: AUPRC {area:.4f} (at least {LEAST_AUPRC}), clean images lost {100 * lost:.2f} % "
        f"(at most {100 * MOST_LOST:.2f}), calibration error {error:.4f} (at most {MOST_ERROR})"
    )
    fallen = area < LEAST_AUPRC or lost > MOST_LOST or error > MOST_ERROR
    if fallen:
        print("the judge has become worse on small labels", file=sys.stderr)
    return int(fallen)
