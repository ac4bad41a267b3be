"""The document's tables, in Markdown."""

import numpy as np

from . import merged as labels_of_two, summary


def table(header, rows):
    """Returns a table; the first column is text, the others are numbers."""
    lines = [" | ".join(header), "|".join(["---"] + ["---:"] * (len(header) - 1))]
    return "\n".join(f"| {line} |" for line in lines + [" | ".join(r) for r in rows])


def figure(value, error=None, digits=4):
    """Returns a number without the zero before its point, with its standard error."""
    if value is None or np.isnan(value):
        return "-"
    text = f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"
    return (
        text
        if error is None or np.isnan(error)
        else f"{text} ± {f'{error:.{digits}f}'.replace('0.', '.', 1)}"
    )


def signed(value, error, digits=4):
    """Returns a difference with its standard error."""
    return f"{value:+.{digits}f} ± {error:.{digits}f}"


def percent(x, digits=2):
    """Returns a share in percent."""
    return "-" if np.isnan(x) else f"{100 * x:.{digits}f}"


def known(values):
    """Returns the values that are there."""
    return [v for v in values if v is not None]


def methods(cells, results, measure, part="whole"):
    """Returns the table of all methods by cell; the best one is bold."""
    names = summary.peers(next(iter(results.values())))
    rows = []
    for c in cells:
        r = results[c.name]
        found = [known(summary.ours(r, part, measure))] + [
            known(summary.peer(r, n, part, measure)) for n in names
        ]
        best = max((np.mean(v) for v in found if v), default=np.nan)
        text = [figure(*summary.mean_error(v)) if v else "-" for v in found]
        rows.append(
            [c.title] + [f"**{t}**" if v and np.mean(v) >= best - 5e-5 else t for t, v in zip(text, found)]
        )
    return table(["set", summary.OURS, *names], rows)


def differences(cells, results):
    """Returns the table of paired differences; a peer that is ahead is bold."""
    names, rows = summary.peers(next(iter(results.values()))), []
    for c in cells:
        row = [c.title]
        for n in names:
            found = summary.paired(results[c.name], n)
            text = "-" if found is None else signed(*found)
            row.append(f"**{text}**" if found and found[0] < 0 else text)
        rows.append(row)
    return table(["set", *names], rows)


def halves(cells, results):
    """Returns the table of our ranking, and of the margin's, on each half of the labels."""
    rows = []
    for c in cells:
        r = results[c.name]
        row = [c.title]
        for part in "whole", "even", "odd":
            row += [
                figure(*summary.mean_error(v)) if (v := known(summary.ours(r, part, m))) else "-"
                for m in ("auprc", "r95")
            ]
        v = known(summary.peer(r, "margin", "odd"))
        rows.append(row + [figure(*summary.mean_error(v)) if v else "-"])
    return table(
        [
            "set",
            "AUPRC, all",
            "R at P95, all",
            "AUPRC, even",
            "R at P95, even",
            "AUPRC, odd",
            "R at P95, odd",
            "margin, odd",
        ],
        rows,
    )


def kinds(cells, results):
    """Returns the table of rankings of flips alone and of outliers alone, ours and the two best simple ones."""
    rows = []
    for c in cells:
        r, row = results[c.name], [c.title]
        for part in "flips", "outliers":
            for v in (
                summary.ours(r, part),
                summary.peer(r, "margin", part),
                summary.peer(r, "mean centroid", part),
            ):
                row.append(figure(*summary.mean_error(known(v))) if known(v) else "-")
        rows.append(row)
    return table(["set", "flips", "margin", "mean centroid", "outliers", "margin", "mean centroid"], rows)


def probabilities(cells, results):
    """Returns the table of what the report states of itself beside the truth."""
    rows = []
    for c in cells:
        r = results[c.name]
        rate, error, holds = summary.rates(r)
        row = [
            c.title,
            figure(summary.pooled_error(r)),
            figure(summary.pooled_error(r, "odd")),
            figure(rate, error, 3),
            percent(holds, 0),
        ]
        for name in "drop", "review":
            expected, real, within = summary.flags(r, name)
            row += [f"{expected:.1f}", str(real), percent(within, 0)]
        rows.append(row)
    return table(
        [
            "set",
            "calibration error",
            "odd half",
            "rate / truth",
            "rate within, %",
            "drop: expected",
            "real",
            "within, %",
            "review: expected",
            "real",
            "within, %",
        ],
        rows,
    )


def decisions(cells, results):
    """Returns the table of what was decided."""
    rows = []
    for c in cells:
        r = results[c.name]
        s = lambda key, of: summary.share(r, key, of)
        relabelled, right = summary.total(r, "relabelled"), summary.total(r, "relabelled_right")
        rows.append(
            [
                c.title,
                percent(s("clean_lost", "clean")),
                percent(s("clean_review", "clean")),
                percent(s("flips_lost", "flips"), 1),
                percent(s("flips_flagged", "flips"), 1),
                percent(s("outliers_lost", "outliers"), 1),
                percent(s("outliers_flagged", "outliers"), 1),
                f"{right} of {relabelled}",
                percent(s("suggested", "flips"), 1),
                percent(s("suggested_right", "flips"), 1),
            ]
        )
    return table(
        [
            "set",
            "clean lost, %",
            "clean for review, %",
            "flips decided, %",
            "flips at p >= .5, %",
            "outliers decided, %",
            "outliers at p >= .5, %",
            "relabelled right",
            "flips with a suggestion, %",
            "with the right one, %",
        ],
        rows,
    )


def few(results):
    """Returns the table of sets of three people."""
    rows = []
    for name, draws in results.items():
        s = lambda key: sum(d[key] for d in draws)
        rows.append(
            [
                name,
                str(len(draws)),
                percent(s("flip_found") / len(draws), 0),
                percent(s("flip_named") / len(draws), 0),
                percent(s("stranger_not_kept") / len(draws), 0),
                f"{s('clean_lost')} of {s('clean')}",
                str(s("clean_review")),
            ]
        )
    return table(
        [
            "people of",
            "draws",
            "flip not kept, %",
            "and its right label given, %",
            "stranger not kept, %",
            "clean images dropped or relabelled",
            "clean images for review",
        ],
        rows,
    )


def pictures(results):
    """Returns the table of cells judged from pictures."""
    return table(
        [
            "set",
            "images",
            "AUPRC from pictures",
            "from exported vectors",
            "largest difference of p",
            "other decisions",
        ],
        [
            [
                n,
                str(x["images"]),
                figure(x["auprc"]),
                figure(x["auprc_vectors"]),
                f"{x['largest_difference']:.1e}",
                str(x["other_decisions"]),
            ]
            for n, x in results.items()
        ],
    )


def merged(results):
    """Returns the table of labels that hold two people: on the whole and on the odd half of labels."""
    def cell(key, values, between):
        if values[key] is None:
            return "-"
        write = (lambda x: percent(x)) if key == "silent" else (lambda x: figure(x, digits=3))
        return f"{write(values[key])} ({' to '.join(write(x) for x in between[key])})"

    rows = []
    for title, draws in results.items():
        every = [x for d in draws for x in d["labels"]]
        for half, labels in ("", every), (", odd half", [x for x in every if not x["even"]]):
            values, between = labels_of_two.figures(labels), labels_of_two.intervals(labels)
            hosts = sum(x["host"] for x in labels)
            rows.append([title + half, str(len(draws)), str(hosts)]
                        + [cell(key, values, between) for key in ("precision", "recall", "auprc", "silent")])
    return table(["set", "draws", "merged labels", "precision", "recall", "AUPRC", "silently wrong, %"], rows)


def views(changes):
    """Returns the table of photographs that were changed."""
    rows = [[name, f"{x['found']} of {x['images']}", f"{-x['lower']:+.3f}", str(x["twice"])] for name, x in changes.items()]
    return table(["photograph", "face found", "own score, less that of the photograph as it is, median", "looked at twice"], rows)


def copies(results):
    """Returns the table of copies in other bytes, by place and change."""
    rows = []
    for place in results[0]["found"]:
        of = {change: np.sum([r["found"][place][change] for r in results], 0) for change in results[0]["found"][place]}
        found, wrong = sum(int(x[1]) for x in of.values()), sum(len(r["wrong"][place]) for r in results)
        precision = figure(found / (found + wrong), digits=3) if found + wrong else "-"
        rows.append([place] + [f"{int(f)} of {int(n)}" for n, f in of.values()]
                    + [figure(found / max(1, sum(int(x[0]) for x in of.values())), digits=3), precision, str(wrong)])
    changes = list(results[0]["found"]["within"])
    return table(["copy stands", *[f"{c}, found" for c in changes], "recall", "precision", "named, and not planted"], rows)
