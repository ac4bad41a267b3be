"""How much more evidence a face of low quality should ask for: what is lost of right and of wrong images without a look.

The limit of p_noise from which an image is dropped or relabelled rises by `missing` log-odds for each unit of quality
below `sufficient`. Both are chosen on the even half of the labels; they stand in cluster/facequality/evidence.go.
"""

import numpy as np

from . import cells, facequality
from .collections_of_faces import BY_NAME
from .export import load, read_images
from .judged import judge
from .ranking import even
from .simulated import CLEAN, simulate_noise

CELLS = ("celeba-20-10", "celeba-8-10", "celeba-4-10")
DROP, UNSURE = 0.95, 0.25
SUFFICIENT, MISSING = (0.6, 0.65, 0.7), (0, 4, 6, 8)
SHIPPED = (0.65, 6)


def odds(p):
    """Returns log-odds."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(p / (1 - p))


def draw(bench, cell, seed, model):
    """Judges a draw, and returns what the limits are tried on."""
    simulated = simulate_noise(bench, cell, seed)
    report = bench.work / "limits"
    judged = judge(bench, simulated, BY_NAME[cell.collection].prior(bench), report)
    rows = read_images(report)
    position = {p: i for i, p in enumerate(rows["path"])}
    at = [position[p] for p in simulated.path]
    number = lambda column: np.array([np.nan if rows[column][i] is None else rows[column][i] for i in at], float)
    # The pictures of a draw are those of its collection, whose report knows them: by their vectors.
    d, pictures = load(bench, cell.collection), read_images(bench.report(cell.collection))
    row = {p: i for i, p in enumerate(pictures["path"])}
    source = {v.tobytes(): row[p] for v, p in zip(d["vectors"], d["path"])}
    of = [source[v.tobytes()] for v in simulated.vectors]
    t = facequality.terms(
        np.array([pictures["landmarks"][i] or [np.nan] * 10 for i in of], float),
        np.array([pictures["sharpness"][i] or np.nan for i in of], float),
        number("det_score"),
        number("length"),
    )
    flip = np.nan_to_num(judged.p_suggested)
    wrong = np.isin(judged.type, ["flip", "outlier"])
    p = np.nan_to_num(judged.p)
    acts = np.where(flip >= DROP, flip, np.where(flip < UNSURE * p, p, 0))  # the probability that a limit is for
    return {
        "acts": np.where(wrong, acts, 0),
        "quality": facequality.quality(model, t),
        "stated": number("quality") if "quality" in rows else None,
        "done": np.isin(judged.decision, ["drop", "relabel"]) & wrong,
        "clean": simulated.kind == CLEAN,
        "judged": ~np.isnan(judged.p),
        "even": even(simulated.label),
    }


def decided(acts, quality, sufficient, missing):
    """Returns which images are dropped or relabelled without a look."""
    return odds(acts) >= odds(DROP) + missing * np.maximum(0, sufficient - np.nan_to_num(quality, nan=1)) - 1e-6


def shares(draws, half, sufficient, missing):
    """Returns the share of right images and that of wrong ones that are dropped or relabelled without a look."""
    counts = np.zeros(4)
    for x in draws:
        part = x["judged"] & (x["even"] if half == "even" else ~x["even"])
        done = decided(x["acts"], x["quality"], sufficient, missing)
        counts += [(part & m & w).sum() for m in (x["clean"], ~x["clean"]) for w in (done, True)]
    return counts[0] / counts[1], counts[2] / counts[3], int(counts[0]), int(counts[1])


def agree(draws):
    """Returns how many of the program's decisions follow from what it states, and how many do not."""
    same = differ = 0
    for x in draws:
        if x["stated"] is not None:
            equal = (decided(x["acts"], x["stated"], *SHIPPED) == x["done"])[x["judged"]]
            same, differ = same + equal.sum(), differ + (~equal).sum()
    return int(same), int(differ)


def run(bench, seeds, model):
    """Tries the limits on draws of celeba-mini, and prints what they lose."""
    for name in CELLS:
        cell = next(c for c in cells.grid() if c.name == name)
        draws = [draw(bench, cell, seed, model) for seed in range(1, seeds + 1)]
        print(f"{name}, {seeds} draws; the program's decisions: {agree(draws)[0]} as stated, {agree(draws)[1]} not")
        tried = [(0, 0)] + [(s, m) for s in SUFFICIENT for m in MISSING if m]
        for s, m in tried:
            line = []
            for half in "even", "odd":
                right, wrong, lost, of = shares(draws, half, s, m)
                line.append(f"{half}: right {100 * right:.3f} % ({lost} of {of}), wrong {100 * wrong:.2f} %")
            print(f"  below {s}, {m} log-odds: " + "; ".join(line) + ("   <- shipped" if (s, m) == SHIPPED else ""))
