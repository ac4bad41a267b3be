"""Simulates noise, judges and measures the cells of the grid; what was measured before is kept."""

import concurrent.futures
import dataclasses
import functools
import json
import os
import sys

import numpy as np

from . import measures, peers, ranking
from .collections_of_faces import BY_NAME
from .export import left_out, load, vectors_table
from .judged import judge, judge_digest
from .simulated import CLEAN, simulate_noise
from .bench import code_digest, digest, file_digest

# Hashed as they are loaded: a file that changes meanwhile is not what computes.
PEER_CODE = code_digest("peers", "centroids", "ranking")
SET_CODE = code_digest("simulated")
OUR_CODE = code_digest("measures", "ranking", "judged")


def measure_peers(simulated):
    """Measures every setting of every peer on a draw."""
    label, near = simulated.numbers(), peers.nearest(simulated.vectors)
    everything = np.ones(len(label), bool)
    out = {}
    for name, method in peers.PEERS.items():
        for setting, score in method(simulated.vectors, label, near).items():
            m = ranking.ranked(simulated, score, everything)
            m["f1"] = ranking.best_f1(simulated.kind != CLEAN, score)
            out.setdefault(name, {})[setting] = m
    return out


def kept(bench, key, compute):
    """Returns what is kept under a key, else computes and keeps it."""
    file = bench.work / "results" / f"{key}.json"
    if file.exists():
        return json.loads(file.read_text())
    value = compute()
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(value))
    new.rename(file)
    return value


@functools.lru_cache(None)
def vectors_digest(bench, collection):
    """Returns the hash of a collection's vectors and of the list of images that stay out."""
    c = BY_NAME[collection]
    load(bench, collection)
    return file_digest(vectors_table(bench, c)) + file_digest(left_out(bench, c))


def measure(bench, cell, seed):
    """Measures one draw of a cell; the peers again only where the draw or their code is another."""
    prior = BY_NAME[cell.collection].prior(bench)
    judging = judge_digest(bench, prior)
    name = f"{cell.name}-{seed}"
    vectors = [vectors_digest(bench, c) for c in (cell.collection, cell.strangers) if c]

    def compute():
        simulated = simulate_noise(bench, cell, seed)
        theirs = kept(
            bench, f"{name}-peers-{digest(simulated.digest(), PEER_CODE)}", lambda: measure_peers(simulated)
        )
        ours = kept(
            bench,
            f"{name}-ours-{digest(simulated.digest(), judging, OUR_CODE)}",
            lambda: measures.verdicts(judge(bench, simulated, prior), simulated),
        )
        return {"cell": cell.name, "seed": seed, "ours": ours, "peers": theirs}

    key = digest(dataclasses.asdict(cell), seed, judging, vectors, PEER_CODE, OUR_CODE, SET_CODE)
    return kept(bench, f"{name}-{key}", compute)


def attempt(bench, cell, seed):
    """Measures a draw; a set in which the noise has no room is said and left out."""
    try:
        return measure(bench, cell, seed)
    except RuntimeError as e:
        print(f"{cell.name} {seed}: {str(e).strip().splitlines()[-1]}", file=sys.stderr, flush=True)
        return None


def run(bench, cells, seeds, jobs):
    """Measures all draws, the first seeds of every cell first, and returns them by cell."""
    for collection in sorted({name for c in cells for name in (c.collection, c.strangers) if name}):
        load(bench, collection)
    results = {c.name: [] for c in cells}
    work = [(c, s) for s in range(1, seeds + 1) for c in cells if s <= c.most_draws]
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for (cell, seed), r in zip(work, pool.map(attempt, [bench] * len(work), *zip(*work))):
            if r:
                results[cell.name].append(r)
                print(
                    f"{cell.name} {seed}: AUPRC {r['ours']['method']['ours']['whole']['auprc']:.4f}",
                    file=sys.stderr,
                    flush=True,
                )
    return results
