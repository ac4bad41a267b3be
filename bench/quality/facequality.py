"""How well the quality of a face tells how well it agrees with its own identity, and the constants of that quality.

The constants are fitted to one half of the labels, and stand in cluster/facequality/model.go; the other half, and
collections that were not fitted to, say what they are worth: the error-versus-discard characteristic of
ISO/IEC 29794-1, which is the FNMR at a fixed threshold among the pairs that stay as the pairs of lowest quality go.
"""

import dataclasses
import json

import numpy as np
from scipy.optimize import minimize

from .collections_of_faces import BY_NAME
from .export import left_out, load, read_images
from .ranking import even

FITTED = ("celeba-mini",)  # what the constants are fitted to: the even half of each
MEASURED = ("celeba-mini", "vggface2-mini", "lfw")
LEAST_IMAGES = 4
FMR = 1e-3
LOW = 0.02  # share of faces that are worse in a term than what is named as low
LOW_QUALITY = 0.4  # facequality.Low
DISCARDS = (0, 0.01, 0.02, 0.05, 0.1, 0.2)

# Each term of a face: where it begins and ends to count, as in cluster/facequality.
LIMITS = {"size": (6, 40), "sharpness": (0.17, 0.3), "detector": (-0.4, 0.02), "length": (0.5, 1.3)}
# The reference landmarks' distance of the eyes over that of eyes and mouth, where the nose lies between
# these, and how far its tip stands out, in distances of the eyes.
ASPECT, NOSE, OUT = 0.866, 0.494, 0.45
TERMS = ("size", "sharpness", "yaw", "pitch", "roll", "detector", "length")


@dataclasses.dataclass
class Faces:
    """What is known of a collection's faces; nan: unknown."""

    label: np.ndarray
    vector: np.ndarray
    score: np.ndarray
    count: np.ndarray  # images of the label
    terms: np.ndarray  # a column a term
    detector: np.ndarray
    length: np.ndarray

    def part(self, chosen):
        """Returns the faces that are chosen."""
        return Faces(*(getattr(self, f.name)[chosen] for f in dataclasses.fields(self)))


def pose(landmarks):
    """Returns the sines of yaw, pitch and roll, and the distance of the eyes, of landmarks in rows."""
    p = landmarks.reshape(-1, 5, 2)
    across = p[:, 1] - p[:, 0]
    eyes = np.hypot(*across.T)
    x = across / eyes[:, None]
    y = np.stack([-x[:, 1], x[:, 0]], 1)
    middle, mouth = (p[:, 0] + p[:, 1]) / 2, (p[:, 3] + p[:, 4]) / 2
    down = ((mouth - middle) * y).sum(1)
    scale = np.maximum(eyes, ASPECT * np.abs(down))
    axis = middle + NOSE * (mouth - middle)
    yaw = ((p[:, 2] - axis) * x).sum(1) / (OUT * scale)
    pitch = ((p[:, 2] - axis) * y).sum(1) / (OUT * scale)
    roll = np.where(x[:, 0] > 0, np.abs(x[:, 1]), 1)
    return np.clip(np.abs(yaw), 0, 1), np.clip(np.abs(pitch), 0, 1), roll, eyes


def terms(landmarks, sharpness, detector, length):
    """Returns the terms of faces, each the larger the better; nan: unknown. Detector's scores and lengths are of one
    detector and one model: they count beside the collection's median."""
    yaw, pitch, roll, eyes = pose(landmarks)
    clamp = lambda x, name: np.clip(x, *LIMITS[name])
    return np.stack(
        [
            np.log(clamp(eyes, "size")),
            np.log(clamp(sharpness, "sharpness")),
            -yaw,
            -pitch,
            -roll,
            clamp(detector - np.nanmedian(detector), "detector"),
            np.log(clamp(length / np.nanmedian(length), "length")),
        ],
        1,
    )


def read(bench, name):
    """Reads a collection's faces with right labels, of labels with enough images."""
    d, rows = load(bench, name), read_images(bench.report(name))
    out = BY_NAME[name].natural(bench) | set(left_out(bench, BY_NAME[name]).read_text().splitlines()[1:])
    number = lambda column: np.array([np.nan if x is None else x for x in rows[column]], float)
    landmarks = np.array([[np.nan] * 10 if x is None else x for x in rows["landmarks"]], float)
    score, length, detector = number("score"), number("length"), number("det_score")
    kept = np.array([p in d["position"] and p not in out for p in rows["path"]]) & ~np.isnan(score)
    label = np.array(rows["identity"])
    of = dict(zip(*np.unique(label[kept], return_counts=True)))
    count = np.array([of.get(l, 0) for l in label])
    kept &= count >= LEAST_IMAGES
    t = terms(landmarks, number("sharpness"), detector, length)
    vector = np.array([d["vectors"][d["position"][p]] for p, k in zip(rows["path"], kept) if k])
    take = lambda x: x[kept]
    return Faces(take(label), vector, take(score), take(count), take(t), take(detector), take(length))


def logistic(x):
    """Returns the logistic function."""
    return 1 / (1 + np.exp(-x))


def fit(faces):
    """Fits the expected score as a logistic of a sum of terms, none of which may count against its meaning.

    A label with few images has a worse centroid: what follows from their number is fitted beside, and left out
    of the quality as if there were very many.
    """
    usual = np.nanmean(np.concatenate([f.terms for f in faces]), 0)
    x = np.concatenate([np.nan_to_num(f.terms - usual) for f in faces])
    few = np.concatenate([1 / (f.count - 1) for f in faces])
    score = np.clip(np.concatenate([f.score for f in faces]), 1e-3, 1 - 1e-3)
    x = np.column_stack([x, -few, np.ones(len(x))])

    def loss(w):
        p = logistic(x @ w)
        return -(score * np.log(p) + (1 - score) * np.log1p(-p)).mean(), x.T @ (p - score) / len(x)

    bounds = [(0, None)] * (len(TERMS) + 1) + [(None, None)]
    w = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x
    low = np.nanquantile(np.concatenate([f.terms for f in faces]), LOW, axis=0)
    named = {name: dict(zip(TERMS, x)) for name, x in (("usual", usual), ("weight", w), ("low", low))}
    return {**named, "few": w[-2], "constant": w[-1]}


def quality(model, t):
    """Returns the quality of faces from their terms."""
    usual, weight = (np.array([model[k][name] for name in TERMS]) for k in ("usual", "weight"))
    return logistic(model["constant"] + np.nan_to_num((t - usual) * weight).sum(1))


def pairs(faces):
    """Returns the genuine pairs of images, as two arrays of positions, and their cosines."""
    a, b = [], []
    for l in np.unique(faces.label):
        at = np.flatnonzero(faces.label == l)
        i, j = np.triu_indices(len(at), 1)
        a.append(at[i]), b.append(at[j])
    a, b = np.concatenate(a), np.concatenate(b)
    return a, b, (faces.vector[a] * faces.vector[b]).sum(1)


def threshold(faces):
    """Returns the cosine that a share FMR of impostor pairs reaches."""
    cosines = faces.vector @ faces.vector.T
    other = faces.label[:, None] < faces.label[None, :]
    return float(np.quantile(cosines[other], 1 - FMR))


def discard(faces, q):
    """Returns the FNMR at each share of discarded pairs, by the lower quality of a pair, and its mean up to the last."""
    a, b, cosine = pairs(faces)
    missed = cosine < threshold(faces)
    order = np.argsort(-np.minimum(q[a], q[b]), kind="stable")
    error = np.cumsum(missed[order]) / np.arange(1, len(order) + 1)
    at = lambda share: float(error[max(0, int(round((1 - share) * len(order))) - 1)])
    return [at(s) for s in DISCARDS], float(np.mean([at(s) for s in np.linspace(0, DISCARDS[-1], 41)]))


def correlation(x, y):
    """Returns the rank correlation."""
    rank = lambda v: np.argsort(np.argsort(v))
    return float(np.corrcoef(rank(x), rank(y))[0, 1])


def measure(model, faces):
    """Measures the quality beside the detector's score and the length alone."""
    out = {"faces": len(faces.label)}
    for name, q in ("quality", quality(model, faces.terms)), ("detector", faces.detector), ("length", faces.length):
        rates, mean = discard(faces, q)
        out[name] = {"fnmr": rates, "mean": mean, "correlation": correlation(q, faces.score)}
    return out


def halves(name, faces):
    """Returns what is measured of a collection: of a fitted one each half apart."""
    if name not in FITTED:
        return {"whole": faces}
    half = even(faces.label)
    return {"even (fitted)": faces.part(half), "odd": faces.part(~half)}


def run(bench):
    """Fits and measures, prints both, and returns the constants."""
    faces = {name: read(bench, name) for name in MEASURED}
    model = fit([f.part(even(f.label)) for f in (faces[n] for n in FITTED)])
    (bench.work / "facequality.json").write_text(json.dumps(model, indent=1))
    print(f"constant {model['constant']:.4f} (few images {model['few']:.4f})")
    for t in TERMS:
        print(f"  {t:10} " + " ".join(f"{k} {model[k][t]:8.4f}" for k in ("usual", "weight", "low")))
    for name in MEASURED:
        for half, part in halves(name, faces[name]).items():
            m = measure(model, part)
            q = quality(model, part.terms)
            worst = " ".join(f"{x:.3f}" for x in np.percentile(q, [1, 1.5, 2, 5, 50]))
            low = 100 * (q < LOW_QUALITY).mean()
            print(f"{name}, {half}: {m['faces']} faces; quality at 1, 1.5, 2, 5, 50 %: {worst}; low {low:.2f} %")
            for by in "quality", "detector", "length":
                rates = " ".join(f"{100 * r:6.3f}" for r in m[by]["fnmr"])
                mean, rank = 100 * m[by]["mean"], m[by]["correlation"]
                print(f"  {by:9} FNMR % {rates}  mean {mean:.3f}  rank correlation {rank:.3f}")
    return model
