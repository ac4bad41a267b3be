"""Learns the weights of a prior: a multinomial logistic regression of the kinds over the judge's features."""
import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

KINDS = ("flip", "outlier", "outlier_in_company")  # the classes beside clean, from 1
AGAINST = {"own", "own_squared", "vote", "five_own_images"}     # the more, the less it is noise
FOR = {"five_other_images"}                                     # the more, the more it is noise
FOR_FLIPS = {"other", "other_squared"}
CONSTANT_RIDGE = 2e-3


def bounds(features):
    """Returns the signs that weights may have, so that they hold beyond the collections that they were learnt from."""
    out = []
    for kind in KINDS:
        for f in features:
            if f in AGAINST:
                out.append((None, 0))
            elif f in FOR or (f in FOR_FLIPS and kind == "flip"):
                out.append((0, None))
            else:
                out.append((None, None))
    return out


def fit(x, kind, weight, features, ridge, start=None, signed=True):
    """Returns the weights of scaled features, a row for each kind of noise; the first feature is constant. Weights are
    signed, or may have any sign."""
    n, d = x.shape
    start = np.zeros((len(KINDS), d)) if start is None else start
    truth = np.zeros((n, len(KINDS) + 1))
    truth[np.arange(n), kind] = 1
    pull = np.full(start.shape, ridge)
    pull[:, 0] = CONSTANT_RIDGE

    def loss(v):
        b = v.reshape(start.shape)
        z = np.c_[np.zeros(n), x @ b.T]
        total = logsumexp(z, axis=1)
        p = np.exp(z - total[:, None])
        value = (weight * (total - (z * truth).sum(1))).sum() + (pull * (b - start) ** 2).sum() / 2
        return value, (((p - truth) * weight[:, None])[:, 1:].T @ x + pull * (b - start)).ravel()

    signs = bounds(features) if signed else [(None, None)] * start.size
    first = [np.clip(v, -np.inf if low is None else low, np.inf if high is None else high)
             for v, (low, high) in zip(start.ravel(), signs)]
    done = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=signs, options={"maxiter": 2000, "maxfun": 4000})
    return done.x.reshape(start.shape)


def moments(x, weight):
    """Returns the center and the scale of features; the constant stays 1."""
    center = (x * weight[:, None]).sum(0) / weight.sum()
    scale = np.sqrt(((x - center) ** 2 * weight[:, None]).sum(0) / weight.sum()) + 1e-9
    center[0], scale[0] = 0, 1
    return center, scale


def fit_line(log_odds, wrong, weight):
    """Returns intercept and slope of the log-odds at which they are best calibrated (Platt 1999)."""
    def loss(v):
        z = v[0] + v[1] * log_odds
        return (weight * (np.logaddexp(0, z) - wrong * z)).sum()

    intercept, slope = minimize(loss, [0, 1]).x
    return {"intercept": round(float(intercept), 3), "slope": round(float(slope), 3)}
