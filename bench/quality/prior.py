"""Learns the weights that the judge ships with, and those without each collection, by which that collection is judged here."""
import concurrent.futures
import csv
import io
import json
import os
import subprocess
import tempfile

import numpy as np

from . import few, weights
from .cells import Cell
from .export import load
from .places import ROOT, code_digest, digest, file_digest
from .planting import CLEAN, plant
from .run_grid import vectors_digest

# Sets of each collection that weights are learnt from. The seeds are none of the grid's.
SEEDS = (1001, 1002)
FEW_SEEDS = range(1001, 1041)
WEIGHT = 3000   # of a collection's images in all
RIDGE, FEW_RIDGE = 1, 10

GENERIC = {"impostor_mean": .02, "impostor_spread": .115, "log_length": 2.83, "detector": .93}


def cells():
    """Returns the cells of each collection that weights are learnt from."""
    v = dict(collection="vggface2-mini", strangers="celeba-mini", least=10)
    return {
        "celeba-mini": [Cell(f"prior-celeba-{n}", "", "celeba-mini", "", per_identity=n, least=least) for n, least in ((20, 15), (8, 8), (4, 4))],
        "vggface2-mini": [Cell(f"prior-vggface2-{n}", "", group="", per_identity=n, **v) for n in (0, 20, 8, 4)],
        "facescrub-mini": [Cell("prior-facescrub", "", "facescrub-mini", "", least=4, hold_back=40)],
        "lfw": [Cell("prior-lfw", "", "lfw", "", least=4, hold_back=40, per_identity=30)],
    }


def observe(places, planting):
    """Returns what the judge's model of a planting is fitted to: paths, kinds, shares, and features by their names."""
    with tempfile.TemporaryDirectory(dir=places.work, prefix="observing-") as folder:
        table, store = f"{folder}/vectors.arrow", f"{folder}/store"
        planting.write(table)
        places.call("run", "--vectors", table, "--store", store, "--out", f"{folder}/report")
        run, = os.listdir(f"{store}/runs")
        done = subprocess.run([str(observations(places)), store, run], capture_output=True, text=True, check=True)
    rows = list(csv.reader(io.StringIO(done.stdout)))
    names = rows[0][3:]
    return ([r[0] for r in rows[1:]], np.array([int(r[1]) for r in rows[1:]]), np.array([float(r[2]) for r in rows[1:]]), names,
            np.array([[float(x) for x in r[3:]] for r in rows[1:]]))


def observations(places):
    """Returns the program that prints observations."""
    return places.work / "observations"


def learnt_from(places, planting):
    """Returns features, kinds and shares of the images of a planting that stand under their right label, and names."""
    right = {p for p, k in zip(planting.path, planting.kind) if k == CLEAN}
    path, kind, share, names, x = observe(places, planting)
    keep = np.array([p in right for p in path])
    return x[keep], kind[keep], share[keep], names


def table(places, name, make):
    """Returns what is learnt from a planting, kept under a name."""
    file = places.work / "observed" / f"{name}.npz"
    if not file.exists():
        x, kind, share, names = learnt_from(places, make())
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file.with_suffix(".new.npz"), x=x, kind=kind, share=share, names=names)
        file.with_suffix(".new.npz").rename(file)
    with np.load(file) as d:
        return d["x"], d["kind"], d["share"], [str(n) for n in d["names"]]


def observe_cell(places, cell, seed):
    """Returns what is learnt from a planting of a cell; each weighs the same in all."""
    key = digest(cell, seed, vectors_digest(places, cell.collection), file_digest(observations(places)), code_digest("planting"))
    x, kind, share, names = table(places, f"{cell.name}-{seed}-{key}", lambda: plant(places, cell, seed))
    return x, kind, share * WEIGHT / (kind == 0).sum(), names


def observe_few(places, name, seed):
    """Returns what is learnt from a set of few people."""
    key = digest(name, seed, vectors_digest(places, name), file_digest(observations(places)), code_digest("few"))
    return table(places, f"prior-few-{name}-{seed}-{key}", lambda: few.draw_any(places, name, seed))


def observe_all(places, jobs):
    """Returns what is learnt from each collection: its cells' and its small sets'."""
    subprocess.run(["go", "build", "-trimpath", "-o", str(observations(places)), "./bench/quality/observations"], cwd=ROOT, check=True)
    for name in cells():
        load(places, name)
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        many = {n: [(pool.submit(observe_cell, places, c, s), len(cs)) for c in cs for s in SEEDS] for n, cs in cells().items()}
        small = {n: [pool.submit(observe_few, places, n, s) for s in FEW_SEEDS] for n in cells()}
        return ({n: [(f.result(), k) for f, k in fs] for n, fs in many.items()},
                {n: [f.result() for f in fs] for n, fs in small.items()})


def learn(many, small, without):
    """Learns the weights of all collections but one."""
    used = [n for n in sorted(many) if n != without]
    sets = [(x, kind, share / k, names) for n in used for (x, kind, share, names), k in many[n]]
    names = sets[0][3]
    x, kind, weight = (np.concatenate([s[i] for s in sets]) for i in range(3))
    center, scale = weights.moments(x, weight)
    b = weights.fit((x - center) / scale, kind, weight, names, RIDGE)
    x, kind, weight = (np.concatenate([s[i] for n in used for s in small[n]]) for i in range(3))
    b_few = weights.fit((x - center) / scale, kind, weight, names, FEW_RIDGE, b)
    features = lambda values: {n: float(f"{v:.6g}") for n, v in zip(names, values)}
    by_kind = lambda rows: {k: features(r) for k, r in zip(weights.KINDS, rows)}
    return {"collections": used, "units": GENERIC, "feature_center": features(center), "feature_scale": features(scale),
            "weights": by_kind(b), "few_weights": by_kind(b_few), "calibration": {"intercept": 0, "slope": 1}}


def write(file, prior):
    """Writes a prior as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(prior, indent=2, sort_keys=True) + "\n")


def run(places, jobs):
    """Learns and writes all priors: the shipped one, and one without each collection."""
    many, small = observe_all(places, jobs)
    for name in cells():
        write(places.priors / f"without-{name}.json", {"name": f"without-{name}", **learn(many, small, name)})
    write(ROOT / "cluster" / "labelnoise" / "prior.json", {"name": "generic-1", **learn(many, small, None)})
