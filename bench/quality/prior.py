"""Learns the weights that the judge ships with, and those without each collection, by which that collection is judged here."""
import concurrent.futures
import csv
import io
import json
import os
import subprocess
import tempfile

import numpy as np

from . import small_sets, weights
from .cells import Cell
from .export import load
from .bench import ROOT, code_digest, digest, file_digest
from .simulated import CLEAN, simulate_noise
from .judged import judge
from .ranking import even
from .run_grid import vectors_digest

# Sets of each collection that weights are learnt from. The seeds are none of the grid's.
SEEDS = (1001, 1002)
FEW_SEEDS = range(1001, 1041)
WEIGHT = 3000   # of a collection's images in all
RIDGE, FEW_RIDGE = 1, 10

UNCALIBRATED = {"intercept": 0, "slope": 1}
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


def observe(bench, simulated):
    """Returns what the judge's model of a simulated set is fitted to: paths, kinds, shares, and features by their names."""
    with tempfile.TemporaryDirectory(dir=bench.work, prefix="observing-") as folder:
        table, store = f"{folder}/vectors.arrow", f"{folder}/store"
        simulated.write(table)
        bench.call("run", "--vectors", table, "--store", store, "--out", f"{folder}/report")
        run, = os.listdir(f"{store}/runs")
        done = subprocess.run([str(observations(bench)), store, run], capture_output=True, text=True, check=True)
    rows = list(csv.reader(io.StringIO(done.stdout)))
    names = rows[0][3:]
    return ([r[0] for r in rows[1:]], np.array([int(r[1]) for r in rows[1:]]), np.array([float(r[2]) for r in rows[1:]]), names,
            np.array([[float(x) for x in r[3:]] for r in rows[1:]]))


def observations(bench):
    """Returns the program that prints observations."""
    return bench.work / "observations"


def learnt_from(bench, simulated):
    """Returns features, kinds and shares of the images of a simulated set that stand under their right label, and names."""
    right = {p for p, k in zip(simulated.path, simulated.kind) if k == CLEAN}
    path, kind, share, names, x = observe(bench, simulated)
    keep = np.array([p in right for p in path])
    return x[keep], kind[keep], share[keep], names


def table(bench, name, make):
    """Returns what is learnt from a simulated set, kept under a name."""
    file = bench.work / "observed" / f"{name}.npz"
    if not file.exists():
        x, kind, share, names = learnt_from(bench, make())
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file.with_suffix(".new.npz"), x=x, kind=kind, share=share, names=names)
        file.with_suffix(".new.npz").rename(file)
    with np.load(file) as d:
        return d["x"], d["kind"], d["share"], [str(n) for n in d["names"]]


def observe_cell(bench, cell, seed):
    """Returns what is learnt from a draw of a cell; each weighs the same in all."""
    key = digest(cell, seed, vectors_digest(bench, cell.collection), file_digest(observations(bench)), code_digest("simulated"))
    x, kind, share, names = table(bench, f"{cell.name}-{seed}-{key}", lambda: simulate_noise(bench, cell, seed))
    return x, kind, share * WEIGHT / (kind == 0).sum(), names


def observe_few(bench, name, seed):
    """Returns what is learnt from a set of few people."""
    key = digest(name, seed, vectors_digest(bench, name), file_digest(observations(bench)), code_digest("small_sets"))
    return table(bench, f"prior-few-{name}-{seed}-{key}", lambda: small_sets.draw_any(bench, name, seed))


def observe_all(bench, jobs):
    """Returns what is learnt from each collection: its cells' and its small sets'."""
    subprocess.run(["go", "build", "-trimpath", "-buildvcs=false", "-o", str(observations(bench)), "./bench/quality/observations"], cwd=ROOT, check=True)
    for name in cells():
        load(bench, name)
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        many = {n: [(pool.submit(observe_cell, bench, c, s), len(cs)) for c in cs for s in SEEDS] for n, cs in cells().items()}
        small = {n: [pool.submit(observe_few, bench, n, s) for s in FEW_SEEDS] for n in cells()}
        return ({n: [(f.result(), k) for f, k in fs] for n, fs in many.items()},
                {n: [f.result() for f in fs] for n, fs in small.items()})


def learn(many, small, without, signed=True):
    """Learns the weights of all collections but one."""
    used = [n for n in sorted(many) if n != without]
    sets = [(x, kind, share / k, names) for n in used for (x, kind, share, names), k in many[n]]
    names = sets[0][3]
    x, kind, weight = (np.concatenate([s[i] for s in sets]) for i in range(3))
    center, scale = weights.moments(x, weight)
    b = weights.fit((x - center) / scale, kind, weight, names, RIDGE, signed=signed)
    x, kind, weight = (np.concatenate([s[i] for n in used for s in small[n]]) for i in range(3))
    b_few = weights.fit((x - center) / scale, kind, weight, names, FEW_RIDGE, b, signed)
    features = lambda values: {n: float(f"{v:.6g}") for n, v in zip(names, values)}
    by_kind = lambda rows: {k: features(r) for k, r in zip(weights.KINDS, rows)}
    return {"collections": used, "units": GENERIC, "feature_center": features(center), "feature_scale": features(scale),
            "weights": by_kind(b), "few_weights": by_kind(b_few), "calibration": UNCALIBRATED,
            "calibration_without_detector": UNCALIBRATED}


def write(file, prior):
    """Writes a prior as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(prior, indent=2, sort_keys=True) + "\n")


def log_odds_of(bench, cell, seed, prior, detector):
    """Returns the log-odds that the judge states on the even half of a draw's labels, and which images are wrong."""
    simulated = simulate_noise(bench, cell, seed)
    if not detector:
        simulated.det_score[:] = simulated.second[:] = np.nan
    p = judge(bench, simulated, prior).p
    known = even(simulated.label) & ~np.isnan(p)
    p = np.clip(p[known].astype(float), 1e-9, 1 - 1e-6)
    return np.log(p / (1 - p)), (simulated.kind != CLEAN)[known]


def calibrate(bench, jobs, detector):
    """Returns how stated log-odds become those that hold in the mean over the collections, each judged by weights of the
    others: with its detector's scores, or without."""
    found = []
    for seed in SEEDS:
        with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
            draws = [
                (pool.submit(log_odds_of, bench, c, seed, without(bench, n), detector), len(cs))
                for n, cs in cells().items()
                for c in cs
            ]
            found += [(*f.result(), k) for f, k in draws]
    return weights.fit_line(
        np.concatenate([s for s, _, _ in found]),
        np.concatenate([w for _, w, _ in found]),
        np.concatenate([np.full(len(s), 1 / (len(s) * k)) for s, _, k in found]),
    )


def without(bench, name):
    """Returns the file of the prior without a collection."""
    return bench.priors / f"without-{name}.json"


def run(bench, jobs):
    """Learns and writes all priors: the shipped one, and one without each collection."""
    many, small = observe_all(bench, jobs)
    files = {without(bench, n): {"name": f"without-{n}", **learn(many, small, n)} for n in cells()}
    for file, prior in files.items():
        write(file, prior)
    lines = {"calibration": calibrate(bench, jobs, True), "calibration_without_detector": calibrate(bench, jobs, False)}
    files[ROOT / "cluster" / "labelnoise" / "prior.json"] = {"name": "generic-1", **learn(many, small, None)}
    for file, prior in files.items():
        write(file, {**prior, **lines})
