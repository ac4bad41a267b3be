"""What each stage of judging costs as a set grows: `bench/quality/.venv/bin/python bench/growth.py PROGRAM [IMAGES ...]`.

Sets of ready vectors are drawn (50 images a label, cosines as real faces have them, 10 % of the
labels wrong, one label of fifty with a guest, a second look at 15 %), each twice as large as the
one before, and judged by `coordinator run --vectors`. It prints the seconds of each stage by the
run's own clock, and the growth over the last doubling: 2 is linear. Near-duplicates are told by
pictures, which ready vectors have not; their proposals by cosine are counted.
"""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

import numpy as np
import pyarrow as pa

DIMENSIONS, LABEL = 512, 50


def unit(x):
    """Returns rows of length 1."""
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def write(path, images, seed=1):
    """Writes a set of ready vectors."""
    r = np.random.default_rng(seed)
    labels = images // LABEL
    person = np.repeat(np.arange(labels), LABEL)
    shown = person.copy()
    wrong = r.random(images) < 0.1
    shown[wrong] = r.integers(0, labels, wrong.sum())
    hosts = r.choice(labels, labels // 50, replace=False)
    for host in hosts:
        shown[host * LABEL : host * LABEL + LABEL // 3] = (host + 1) % labels
    people = unit(r.standard_normal((labels, DIMENSIONS)))
    look = lambda: unit(people[shown] + 0.8 * unit(r.standard_normal((images, DIMENSIONS))))
    first, second, twice = look(), look(), r.random(images) < 0.15
    listed = lambda x: pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), DIMENSIONS)
    table = pa.table({
        "path": [f"n{p:06d}/{i:04d}.jpg" for p, i in zip(person, np.tile(np.arange(LABEL), labels))],
        "identity": [f"n{p:06d}" for p in person],
        "vector": listed(first),
        "second_vector": pa.array([v.tolist() if t else None for v, t in zip(second, twice)], pa.list_(pa.float32())),
        "det_score": pa.array(r.uniform(0.8, 0.95, images).astype(np.float32)),
        "length": pa.array(r.uniform(8, 12, images).astype(np.float32)),
    })
    with pa.OSFile(str(path), "wb") as f, pa.ipc.new_file(f, table.schema) as w:
        w.write_table(table, max_chunksize=10_000)


def seconds(program, images):
    """Judges a set and returns the seconds of each stage, summed over its tasks, and the peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write(folder / "vectors.arrow", images)
        subprocess.run([program, "run", "--vectors", folder / "vectors.arrow", "--store", folder / "store"], check=True,
                       capture_output=True)
        (timing,) = (folder / "store" / "runs").glob("*/timing.json")
        t = json.loads(timing.read_text())
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return {**{k: v["seconds"] for k, v in t["stages"].items()}, "whole run": t["seconds"]}, peak


def main():
    """Prints the table."""
    program, sizes = sys.argv[1], [int(x) for x in sys.argv[2:]] or [12_500, 25_000, 50_000, 100_000]
    runs = [seconds(program, n) for n in sizes]
    print(f"{'seconds':18}" + "".join(f"{n:>10,}" for n in sizes) + f"{'growth':>10}")
    for stage in sorted(runs[-1][0], key=lambda s: (s == "whole run", s)):
        row = [r[0].get(stage, 0) for r in runs]
        growth = f"{row[-1] / row[-2]:10.1f}" if len(row) > 1 and row[-2] >= 0.05 else ""
        print(f"{stage:18}" + "".join(f"{x:10.2f}" for x in row) + growth)
    print(f"{'peak memory, MB':18}" + "".join(f"{r[1]:10,.0f}" for r in runs))


if __name__ == "__main__":
    main()
