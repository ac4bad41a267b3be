"""The program's verdicts on a draw, given its vectors."""
import dataclasses
import json
import pathlib
import shutil
import tempfile

import numpy as np

from .export import read_images
from .bench import digest, file_digest


@dataclasses.dataclass
class Judged:
    """What a report says of the images of a draw, in their order, and of the set."""

    p: np.ndarray           # p_noise; nan: not judged
    type: np.ndarray
    decision: np.ndarray
    suggested: np.ndarray   # "": none
    p_suggested: np.ndarray # nan: not given
    summary: dict
    second_look: np.ndarray # "": looked at once


def judge_digest(bench, prior):
    """Returns the hash of what decides on verdicts beside the draw."""
    return digest(file_digest(bench.program), file_digest(prior) if prior else "shipped")


def read_judged(report, paths):
    """Reads a report's verdicts, in the order of paths."""
    rows = read_images(report)
    position = {p: i for i, p in enumerate(rows["path"])}
    order = [position[p] for p in paths]
    take = lambda column, none: np.array([rows[column][i] if rows[column][i] is not None else none for i in order])
    summary = json.loads((report / "summary.json").read_text())
    return Judged(take("p_noise", np.nan), take("type", ""), take("decision", ""), take("suggested_identity", ""),
                  take("p_suggested", np.nan), summary, take("second_look", ""))


def judge(bench, simulated, prior, report=None):
    """Runs the program on a draw's vectors, and keeps the report where a folder is named for it."""
    bench.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=bench.work, prefix="judging-") as folder:
        table, report = f"{folder}/vectors.arrow", report or pathlib.Path(folder) / "report"
        simulated.write(table)
        flags = ["--prior", prior] if prior else []
        bench.call("run", "--vectors", table, "--store", f"{folder}/store", "--out", report, *flags)
        judged = read_judged(report, simulated.path)
        shutil.rmtree(f"{folder}/store")
    return judged
