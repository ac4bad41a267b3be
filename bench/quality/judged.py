"""The program's verdicts on a planting, given its vectors."""
import dataclasses
import json
import pathlib
import shutil
import tempfile

import numpy as np

from .export import read_images
from .places import digest, file_digest


@dataclasses.dataclass
class Judged:
    """What a report says of the images of a planting, in their order, and of the set."""

    p: np.ndarray           # p_noise; nan: not judged
    decision: np.ndarray
    suggested: np.ndarray   # "": none
    summary: dict


def judge_digest(places, prior):
    """Returns the hash of what decides on verdicts beside the planting."""
    return digest(file_digest(places.program), file_digest(prior) if prior else "shipped")


def read_judged(report, paths):
    """Reads a report's verdicts, in the order of paths."""
    rows = read_images(report)
    place = {p: i for i, p in enumerate(rows["path"])}
    order = [place[p] for p in paths]
    take = lambda column, none: np.array([rows[column][i] if rows[column][i] is not None else none for i in order])
    summary = json.loads((report / "summary.json").read_text())
    return Judged(take("p_noise", np.nan), take("decision", ""), take("suggested_identity", ""), summary)


def judge(places, planting, prior, report=None):
    """Runs the program on a planting's vectors, and keeps the report where a folder is named for it."""
    places.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.work, prefix="judging-") as folder:
        table, report = f"{folder}/vectors.arrow", report or pathlib.Path(folder) / "report"
        planting.write(table)
        flags = ["--prior", prior] if prior else []
        places.call("run", "--vectors", table, "--store", f"{folder}/store", "--out", report, *flags)
        judged = read_judged(report, planting.path)
        shutil.rmtree(f"{folder}/store")
    return judged
