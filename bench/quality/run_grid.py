"""Plants, judges and measures the cells of the grid; what was measured before is kept."""
import concurrent.futures
import dataclasses
import functools
import json
import os
import sys

import numpy as np

from . import measures, peers
from .collections_of_faces import BY_NAME
from .export import left_out, load, vectors_table
from .judged import judge, judge_digest
from .planting import CLEAN, plant
from .places import code_digest, digest, file_digest

PEER_CODE = ("peers", "centroids", "measures", "planting")
OUR_CODE = ("measures", "judged", "planting")


def measure_peers(planting):
    """Measures every setting of every peer on a planting."""
    label, near = planting.numbers(), peers.nearest(planting.vectors)
    everything = np.ones(len(label), bool)
    out = {}
    for name, method in peers.PEERS.items():
        for setting, score in method(planting.vectors, label, near).items():
            m = measures.ranked(planting, score, everything)
            m["f1"] = measures.best_f1(planting.kind != CLEAN, score)
            out.setdefault(name, {})[setting] = m
    return out


def kept(places, key, compute):
    """Returns what is kept under a key, else computes and keeps it."""
    file = places.work / "results" / f"{key}.json"
    if file.exists():
        return json.loads(file.read_text())
    value = compute()
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(value))
    new.rename(file)
    return value


@functools.lru_cache(None)
def vectors_digest(places, collection):
    """Returns the hash of a collection's vectors and of the list of images that stay out."""
    c = BY_NAME[collection]
    load(places, collection)
    return file_digest(vectors_table(places, c)) + file_digest(left_out(places, c))


def measure(places, cell, seed):
    """Measures one planting of a cell; the peers again only where the planting or their code is another."""
    prior = BY_NAME[cell.collection].prior(places)
    judging = judge_digest(places, prior)
    name = f"{cell.name}-{seed}"
    vectors = [vectors_digest(places, c) for c in (cell.collection, cell.strangers) if c]

    def compute():
        planting = plant(places, cell, seed)
        theirs = kept(places, f"{name}-peers-{digest(planting.digest(), code_digest(*PEER_CODE))}", lambda: measure_peers(planting))
        ours = kept(places, f"{name}-ours-{digest(planting.digest(), judging, code_digest(*OUR_CODE))}",
                    lambda: measures.verdicts(judge(places, planting, prior), planting))
        return {"cell": cell.name, "seed": seed, "ours": ours, "peers": theirs}

    key = digest(dataclasses.asdict(cell), seed, judging, vectors, code_digest(*PEER_CODE, *OUR_CODE))
    return kept(places, f"{name}-{key}", compute)


def attempt(places, cell, seed):
    """Measures a planting; a set in which the noise has no room is said and left out."""
    try:
        return measure(places, cell, seed)
    except RuntimeError as e:
        print(f"{cell.name} {seed}: {str(e).strip().splitlines()[-1]}", file=sys.stderr, flush=True)
        return None


def run(places, cells, seeds, jobs):
    """Measures all plantings, the first seeds of every cell first, and returns them by cell."""
    results = {c.name: [] for c in cells}
    work = [(c, s) for s in range(1, seeds + 1) for c in cells]
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for (cell, seed), r in zip(work, pool.map(attempt, [places] * len(work), *zip(*work))):
            if r:
                results[cell.name].append(r)
                print(f"{cell.name} {seed}: AUPRC {r['ours']['method']['ours']['whole']['auprc']:.4f}", file=sys.stderr, flush=True)
    return results
