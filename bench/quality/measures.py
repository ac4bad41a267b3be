"""What is measured of a ranking, and of the program's verdicts."""
import numpy as np
from sklearn.metrics import precision_recall_curve

from .planting import CLEAN, FLIP, OUTLIER

BINS = 20
BANDS = ((0, .85), (.85, .92), (.92, 1.01))  # of the detector's score


def ranking(wrong, score):
    """Returns the area under the precision-recall curve, and the recall where precision is 95 %."""
    if not wrong.any() or wrong.all():
        return {"auprc": None, "r95": None}
    precision, recall, _ = precision_recall_curve(wrong, score)
    area = -np.sum(np.diff(recall) * precision[:-1])
    return {"auprc": float(area), "r95": float(recall[precision >= .95].max(initial=0))}


def ranked(planting, score, keep):
    """Measures a ranking on the whole, and on each half of the labels."""
    even, wrong = planting.even(), planting.kind != CLEAN
    return {name: ranking(wrong[part], score[part])
            for name, part in (("whole", keep), ("even", keep & even), ("odd", keep & ~even))}


def best_f1(wrong, score):
    """Returns the greatest harmonic mean of precision and recall over all limits of a score."""
    precision, recall, _ = precision_recall_curve(wrong, score)
    return float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-9)))


def counted(p, wrong):
    """Counts images, sums p and counts wrong ones in each bin of p."""
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    return [np.bincount(bins, weights=w, minlength=BINS).tolist() for w in (np.ones(len(p)), p, wrong)]


def calibration_error(counts):
    """Returns how far p is from the share of wrong ones, in the mean over images."""
    n, p, wrong = np.array(counts)
    return float(np.abs(p - wrong).sum() / n.sum())


def threshold(summary, name):
    """Returns a threshold of a summary by its name."""
    return next(t for t in summary["thresholds"] if t["name"] == name)


def flagged(judged, planting, keep, name, limit):
    """Compares the false flags to expect with the real ones."""
    t = threshold(judged.summary, name)
    real = int((keep & (planting.kind == CLEAN) & (judged.p >= limit)).sum())
    low, high = t.get("expected_low", 0), t.get("expected_high", 0)
    return {"expected": t.get("expected_false", 0), "low": low, "high": high, "real": real, "holds": bool(low <= real <= high)}


def decisions(judged, planting, part):
    """Counts what was decided about the images of a part."""
    kind, p = planting.kind, judged.p
    lost = np.isin(judged.decision, ["drop", "relabel"])
    right = judged.suggested == np.array(planting.true)
    flip, relabel = part & (kind == FLIP), part & (judged.decision == "relabel")
    count = lambda m: int(m.sum())
    return {
        "clean": count(part & (kind == CLEAN)), "clean_lost": count(part & (kind == CLEAN) & lost),
        "clean_review": count(part & (kind == CLEAN) & (judged.decision == "review")),
        "flips": count(flip), "flips_lost": count(flip & lost), "flips_flagged": count(flip & (p >= .5)),
        "suggested": count(flip & (judged.suggested != "")), "suggested_right": count(flip & right),
        "relabelled": count(relabel), "relabelled_right": count(relabel & right & (kind == FLIP)),
        "outliers": count(part & (kind == OUTLIER)), "outliers_lost": count(part & (kind == OUTLIER) & lost),
        "outliers_flagged": count(part & (kind == OUTLIER) & (p >= .5)),
    }


def verdicts(judged, planting):
    """Measures the program's verdicts on a planting."""
    keep = ~np.isnan(judged.p)
    wrong, even = planting.kind != CLEAN, planting.even()
    rate, truth = judged.summary["noise_rate"], float(wrong.mean())
    parts = (("whole", keep), ("even", keep & even), ("odd", keep & ~even))
    bands = []
    for low, high in BANDS:
        band = keep & (planting.det_score >= low) & (planting.det_score < high)
        bands.append(counted(judged.p[band], wrong[band]))
    return {
        "images": len(wrong), "identities": len(set(planting.label)), "unjudged": int((~keep).sum()),
        "method": {"ours": ranked(planting, np.nan_to_num(judged.p), keep)},
        "bins": {name: counted(judged.p[part], wrong[part]) for name, part in parts}, "bands": bands,
        "decisions": {name: decisions(judged, planting, part) for name, part in parts},
        "rate": {"value": rate["value"], "low": rate["low"], "high": rate["high"], "truth": truth,
                 "holds": bool(rate["low"] <= truth <= rate["high"])},
        "drop": flagged(judged, planting, keep, "drop", .95), "review": flagged(judged, planting, keep, "review", .5),
    }
