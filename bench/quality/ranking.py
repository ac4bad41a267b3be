"""What is measured of a ranking of images, ours or a peer's."""
import hashlib

import numpy as np
from sklearn.metrics import precision_recall_curve

from .simulated import CLEAN, FLIP, OUTLIER


def even(label):
    """Returns which images stand under a label of the even half."""
    half = {l: hashlib.sha256(l.encode()).digest()[0] % 2 == 0 for l in set(label)}
    return np.array([half[l] for l in label])


def ranking(wrong, score):
    """Returns the area under the precision-recall curve, and the recall where precision is 95 %."""
    if not wrong.any() or wrong.all():
        return {"auprc": None, "r95": None}
    precision, recall, _ = precision_recall_curve(wrong, score)
    area = -np.sum(np.diff(recall) * precision[:-1])
    return {"auprc": float(area), "r95": float(recall[precision >= .95].max(initial=0))}


def ranked(simulated, score, keep):
    """Measures a ranking on the whole, on each half of the labels, and with one kind of noise left out."""
    half, wrong = even(simulated.label), simulated.kind != CLEAN
    parts = {"whole": keep, "even": keep & half, "odd": keep & ~half,
             "flips": keep & (simulated.kind != OUTLIER), "outliers": keep & (simulated.kind != FLIP)}
    return {name: ranking(wrong[part], score[part]) for name, part in parts.items()}


def best_f1(wrong, score):
    """Returns the greatest harmonic mean of precision and recall over all limits of a score."""
    precision, recall, _ = precision_recall_curve(wrong, score)
    return float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-9)))
