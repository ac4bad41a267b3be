"""Writes docs/quality.md out of what was measured."""

import numpy as np

from . import ablations, acceptance, diagrams, tables, text
from .bench import ROOT


def extent(cells, results):
    """Returns sentences about how much was measured."""
    counts = sorted({len(results[c.name]) for c in cells})
    images = sum(r["ours"]["images"] for c in cells for r in results[c.name])
    draws = sum(len(results[c.name]) for c in cells)
    many = f"{counts[-1]} draws each" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} draws each"
    return f"{len(cells)} kinds of sets, {many}: {draws} draws, {images:,} images in all."


def sizes(cells, results):
    """Returns the table of the sets."""
    rows = []
    for c in cells:
        r = results[c.name]
        mean = lambda key: np.mean([x["ours"][key] for x in r])
        rows.append(
            [
                c.title,
                f"`{c.name}`",
                f"{mean('images'):.0f}",
                f"{mean('identities'):.0f}",
                str(len(r)),
                str(sum(x["ours"]["unjudged"] for x in r)),
            ]
        )
    return tables.table(["set", "cell", "images", "identities", "draws", "images without p"], rows)


def ahead(cells, results):
    """Returns sentences about where peers are ahead, and where the lead is not clear."""
    lost, near = acceptance.behind(cells, results)
    first = (
        "A peer is ahead by more than one standard error of the paired difference in: "
        + "; ".join(lost)
        + "."
        if lost
        else "No peer is ahead by more than one standard error of the paired difference anywhere."
    )
    second = (
        "Of the sets of CelebA at 20, 8 and 4 images the lead over the best peer is at most two standard errors in: "
        + "; ".join(near)
        + "."
        if near
        else "On every set of CelebA at 20, 8 and 4 images the lead over the best peer is more than two standard errors."
    )
    return f"{first}\n\n{second}"


def write(bench, cells, results, small, groups, copied, changed, seen, inputs):
    """Writes the document and its diagrams."""
    cells = [c for c in cells if results.get(c.name)]
    diagrams.draw(cells, results, ROOT / "docs" / "quality" / "reliability.svg")
    parts = [
        text.HEAD.format(extent=extent(cells, results)),
        "## What has to be reached\n",
        text.REACH,
        acceptance.table(cells, results, small, groups, copied, changed) + "\n",
        ahead(cells, results) + "\n",
        text.HOW,
        sizes(cells, results) + "\n",
        text.PEERS,
        text.AREA,
        tables.methods(cells, results, "auprc") + "\n",
        text.RECALL,
        tables.methods(cells, results, "r95") + "\n",
        text.PAIRED,
        tables.differences(cells, results) + "\n",
        text.HALVES,
        tables.halves(cells, results) + "\n",
        text.KINDS,
        tables.kinds(cells, results) + "\n",
        text.PROBABILITIES,
        tables.probabilities(cells, results) + "\n",
        text.RELIABILITY,
        text.DECISIONS,
        tables.decisions(cells, results) + "\n",
        text.FEW,
        tables.few(small) + "\n",
        text.GROUPS,
        tables.merged(groups) + "\n",
        text.COPIES,
        tables.copies(copied) + "\n",
        text.VIEWS,
        tables.views(changed) + "\n",
        text.ABLATIONS,
        ablations.table(cells, inputs) + "\n",
        text.PICTURES,
        tables.pictures(seen) + "\n",
        text.LIMITS,
    ]
    (ROOT / "docs" / "quality.md").write_text("\n".join(parts))
