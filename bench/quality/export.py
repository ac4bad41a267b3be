"""Computes the vectors of every collection once, by the program itself, and keeps them as tables."""
import csv
import functools
import json
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from .collections_of_faces import BY_NAME
from .places import ROOT


def read_table(path):
    """Reads one Arrow file."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def read_images(report):
    """Reads a report's table of images as lists by column."""
    parts = sorted((report / "images").glob("*.arrow"))
    return pa.concat_tables([read_table(p) for p in parts]).to_pydict()


def make_source(places, c):
    """Draws the faces, or cuts the aligned ones out of their photographs."""
    if c.drawn:
        places.call("synth", "--out", places.work / "drawn", "--clean", "--identities", c.identities,
                    "--images", c.images, "--references", 0)
    elif c.parent:
        export(places, BY_NAME[c.parent])
        parent = BY_NAME[c.parent]
        subprocess.run(["go", "run", "./bench/quality/crops", "--report", str(places.report(c.parent)),
                        "--data", str(parent.source(places)), "--out", str(c.source(places))], cwd=ROOT, check=True)


def run_collection(places, c):
    """Cleans a collection; the second time its report is there."""
    flags = ["--data", c.source(places), "--store", places.work / "store", "--out", places.report(c.name)]
    if c.drawn:
        flags += ["--manifest", places.work / "drawn" / "faces.csv", "--model", "builtin", "--detector", "none"]
    if c.aligned:
        flags += ["--aligned", "--layout", "folder"]
    places.call("run", *flags, *places.engines())


def vectors_table(places, c):
    """Returns the table of a collection's vectors."""
    return places.work / "vectors" / f"{c.name}.npz"


def export(places, c):
    """Writes a collection's vectors, detector scores and lengths, and the list of images to leave out."""
    table = vectors_table(places, c)
    if table.exists():
        return
    make_source(places, c)
    run_collection(places, c)
    rows = read_images(places.report(c.name))
    objects, kept, vectors = {}, [], []
    for i, (name, row) in enumerate(zip(rows["vector_object"], rows["vector_row"])):
        if name is None:
            continue
        if name not in objects:
            column = read_table(places.work / "store" / name)["vector"].combine_chunks()
            objects[name] = np.asarray(column.values).reshape(len(column), -1).astype(np.float32)
        kept.append(i)
        vectors.append(objects[name][row])
    vectors = np.array(vectors)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    number = lambda column: np.array([rows[column][i] if rows[column][i] is not None else np.nan for i in kept], np.float32)
    table.parent.mkdir(parents=True, exist_ok=True)
    write_left_out(places, c, rows)
    np.savez(table, vectors=vectors, path=np.array([rows["path"][i] for i in kept]), det_score=number("det_score"),
             length=number("length"))


def left_out(places, c):
    """Returns the table of images that stay out of a collection."""
    return places.work / "left-out" / f"{c.name}.csv"


def write_left_out(places, c, rows):
    """Lists the images with wrong labels of their own, without a vector, and second copies."""
    out = c.natural(places)
    out |= {p for p, fault, copy in zip(rows["path"], rows["error"], rows["duplicate_of"]) if fault or copy}
    name = left_out(places, c)
    name.parent.mkdir(parents=True, exist_ok=True)
    with open(name, "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["path"])
        writer.writerows([p] for p in sorted(out))


def strangers(places, c):
    """Returns a folder of links to a collection without the images to leave out: it gives outliers to another."""
    folder = places.work / "strangers" / c.name
    if not folder.exists():
        with open(left_out(places, c), newline="") as f:
            out = {row["path"] for row in csv.DictReader(f)}
        source = c.source(places)
        for path in load(places, c.name)["path"]:
            if path not in out:
                link = folder.with_suffix(".new") / path
                link.parent.mkdir(parents=True, exist_ok=True)
                if not link.is_symlink():
                    link.symlink_to(source / path)
        folder.with_suffix(".new").rename(folder)
    return folder


@functools.lru_cache(None)
def load(places, name):
    """Returns a collection's vectors and what is known beside them, and the place of each path."""
    c = BY_NAME[name]
    export(places, c)
    d = dict(np.load(vectors_table(places, c)))
    d["place"] = {p: i for i, p in enumerate(d["path"])}
    return d


def program_version(places):
    """Returns what the program says of itself and computes with."""
    return json.loads(places.call("version", "--json"))
