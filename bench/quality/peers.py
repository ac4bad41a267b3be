"""Other ways to find wrong labels, on the same vectors: each gives a score an image, the higher the more wrong.

A peer has several settings. The document takes, for each cell, the one with the best mean there,
which favours the peers: a user would not know it.
"""
import warnings

import numpy as np
from cleanlab.rank import get_label_quality_scores
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import LocalOutlierFactor

from . import centroids

NEIGHBOURS = 50


def nearest(vectors, block=2048):
    """Returns of each image the nearest others, best first, and their cosines."""
    n = len(vectors)
    k = min(NEIGHBOURS, n - 1)
    index, cosines = np.zeros((n, k), int), np.zeros((n, k), np.float32)
    for start in range(0, n, block):
        part = vectors[start:start + block] @ vectors.T
        rows = np.arange(len(part))
        part[rows, rows + start] = -9
        best = np.argpartition(-part, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(part, best, 1), axis=1, kind="stable")
        index[start:start + block] = np.take_along_axis(best, order, 1)
        cosines[start:start + block] = np.take_along_axis(part, index[start:start + block], 1)
    return index, cosines


def mean_centroid(vectors, label, near):
    """Scores by the distance to the mean of the label's other images."""
    return {"mean": -centroids.scores(vectors, label, False)[0]}


def margin(vectors, label, near):
    """Scores by the best other centroid less the own one."""
    out = {}
    for name, trimmed in ("trimmed", True), ("plain", False):
        own, others = centroids.scores(vectors, label, trimmed)
        out[name] = others.max(1) - own
    return out


def vote(vectors, label, near):
    """Scores by the share of other labels among the nearest images; ties go by the distance to the mean."""
    index, cosines = near
    same = label[index] == label[:, None]
    ties = mean_centroid(vectors, label, near)["mean"] * 1e-4
    out = {}
    for k in 3, 5, 10, 20:
        weight = np.maximum(cosines[:, :k], 0) ** 2
        out[f"k{k}"] = 1 - same[:, :k].mean(1) + ties
        out[f"k{k} weighted"] = 1 - (weight * same[:, :k]).sum(1) / np.maximum(weight.sum(1), 1e-6) + ties
    return out


def local_outlier_factor(vectors, label, near):
    """Scores by the local outlier factor, among all images and within each label."""
    out = {}
    for k in 5, 10, 20:
        own = np.zeros(len(label))
        for group in centroids.members(label):
            if len(group) > 2:
                own[group] = -LocalOutlierFactor(n_neighbors=min(k, len(group) - 1)).fit(vectors[group]).negative_outlier_factor_
        out[f"within labels k{k}"] = own
    if len(label) <= 4000:
        out["all k20"] = -LocalOutlierFactor(n_neighbors=min(20, len(label) - 1)).fit(vectors).negative_outlier_factor_
    return out


def pairs_within(vectors, label):
    """Returns the pairs of images of one label, both ways, and how far apart they are (1 less the cosine)."""
    first, second, far = [], [], []
    for group in centroids.members(label):
        apart = 1 - vectors[group] @ vectors[group].T
        i, j = np.nonzero(~np.eye(len(group), dtype=bool))
        first.append(group[i])
        second.append(group[j])
        far.append(apart[i, j])
    return np.concatenate(first), np.concatenate(second), np.concatenate(far)


def largest_clusters(label, pairs, eps, least):
    """Returns which images are in the largest cluster of their label, as DBSCAN finds them."""
    n = len(label)
    first, second, far = pairs
    near = far <= eps
    core = np.bincount(first[near], minlength=n) + 1 >= least
    joined = near & core[first] & core[second]
    graph = coo_matrix((np.ones(joined.sum(), np.int8), (first[joined], second[joined])), shape=(n, n))
    cluster = connected_components(graph, directed=False)[1]
    member = core.copy()
    border = near & ~core[first] & core[second]
    cluster[first[border]], member[first[border]] = cluster[second[border]], True
    size = np.bincount(cluster[member], minlength=n)
    best = np.zeros(label.max() + 1, int)
    np.maximum.at(best, label[member], size[cluster[member]])
    return member & (size[cluster] == best[label])


def dbscan(vectors, label, near):
    """Scores by the number of radii at which an image is outside its label's largest DBSCAN cluster."""
    pairs = pairs_within(vectors, label)
    radii = np.arange(.1, .96, .025)
    return {f"at least {least}": sum(~largest_clusters(label, pairs, eps, least) for eps in radii).astype(float) for least in (2, 3)}


def folds(label, count):
    """Returns a fold of each image: those of a label are dealt out in turn."""
    out = np.zeros(len(label), int)
    for k, group in enumerate(centroids.members(label)):
        out[group] = (np.arange(len(group)) + k) % count
    return out


def cleanlab_scores(label, probabilities, prefix):
    """Scores by cleanlab's label quality, both of its kinds."""
    probabilities = probabilities / probabilities.sum(1, keepdims=True)
    out = {}
    for method in "self_confidence", "normalized_margin":
        out[f"{prefix}, {method}"] = -get_label_quality_scores(label, probabilities, method=method)
    return out


def cleanlab_logistic(vectors, label, near):
    """Scores by cleanlab on a logistic regression, 3 folds, float32, at most 60 iterations of L-BFGS."""
    fold, out = folds(label, 3), {}
    # The gradient shrinks with the number of labels: with a thousand it starts below the limit that does elsewhere.
    strengths, tolerance = ((30,), 1e-5) if len(label) > 8000 else ((3, 30), 1e-3)
    for strength in strengths:
        probabilities = np.full((len(label), label.max() + 1), 1e-9)
        for f in range(3):
            model = LogisticRegression(C=strength, max_iter=60, tol=tolerance)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.fit(vectors[fold != f], label[fold != f])
            probabilities[np.ix_(fold == f, model.classes_)] += model.predict_proba(vectors[fold == f])
        out |= cleanlab_scores(label, probabilities, f"C {strength}")
    return out


def cleanlab_neighbours(vectors, label, near):
    """Scores by cleanlab on the shares of labels among the nearest images, ties broken by the centroids."""
    index, cosines = near
    own, others = centroids.scores(vectors, label, False)
    others[np.arange(len(label)), label] = own
    ties = np.exp(10 * (others - others.max(1, keepdims=True))).astype(np.float32)
    ties /= ties.sum(1, keepdims=True)
    out = {}
    for k in 5, 10, 20:
        shares = ties * np.float32(.05)
        weight = np.maximum(cosines[:, :k], 0) ** 2
        np.add.at(shares, (np.arange(len(label))[:, None], label[index[:, :k]]), weight / np.maximum(weight.sum(1, keepdims=True), 1e-6))
        out |= cleanlab_scores(label, shares, f"k{k}")
    return out


def selfclean(vectors, label, near):
    """Scores by SelfClean's ratio for label errors: of the squared distances to the nearest of the label, and of others."""
    own, other = np.full(len(label), 2.0), np.full(len(label), 2.0)
    for start in range(0, len(label), 2048):
        rows = slice(start, start + 2048)
        far = (1 - vectors[rows] @ vectors.T) / 2
        far[np.arange(len(far)), np.arange(len(far)) + start] = 2
        same = label[rows][:, None] == label[None, :]
        own[rows], other[rows] = np.where(same, far, 2).min(1), np.where(same, 2, far).min(1)
    return {"ratio": own ** 2 / (own ** 2 + other ** 2 + 1e-12)}


def subcenter(vectors, label, near):
    """Scores by the angle to the largest of K = 3 centres of the label (spherical k-means)."""
    score = np.zeros(len(label))
    for group in centroids.members(label):
        mine = vectors[group]
        centres = mine[farthest(mine, min(3, len(mine)))]
        for _ in range(20):
            at = (mine @ centres.T).argmax(1)
            sums = np.array([mine[at == k].sum(0) for k in range(len(centres))])
            new = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
            if np.allclose(new, centres):
                break
            centres = new
        score[group] = -leave_out_of(mine, at == np.bincount(at).argmax())
    return {"K3": score}


def leave_out_of(vectors, kept):
    """Returns the cosine with a centre, each image left out of it; alone it is 1 with itself."""
    return centroids.leave_one_out(vectors, kept) if kept.sum() > 1 else vectors @ vectors[kept][0]


def farthest(vectors, count):
    """Returns images that are far from each other, from the one nearest to the mean on."""
    chosen = [int((vectors @ vectors.sum(0)).argmax())]
    while len(chosen) < count:
        chosen.append(int((vectors @ vectors[chosen].T).max(1).argmin()))
    return chosen


PEERS = {
    "margin": margin, "mean centroid": mean_centroid, "kNN vote": vote, "local outlier factor": local_outlier_factor,
    "DBSCAN": dbscan, "cleanlab, logistic": cleanlab_logistic, "cleanlab, kNN": cleanlab_neighbours,
    "SelfClean": selfclean, "sub-center K = 3": subcenter,
}
