"""The quality bench: `make quality`, or `PYTHONPATH=bench python -m quality STEP`."""

import argparse
import os
import pathlib
import sys

# One thread each: draws are measured side by side. It has to be said before numpy is loaded.
for variable in "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS":
    os.environ.setdefault(variable, "1")

from . import cells, export, floor, bench  # noqa: E402  (after the threads)
from .collections_of_faces import ALL  # noqa: E402

STEPS = ("export", "prior", "facequality", "ablations", "grid", "few", "groups", "copies", "views", "pictures", "document", "all",
         "floor")


def arguments():
    """Reads the command line."""
    d = bench.Bench()
    p = argparse.ArgumentParser(
        prog="quality", description="Measures facesieve's verdicts on real faces with simulated noise."
    )
    p.add_argument(
        "step",
        choices=STEPS,
        help="export: vectors; prior: the weights that the judge ships with; facequality: the constants of a face's quality, and what they are worth; grid: draws; "
        "few: three people; groups: merged labels; copies: near-duplicates; views: turned, tight and small photographs; pictures: end to end; ablations: without each input and rule; document: docs/quality.md; "
        "all: these but prior and facequality, in turn; "
        "floor: one cell that must not fall",
    )
    p.add_argument("--cells", default="", help="cells whose names begin so, by commas; default: all")
    p.add_argument("--seeds", type=int, default=10, help="draws of each cell")
    p.add_argument("--jobs", type=int, default=2, help="draws measured at once")
    for name in "work", "priors", "program", "shared", "runtime":
        p.add_argument(f"--{name}", type=pathlib.Path, default=getattr(d, name), help=argparse.SUPPRESS)
    return p.parse_args()


def chosen(prefixes):
    """Returns the cells whose names begin with one of some words."""
    return [c for c in cells.grid() if not prefixes or any(c.name.startswith(x) for x in prefixes.split(","))]


def main():
    """Does what the command line says; returns the exit code."""
    a = arguments()
    at = bench.Bench(*(p.resolve() for p in (a.work, a.priors, a.program, a.shared, a.runtime)))
    at.work.mkdir(parents=True, exist_ok=True)
    if a.step == "floor":
        return floor.run(at)
    return take(at, a, chosen(a.cells))


def take(at, a, grid):
    """Takes the steps but floor, which needs fewer packages than these."""
    from . import ablations, copies, document, facequality, few, limits, merged, pictures, prior, run_grid, tables, views

    steps = ("export", "grid", "few", "groups", "copies", "views", "pictures", "ablations", "document") if a.step == "all" else (a.step,)
    if "export" in steps:
        for c in ALL:
            export.export(at, c)
    if "prior" in steps:
        prior.run(at, a.jobs)
    if "facequality" in steps:
        limits.run(at, a.seeds, facequality.run(at))
    if "grid" in steps:
        run_grid.run(at, grid, a.seeds, a.jobs)
    if "few" in steps:
        few.run(at, a.jobs)
    if "groups" in steps:
        print(tables.merged(merged.run(at, a.jobs, a.seeds)))
    if "copies" in steps:
        print(tables.copies(copies.run(at)))
    if "views" in steps:
        print(tables.views(views.run(at)))
    if "pictures" in steps:
        pictures.run(at)
    if "ablations" in steps:
        ablations.run(at, a.jobs)
    if "document" in steps:  # what the steps before have kept is read again
        document.write(
            at,
            grid,
            run_grid.run(at, grid, a.seeds, a.jobs),
            few.run(at, a.jobs),
            merged.run(at, a.jobs, a.seeds),
            copies.run(at),
            views.run(at),
            pictures.run(at),
            ablations.run(at, a.jobs),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
