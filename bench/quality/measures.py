"""What is measured of the program's verdicts."""
import numpy as np

from .simulated import CLEAN, FLIP, OUTLIER
from .ranking import even, ranked

BINS = 20
BANDS = ((0, .85), (.85, .92), (.92, 1.01))  # of the detector's score


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


def called_wrong(judged):
    """Returns which images the report calls a flip or an outlier: those whose false flags it expects."""
    return np.isin(judged.type, ["flip", "outlier"])


def decided_wrong(judged):
    """Returns which of these it drops or relabels without asking."""
    return called_wrong(judged) & np.isin(judged.decision, ["drop", "relabel"])


def flagged(judged, simulated, keep, name, chosen):
    """Compares the false flags to expect among chosen images with the real ones."""
    t = threshold(judged.summary, name)
    real = int((keep & (simulated.kind == CLEAN) & chosen).sum())
    low, high = t.get("expected_low", 0), t.get("expected_high", 0)
    return {"expected": t.get("expected_false", 0), "low": low, "high": high, "real": real, "holds": bool(low <= real <= high)}


def decisions(judged, simulated, part):
    """Counts what was decided about the images of a part."""
    kind, p = simulated.kind, judged.p
    lost = np.isin(judged.decision, ["drop", "relabel"])
    right = judged.suggested == np.array(simulated.true)
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


def verdicts(judged, simulated):
    """Measures the program's verdicts on a draw."""
    keep = ~np.isnan(judged.p)
    wrong, half = simulated.kind != CLEAN, even(simulated.label)
    rate, truth = judged.summary["noise_rate"], float(wrong.mean())
    parts = (("whole", keep), ("even", keep & half), ("odd", keep & ~half))
    bands = []
    for low, high in BANDS:
        band = keep & (simulated.det_score >= low) & (simulated.det_score < high)
        bands.append(counted(judged.p[band], wrong[band]))
    named = ~np.isnan(judged.p_suggested) & (judged.suggested != "")
    right = (judged.suggested == np.array(simulated.true)) & (simulated.kind == FLIP)
    return {
        "images": len(wrong), "identities": len(set(simulated.label)), "unjudged": int((~keep).sum()),
        "twice": int((judged.second_look != "").sum()),
        "method": {"ours": ranked(simulated, np.nan_to_num(judged.p), keep)},
        "bins": {name: counted(judged.p[part], wrong[part]) for name, part in parts}, "bands": bands,
        "suggestions": counted(judged.p_suggested[named], right[named]),
        "decisions": {name: decisions(judged, simulated, part) for name, part in parts},
        "rate": {"value": rate["value"], "low": rate["low"], "high": rate["high"], "truth": truth,
                 "holds": bool(rate["low"] <= truth <= rate["high"])},
        "drop": flagged(judged, simulated, keep, "drop", decided_wrong(judged)),
        "review": flagged(judged, simulated, keep, "review", called_wrong(judged)),
    }
