"""What each input and rule of the judge is worth: weights learnt again without it, and the same draws judged by them."""

import concurrent.futures
import dataclasses
import pickle

import numpy as np

from . import cells, prior, ranking, summary, tables
from .bench import code_digest, digest
from .judged import judge, judge_digest
from .run_grid import kept, vectors_digest
from .simulated import CLEAN, simulate_noise

# The features that an input of the judge makes, by the input.
INPUTS = {
    "own centroid": {"own", "own_squared", "own_other", "own_detector", "own_length"},
    "other centroid": {"other", "other_squared", "own_other", "other_detector", "other_length"},
    "vote of ten images": {"vote"},
    "five nearest own images": {"five_own_images"},
    "five nearest other images": {"five_other_images"},
    "all of images": {"vote", "five_own_images", "five_other_images"},
    "typical own score": {"typical_own"},
    "detector's score": {"detector", "own_detector", "other_detector"},
    "length": {"length", "own_length", "other_length"},
    "squares and products": {
        "own_squared",
        "other_squared",
        "own_other",
        "own_detector",
        "other_detector",
        "own_length",
        "other_length",
    },
}
SIGNS = "signs of weights"  # any sign instead of the one that a feature's meaning asks for
NOTHING = "nothing"
VARIANTS = {NOTHING: set(), **INPUTS, SIGNS: set()}
CELLS = ("celeba-20-10", "celeba-8-10", "celeba-4-10", "celeba-20-hard", "facescrub-4up-10")
DRAWS = 5
CODE = code_digest("ablations", "prior", "weights")
OFF = 1e9  # a scale that leaves nothing of a feature, whatever its weight


def learn_without(many, small, collection, name):
    """Learns a prior without a collection and without an input or a rule."""
    left_out = VARIANTS[name]

    def cut(sets):
        x, kind, share, names = sets
        keep = [i for i, n in enumerate(names) if n not in left_out]
        return x[:, keep], kind, share, [names[i] for i in keep]

    p = prior.learn(
        {n: [(cut(s), k) for s, k in sets] for n, sets in many.items()},
        {n: [cut(s) for s in sets] for n, sets in small.items()},
        collection,
        signed=name != SIGNS,
    )
    for feature in left_out:
        p["feature_center"][feature], p["feature_scale"][feature] = 0, OFF
        for by_feature in (*p["weights"].values(), *p["few_weights"].values()):
            by_feature[feature] = 0
    return {"name": f"without-{collection}", **p}


def areas(bench, cell, seed, files):
    """Returns the AUPRC of a draw by each prior; the draw is simulated once."""
    drawn = []

    def area(file):
        if not drawn:
            drawn.append(simulate_noise(bench, cell, seed))
        p = judge(bench, drawn[0], file).p
        known = ~np.isnan(p)
        return ranking.ranking((drawn[0].kind != CLEAN)[known], p[known])["auprc"]

    out = {}
    for (name, collection), file in files.items():
        if collection == cell.collection:
            key = digest(dataclasses.asdict(cell), seed, vectors_digest(bench, collection), judge_digest(bench, file))
            out[name] = kept(bench, f"ablation-{cell.name}-{seed}-{key}", lambda: area(file))
    return out


def run(bench, jobs):
    """Measures all ablations: AUPRC by what is left out, then by cell, draw by draw."""
    many, small = prior.observe_all(bench, jobs)
    grid = [c for c in cells.grid() if c.name in CELLS]
    files, observed = {}, digest(pickle.dumps((many, small)))
    for collection in sorted({c.collection for c in grid}):
        for name in VARIANTS:
            file = bench.work / "ablations" / f"{name.replace(' ', '-')}-{collection}.json"
            key = digest(name, collection, observed, CODE)
            prior.write(file, kept(bench, f"weights-{name.replace(' ', '-')}-{collection}-{key}",
                                   lambda: learn_without(many, small, collection, name)))
            files[name, collection] = file
    work = [(c, seed) for seed in range(1, DRAWS + 1) for c in grid]
    out = {}
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for (c, _), found in zip(work, pool.map(areas, [bench] * len(work), *zip(*work), [files] * len(work))):
            for name, value in found.items():
                out.setdefault(name, {}).setdefault(c.name, []).append(value)
    return out


def table(cells, results):
    """Returns the table of what each input and rule is worth: AUPRC without it less that with all, paired by draws."""
    everything = results[NOTHING]
    used = [c for c in cells if c.name in everything]
    rows = [["all", *[tables.figure(*summary.mean_error(everything[c.name])) for c in used]]]
    for name in [n for n in VARIANTS if n != NOTHING]:
        less = [np.array(results[name][c.name]) - np.array(everything[c.name]) for c in used]
        rows.append([f"without {name}", *[tables.signed(*summary.mean_error(x)) for x in less]])
    return tables.table(["", *[c.title for c in used]], rows)
