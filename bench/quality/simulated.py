"""Sets with simulated noise, made by `coordinator simulate` and joined with vectors of their images."""
import csv
import dataclasses
import pathlib
import tempfile
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from .collections_of_faces import BY_NAME
from .export import left_out, load, strangers
from .judged import judge
from .bench import digest

CLEAN, FLIP, OUTLIER = 0, 1, 2
WRONG = {"flip": FLIP, "hard-flip": FLIP, "outlier": OUTLIER}


@dataclasses.dataclass
class SimulatedSet:
    """A set's images with their labels, and what is known of them."""

    path: list
    label: list         # where each stands
    true: list          # whose person it shows
    kind: np.ndarray    # CLEAN, FLIP or OUTLIER
    vectors: np.ndarray
    det_score: np.ndarray
    length: np.ndarray
    second: np.ndarray      # of a second look: the detector's score, then the vector; nan: none

    def numbers(self):
        """Returns the labels as numbers from 0, in the order of their names."""
        return np.unique(self.label, return_inverse=True)[1]

    def digest(self):
        """Returns a hash of all that the set is."""
        return digest(self.path, self.label, self.true, self.kind.tobytes(), self.vectors.tobytes(), self.det_score.tobytes(),
                      self.length.tobytes(), self.second.tobytes())

    def write(self, file):
        """Writes the table that the program takes as --vectors."""
        known = lambda x: pa.array([None if np.isnan(v) else float(v) for v in x], pa.float32())
        columns = {"path": self.path, "identity": self.label,
                   "vector": pa.array(list(self.vectors), pa.list_(pa.float32(), self.vectors.shape[1])),
                   "det_score": known(self.det_score), "length": known(self.length)}
        if not np.isnan(self.second).all():
            seen = ~np.isnan(self.second).any(1)
            columns["second_vector"] = pa.array([list(x[1:]) if s else None for x, s in zip(self.second, seen)],
                                                pa.list_(pa.float32()))
            columns["second_det_score"] = known(self.second[:, 0])
        table = pa.table(columns)
        with pa.ipc.new_file(str(file), table.schema) as out:
            out.write_table(table)


def simulate(bench, cell, seed, out):
    """Simulates a cell's noise in its collection."""
    c = BY_NAME[cell.collection]
    load(bench, c.name)
    flags = ["--data", c.source(bench), "--out", out, "--seed", seed, "--leave-out", left_out(bench, c), *cell.flags()]
    if cell.strangers:
        load(bench, cell.strangers)
        flags += ["--outliers-from", strangers(bench, BY_NAME[cell.strangers])]
    if cell.hard_flips:
        flags += ["--report", nearest_people(bench, cell, seed, out.with_name(out.name + "-as-it-is"))]
    bench.call("simulate", *flags)


def nearest_people(bench, cell, seed, folder):
    """Judges the set without noise: its report says who is nearest to whom among the very people that it has."""
    plain = dataclasses.replace(cell, hard_flips=0)
    simulate(bench, plain, seed, folder)
    judge(bench, join(bench, plain, folder), BY_NAME[cell.collection].prior(bench), folder / "report")
    return folder / "report"


def simulate_noise(bench, cell, seed):
    """Makes a set of a cell."""
    with tempfile.TemporaryDirectory(dir=bench.work, prefix="simulated-") as folder:
        made = pathlib.Path(folder) / "set"
        simulate(bench, cell, seed, made)
        return join(bench, cell, made)


def join(bench, cell, folder):
    """Joins a simulated set with the vectors of the images that it is made of."""
    own = load(bench, cell.collection)
    own_folder = str(BY_NAME[cell.collection].source(bench))
    with open(folder / "truth" / "truth.csv", newline="") as f:
        wrong = {row["path"]: WRONG[row["issue"]] for row in csv.DictReader(f)}
    path, label, true, kind, vectors, det_score, length, second = [], [], [], [], [], [], [], []
    with open(folder / "sources.csv", newline="") as f:
        for row in csv.DictReader(f):
            d = own if row["source"] == own_folder else load(bench, cell.strangers)
            i = d["position"][row["source_path"]]
            path.append(row["path"])
            label.append(unquote(row["path"].split("/")[0]))
            true.append(unquote(row["true_identity"]))
            kind.append(wrong.get(row["path"], CLEAN))
            vectors.append(d["vectors"][i])
            det_score.append(d["det_score"][i])
            length.append(d["length"][i])
            second.append(d["second"][i])
    return SimulatedSet(path, label, true, np.array(kind), np.array(vectors), np.array(det_score), np.array(length),
                        np.array(second))
