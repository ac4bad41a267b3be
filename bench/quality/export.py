"""Computes the vectors of every collection once, by the program itself, and keeps them as tables."""

import csv
import functools
import io
import json
import os
import shutil
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from .collections_of_faces import BY_NAME
from .bench import ROOT


def read_table(path):
    """Reads one Arrow file."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def read_images(report):
    """Reads a report's table of images as lists by column."""
    parts = sorted((report / "images").glob("*.arrow"))
    return pa.concat_tables([read_table(p) for p in parts]).to_pydict()


def make_source(bench, c):
    """Draws the faces, or cuts the aligned ones out of their photographs."""
    if c.drawn:
        bench.call(
            "synth",
            "--out",
            bench.work / "drawn",
            "--clean",
            "--identities",
            c.identities,
            "--images",
            c.images,
            "--references",
            0,
        )
    elif c.parent:
        export(bench, BY_NAME[c.parent])
        parent = BY_NAME[c.parent]
        subprocess.run(
            [
                "go",
                "run",
                "./bench/quality/crops",
                "--report",
                str(bench.report(c.parent)),
                "--data",
                str(parent.source(bench)),
                "--out",
                str(c.source(bench)),
            ],
            cwd=ROOT,
            check=True,
        )


def run_collection(bench, c):
    """Cleans a collection; the second time its report is there."""
    flags = ["--data", c.source(bench), "--store", bench.work / "store", "--out", bench.report(c.name),
             "--second-look", "off"]
    if c.drawn:
        flags += [
            "--manifest",
            bench.work / "drawn" / "faces.csv",
            "--model",
            "builtin",
            "--detector",
            "none",
        ]
    if c.aligned:
        flags += ["--aligned", "--layout", "folder"]
    bench.call("run", *flags, *bench.engines())


def vectors_table(bench, c):
    """Returns the table of a collection's vectors."""
    return bench.work / "vectors" / f"{c.name}.npz"


def export(bench, c):
    """Writes a collection's vectors, detector scores and lengths, and the list of images to leave out."""
    table = vectors_table(bench, c)
    if table.exists():
        write_left_out(bench, c, read_images(bench.report(c.name)))
        return
    make_source(bench, c)
    run_collection(bench, c)
    rows = read_images(bench.report(c.name))
    objects, kept, vectors = {}, [], []
    for i, (name, row) in enumerate(zip(rows["vector_object"], rows["vector_row"])):
        if name is None:
            continue
        if name not in objects:
            column = read_table(bench.work / "store" / name)["vector"].combine_chunks()
            objects[name] = np.asarray(column.values).reshape(len(column), -1).astype(np.float32)
        kept.append(i)
        vectors.append(objects[name][row])
    vectors = np.array(vectors)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    number = lambda column: np.array(
        [rows[column][i] if rows[column][i] is not None else np.nan for i in kept], np.float32
    )
    table.parent.mkdir(parents=True, exist_ok=True)
    write_left_out(bench, c, rows)
    np.savez(
        table,
        vectors=vectors,
        path=np.array([rows["path"][i] for i in kept]),
        det_score=number("det_score"),
        length=number("length"),
    )


def run_of(bench, c):
    """Returns the id of the run that cleaned a collection."""
    for source in sorted((bench.work / "store" / "runs").glob("*/source.json")):
        if json.loads(source.read_text())["sources"][0]["url"] == str(c.source(bench)):
            return source.parent.name
    raise RuntimeError(f"no run of {c.name} in {bench.work / 'store'}")


def looks(bench, c):
    """Returns what a second look at each image of a collection gave, by path: the detector's score and the vector."""
    if c.aligned or c.drawn:
        return {}
    table = bench.work / "looks" / f"{c.name}.csv"
    if not table.exists():
        table.parent.mkdir(parents=True, exist_ok=True)
        flags = ["--store", bench.work / "store", "--run", run_of(bench, c), "--data", c.source(bench),
                 *bench.engines()]
        new = table.with_suffix(f".{os.getpid()}")
        with open(new, "wb") as out:
            subprocess.run(["go", "run", "./bench/quality/looks", *map(str, flags)], cwd=ROOT, stdout=out, check=True)
        new.rename(table)
    with open(table, newline="") as f:
        return {row[0]: np.array(row[1:], np.float32) for row in csv.reader(f)}


def left_out(bench, c):
    """Returns the table of images that stay out of a collection."""
    return bench.work / "left-out" / f"{c.name}.csv"


def write_left_out(bench, c, rows):
    """Lists the images with wrong labels of their own, without a vector, and second copies, as they are known today."""
    out = c.natural(bench)
    out |= {p for p, fault, copy in zip(rows["path"], rows["error"], rows["duplicate_of"]) if fault or copy}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path"])
    writer.writerows([p] for p in sorted(out))
    name = left_out(bench, c)
    if name.exists() and name.read_text() == text.getvalue():
        return
    name.parent.mkdir(parents=True, exist_ok=True)
    new = name.with_suffix(f".{os.getpid()}")
    new.write_text(text.getvalue())
    new.rename(name)
    shutil.rmtree(bench.work / "strangers" / c.name, ignore_errors=True)


def strangers(bench, c):
    """Returns a folder of links to a collection without the images to leave out: it gives outliers to another."""
    folder = bench.work / "strangers" / c.name
    if folder.exists():
        return folder
    with open(left_out(bench, c), newline="") as f:
        out = {row["path"] for row in csv.DictReader(f)}
    source, new = c.source(bench), folder.with_suffix(f".{os.getpid()}")
    for path in load(bench, c.name)["path"]:
        if path not in out:
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).symlink_to(source / path)
    try:
        new.rename(folder)
    except OSError:  # somebody else was faster
        shutil.rmtree(new)
    return folder


@functools.lru_cache(None)
def load(bench, name):
    """Returns a collection's vectors and what is known beside them, and the place of each path."""
    c = BY_NAME[name]
    export(bench, c)
    d = dict(np.load(vectors_table(bench, c)))
    d["position"] = {p: i for i, p in enumerate(d["path"])}
    second = looks(bench, c)
    nothing = np.full(1 + d["vectors"].shape[1], np.nan, np.float32)
    d["second"] = np.array([second.get(p, nothing) for p in d["path"]])
    return d
