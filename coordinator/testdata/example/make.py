"""Makes vectors.arrow: 60 made-up people with 12 vectors each, and truth.csv: what is wrong with it.

Usage: python make.py (needs numpy and pyarrow). The same bytes every time.
"""

import csv

import numpy as np
import pyarrow as pa

DIM, PEOPLE, IMAGES = 48, 60, 12
rng = np.random.default_rng(7)


def unit(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def pictures(person, n):
    """n vectors around a person's direction, as alike as photographs of one person are."""
    return unit(person + rng.normal(size=(n, DIM)) * rng.uniform(0.5, 1.0, size=(n, 1)) / np.sqrt(DIM))


people = unit(rng.normal(size=(PEOPLE + 20, DIM)))
people[PEOPLE - 1] = people[PEOPLE - 2]  # one person under two labels
labels = [f"person_{i:02d}" for i in range(PEOPLE)]
rows, truth = [], []
for i, label in enumerate(labels):
    for j, v in enumerate(pictures(people[i], IMAGES)):
        rows.append([f"{label}/{j:02d}.jpg", label, v])
chosen = rng.choice(PEOPLE * IMAGES, size=30, replace=False)
for k, row in enumerate(chosen):
    if k < 15:
        other = int(rng.integers(PEOPLE - 2))
        if labels[other] == rows[row][1]:
            other = (other + 1) % (PEOPLE - 2)
        rows[row][2] = pictures(people[other], 1)[0]
        truth.append([rows[row][0], "flip", labels[other]])
    else:
        rows[row][2] = pictures(people[PEOPLE + k - 15], 1)[0]
        truth.append([rows[row][0], "outlier", ""])
truth.append([labels[-2], "split", labels[-1]])

table = pa.table(
    {
        "path": [r[0] for r in rows],
        "identity": [r[1] for r in rows],
        "vector": pa.FixedSizeListArray.from_arrays(
            pa.array(np.stack([r[2] for r in rows]).astype(np.float32).ravel()), DIM
        ),
    }
)
with pa.ipc.new_file("vectors.arrow", table.schema) as f:
    f.write_table(table)
with open("truth.csv", "w", newline="") as f:
    csv.writer(f, lineterminator="\n").writerows([["what", "kind", "right"], *sorted(truth)])
