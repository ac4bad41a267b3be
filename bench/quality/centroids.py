"""Centroids of labels, plain and trimmed, with each image's own left out: what several peers rest on."""
import numpy as np


def members(label):
    """Returns the images of each label."""
    order = np.argsort(label, kind="stable")
    return np.split(order, np.cumsum(np.bincount(label))[:-1])


def leave_one_out(vectors, kept):
    """Returns the cosine of each vector with the sum of the kept ones, itself not counted; 0 where there is none."""
    total = vectors[kept].sum(0)
    with_total, length = vectors @ total, total @ total
    without = (with_total - 1) / np.sqrt(np.maximum(length - 2 * with_total + 1, 1e-12))
    if kept.sum() < 2:
        without = np.zeros(len(vectors))
    return np.clip(np.where(kept, without, with_total / np.sqrt(max(length, 1e-12))), -1, 1)


def trim(vectors):
    """Returns which images make a trimmed centroid: the densest half, then what lies near its centre, six rounds."""
    n = len(vectors)
    if n < 3:
        return np.ones(n, bool)
    cosines = vectors @ vectors.T
    others = cosines.copy()
    np.fill_diagonal(others, -9)
    densest = -np.sort(-others, axis=1)[:, :max(n // 2, 1)]
    seed = densest.sum(1).argmax()
    kept = np.zeros(n, bool)
    kept[np.argsort(-cosines[seed], kind="stable")[:max(-(-n // 2), 2)]] = True
    for _ in range(6):
        scores = leave_one_out(vectors, kept)
        ordered = np.sort(scores)
        median, high = ordered[(n - 1) // 2], ordered[(n - 1) * 5 // 6]
        new = scores >= median - 3 * (high - median)
        if (new == kept).all():
            break
        kept = new
    return kept


def scores(vectors, label, trimmed):
    """Returns each image's own leave-one-out score, and its cosine with every label's centroid, its own excepted (-9)."""
    groups = members(label)
    centroids, own = np.zeros((len(groups), vectors.shape[1]), np.float32), np.zeros(len(label))
    for k, group in enumerate(groups):
        mine = vectors[group]
        kept = trim(mine) if trimmed else np.ones(len(group), bool)
        own[group] = leave_one_out(mine, kept)
        total = mine[kept].sum(0)
        centroids[k] = total / max(np.linalg.norm(total), 1e-6)
    others = vectors @ centroids.T
    others[np.arange(len(label)), label] = -9
    return own, others
