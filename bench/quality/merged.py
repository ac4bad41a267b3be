"""Labels that hold two people: planted, judged, and measured label by label."""

import concurrent.futures
import dataclasses
import pathlib
import tempfile

import numpy as np

from . import small_sets
from .bench import code_digest, digest
from .collections_of_faces import BY_NAME
from .export import load, read_table
from .judged import judge, judge_digest
from .ranking import even, ranking
from .run_grid import kept, vectors_digest
from .simulated import CLEAN, FLIP, OUTLIER, SimulatedSet

DRAWS = 10
SHARES = .15, .45       # of a host's label that shows the guest
LEAST_KEPT = 4          # images that a guest keeps under his own label, where he keeps it
LEAST_HOST = 5          # images of a host


@dataclasses.dataclass(frozen=True)
class MergedCell:
    """One kind of set with merged labels; a seed makes a draw of it."""

    name: str
    title: str
    collection: str
    hosts: int
    keeps: bool         # the guest has a label of his own beside
    least: int = 10     # images of a host and of a guest, before


def cells():
    """Returns the cells: one whose guests leave their labels and one whose guests keep them, of each set."""
    sets = ("celeba", "CelebA", "celeba-mini", 40), ("vggface2", "VGGFace2 whole", "vggface2-mini", 15)
    return [MergedCell(f"{name}-guests-{word}", f"{title}, guests {word}", collection, hosts, word == "keep")
            for name, title, collection, hosts in sets for word in ("leave", "keep")]


def nearest(directions, host, pool):
    """Returns the person of a pool who is nearest to another."""
    return max(pool, key=lambda p: (float(directions[p] @ directions[host]), p))


def sizes(share, images, most):
    """Returns how many images of a guest and of his host make the guest's share of the label, the host's being cut
    where the guest has too few."""
    guests = max(2, round(share / (1 - share) * images))
    if guests <= most:
        return guests, images
    return most, min(images, max(LEAST_HOST, round(most * (1 - share) / share)))


def plant(bench, cell, seed):
    """Makes a draw of a cell and returns it with its guests by host; every second guest is the nearest person left.
    Guests are no hosts. Where they are fewer than hosts, a guest stands under several labels, with other images."""
    random, of, d = np.random.default_rng(seed), small_sets.images_of(bench, cell.collection), load(bench, cell.collection)
    able = [p for p in sorted(of) if len(of[p]) >= cell.least]
    order = [str(p) for p in random.permutation(able)]
    hosts, rest = order[:cell.hosts], order[cell.hosts:]
    images = {p: random.permutation(of[p]).tolist() for p in sorted(of)}
    directions = {p: d["vectors"][rows].mean(0) for p, rows in of.items()}
    times = -(-len(hosts) // len(rest))
    pool = rest * times
    most = {p: (len(images[p]) - (LEAST_KEPT if cell.keeps else 0)) // times for p in rest}
    guest_of, moved = {}, {}
    for k, host in enumerate(hosts):
        guest = nearest(directions, host, pool) if k % 2 else pool[0]
        pool.remove(guest)
        few, many = sizes(random.uniform(*SHARES), len(images[host]), most[guest])
        guest_of[host], images[host] = guest, images[host][:many]
        moved[host], images[guest] = images[guest][:few], images[guest][few:]
    if not cell.keeps:
        for guest in guest_of.values():
            images[guest] = []
    rows = [(p, p, i, CLEAN) for p in images for i in images[p]]
    rows += [(h, guest_of[h], i, FLIP if cell.keeps else OUTLIER) for h in hosts for i in moved[h]]
    return simulated(d, rows, random), guest_of


def simulated(d, rows, random):
    """Returns the set of rows of label, person, row of the vectors and kind; names of images tell nothing."""
    rows = [rows[i] for i in random.permutation(len(rows))]
    rows = sorted((label, f"{label}/{k:05d}.jpg", true, i, kind) for k, (label, true, i, kind) in enumerate(rows))
    label, path, true, image, kind = map(list, zip(*rows))
    return SimulatedSet(path, label, true, np.array(kind), d["vectors"][image], d["det_score"][image], d["length"][image],
                        d["second"][image])


def outcome(bench, cell, seed, prior):
    """Judges a draw and returns a row a label, and how many images it has."""
    draw, guest_of = plant(bench, cell, seed)
    with tempfile.TemporaryDirectory(dir=bench.work, prefix="merged-") as folder:
        report = pathlib.Path(folder) / "report"
        j = judge(bench, draw, prior, report)
        labels = read_table(report / "identities.arrow").to_pydict()
    label, wrong = np.array(draw.label), draw.kind != CLEAN
    silent = wrong & (j.decision == "keep")
    rows = [{"label": name, "even": bool(even([name])[0]), "host": name in guest_of, "p": p or 0, "flagged": flag == "merged",
             "guests": int((wrong & (label == name)).sum()), "images": int((label == name).sum()),
             "silent": int((silent & (label == name)).sum())}
            for name, p, flag in zip(labels["identity"], labels["p_merged"], labels["flag"])]
    return {"labels": rows}


CODE = code_digest("merged", "small_sets", "judged")


def measure(bench, cell, seed):
    """Measures a draw, or returns what is kept of it."""
    prior = BY_NAME[cell.collection].prior(bench)
    key = digest(dataclasses.asdict(cell), seed, vectors_digest(bench, cell.collection), judge_digest(bench, prior), CODE)
    return kept(bench, f"merged-{cell.name}-{seed}-{key}", lambda: outcome(bench, cell, seed, prior))


def run(bench, jobs, draws=DRAWS):
    """Measures all draws of each cell and returns them by the cell's title."""
    out = {}
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for c in cells():
            out[c.title] = list(pool.map(measure, [bench] * draws, [c] * draws, range(1, draws + 1)))
    return out


def figures(labels):
    """Returns what rows of labels give: precision and recall of the flag, the area under precision and recall of
    p_merged, and the share of all images that are a guest's and kept; None where there is nothing of which it is one."""
    column = lambda key: np.array([x[key] for x in labels])
    host, flagged = column("host").astype(bool), column("flagged").astype(bool)
    share = lambda a, b: float(a / b) if b else None
    return {"precision": share((host & flagged).sum(), flagged.sum()), "recall": share((host & flagged).sum(), host.sum()),
            "auprc": ranking(host, column("p"))["auprc"],
            "silent": share(column("silent").sum(), column("images").sum())}


def intervals(labels, rounds=1000, seed=1):
    """Returns 95 % intervals of the figures: people are drawn anew, each with what became of his label in all draws."""
    random, of = np.random.default_rng(seed), {}
    for x in labels:
        of.setdefault(x["label"], []).append(x)
    people, drawn = [of[name] for name in sorted(of)], {}
    for _ in range(rounds):
        some = figures([x for i in random.integers(len(people), size=len(people)) for x in people[i]])
        for key, value in some.items():
            if value is not None:
                drawn.setdefault(key, []).append(value)
    return {key: tuple(np.quantile(values, [.025, .975])) for key, values in drawn.items()}
