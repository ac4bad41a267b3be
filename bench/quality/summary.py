"""Figures of a cell, or of several, out of what was measured of each draw."""

import numpy as np

from .measures import calibration_error

OURS = "facesieve"


def mean_error(values):
    """Returns the mean and its standard error; the error is nan for a single value."""
    v = np.array(values, float)
    return float(v.mean()), float(v.std(ddof=1) / np.sqrt(len(v))) if len(v) > 1 else float("nan")


def ours(results, part="whole", measure="auprc"):
    """Returns a measure of the program's ranking, draw by draw; None where it has none."""
    return [r["ours"]["method"]["ours"][part][measure] for r in results]


def peer(results, name, part="whole", measure="auprc"):
    """Returns a measure of a peer, draw by draw, at the setting with the best mean AUPRC over these draws."""

    def of(setting, part, measure):
        values = [r["peers"][name].get(setting, {}).get(part, {}).get(measure) for r in results]
        return values

    def area(setting):
        values = [x for x in of(setting, "whole", "auprc") if x is not None]
        return np.mean(values) if len(values) == len(results) else -1

    best = max(results[0]["peers"][name], key=area)
    return of(best, part, measure)


def peers(results):
    """Returns the names of the peers."""
    return list(results[0]["peers"])


def paired(results, name, part="whole"):
    """Returns mean and standard error of our AUPRC less a peer's on the same draws; None: not known."""
    pairs = [
        (a, b)
        for a, b in zip(ours(results, part), peer(results, name, part))
        if a is not None and b is not None
    ]
    return mean_error([a - b for a, b in pairs]) if pairs else None


def best_peer(results, part="whole"):
    """Returns the peer with the best mean AUPRC."""
    return max(
        peers(results), key=lambda n: np.mean([x for x in peer(results, n, part) if x is not None] or [-1])
    )


def pooled_error(results, part="whole"):
    """Returns the calibration error over all draws together."""
    return calibration_error(np.sum([r["ours"]["bins"][part] for r in results], 0))


def total(results, key, part="whole"):
    """Sums a count of decisions over draws."""
    return sum(r["ours"]["decisions"][part][key] for r in results)


def share(results, key, of, part="whole"):
    """Returns a sum as a share of another; nan where that is 0."""
    n = total(results, of, part)
    return total(results, key, part) / n if n else float("nan")


def rates(results):
    """Returns the mean of estimated over true noise rate, its standard error, and how often the interval holds the truth."""
    r = [x["ours"]["rate"] for x in results]
    return (*mean_error([x["value"] / x["truth"] for x in r]), np.mean([x["holds"] for x in r]))


def flags(results, name):
    """Returns expected and real false flags in all, and how often the interval holds the real number."""
    f = [x["ours"][name] for x in results]
    return sum(x["expected"] for x in f), sum(x["real"] for x in f), np.mean([x["holds"] for x in f])
