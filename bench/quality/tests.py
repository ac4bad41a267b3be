"""Tests of the bench's own arithmetic: python -m unittest quality.tests."""
import types
import unittest

import numpy as np
from PIL import Image
from sklearn.cluster import DBSCAN
from sklearn.metrics import average_precision_score

from . import centroids, copies, facequality, limits, measures, merged, peers, ranking, tables, views


def people(count, images, spread=.8, seed=1):
    """Returns unit vectors of some people, a few under wrong labels, and their labels."""
    random = np.random.default_rng(seed)
    label = np.repeat(np.arange(count), images)
    vectors = random.normal(size=(count, 16))[label] + spread * random.normal(size=(len(label), 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    wrong = random.random(len(label)) < .1
    label[wrong] = (label[wrong] + 1) % count
    return vectors, label, wrong


class Arithmetic(unittest.TestCase):
    """What a peer or a measure computes is what its name says."""

    def test_ranking(self):
        random = np.random.default_rng(2)
        wrong, score = random.random(500) < .2, np.round(random.random(500), 1)
        found = ranking.ranking(wrong, score)
        self.assertAlmostEqual(found["auprc"], average_precision_score(wrong, score))
        self.assertEqual(ranking.ranking(wrong, wrong.astype(float)), {"auprc": 1.0, "r95": 1.0})
        self.assertEqual(ranking.ranking(wrong, -wrong.astype(float))["r95"], 0)
        self.assertIsNone(ranking.ranking(np.zeros(3, bool), np.ones(3))["auprc"])

    def test_calibration(self):
        p = np.array([.96, .97, .02, .51])
        counts = measures.counted(p, np.array([True, True, False, False]))
        self.assertAlmostEqual(measures.calibration_error(counts), (.04 + .03 + .02 + .51) / 4)

    def test_false_flags_are_those_that_the_report_expects(self):
        # A small set is asked about from p .12 on; what may have a place is not dropped.
        report = types.SimpleNamespace(
            p=np.array([.3, .97, .97, .05, .99]), type=np.array(["outlier", "flip", "outlier", "clean", "flip"]),
            decision=np.array(["review", "review", "drop", "keep", "relabel"]),
            summary={"thresholds": [{"name": "drop", "expected_false": .1, "expected_high": 1},
                                    {"name": "review", "expected_false": .8, "expected_high": 2}]})
        simulated = types.SimpleNamespace(kind=np.array([0, 0, 0, 0, 1]))
        chosen = measures.called_wrong(report)
        found = measures.flagged(report, simulated, np.full(5, True), "review", chosen)
        self.assertEqual((found["real"], found["holds"]), (3, False))
        found = measures.flagged(report, simulated, np.full(5, True), "drop", measures.decided_wrong(report))
        self.assertEqual((found["real"], found["holds"]), (1, True))

    def test_leave_one_out(self):
        vectors, label, _ = people(3, 7)
        own, _ = centroids.scores(vectors, label, False)
        for i in range(len(label)):
            rest = vectors[(label == label[i]) & (np.arange(len(label)) != i)].sum(0)
            self.assertAlmostEqual(own[i], float(vectors[i] @ rest / np.linalg.norm(rest)), places=5)

    def test_largest_clusters(self):
        vectors, label, _ = people(5, 12)
        pairs = peers.pairs_within(vectors, label)
        for least in 2, 3:
            for eps in .2, .4, .6:
                sizes = np.bincount(label[peers.largest_clusters(label, pairs, eps, least)], minlength=5)
                for k, group in enumerate(centroids.members(label)):
                    apart = np.clip(1 - vectors[group] @ vectors[group].T, 0, 2)
                    found = DBSCAN(eps=eps, min_samples=least, metric="precomputed").fit(apart).labels_
                    want = np.bincount(found + 1)[1:].max(initial=0)
                    self.assertLessEqual(want, sizes[k] + 1, "a border image of two clusters may go to either")
                    self.assertGreaterEqual(want * 2 + 1, sizes[k])

    def test_shares_of_guests(self):
        self.assertEqual(merged.sizes(.25, 30, 20), (10, 30))
        self.assertEqual(merged.sizes(.4, 20, 8), (8, 12))      # too few of the guest: the host's are cut
        self.assertEqual(merged.sizes(.15, 5, 20), (2, 5))      # one image is no guest
        for share in .15, .3, .45:
            for images in 10, 20, 150:
                for most in 6, 12, 100:
                    guests, hosts = merged.sizes(share, images, most)
                    self.assertLessEqual(guests, most)
                    self.assertLessEqual(hosts, images)
                    if hosts > merged.LEAST_HOST and guests > 2:
                        self.assertAlmostEqual(guests / (guests + hosts), share, delta=.04)

    def test_figures_of_merged_labels(self):
        row = lambda label, host, p, flagged, silent=0: {
            "label": label, "host": host, "p": p, "flagged": flagged, "images": 10, "guests": 3 * host, "silent": silent, "even": False}
        labels = [row("a", True, .9, True), row("b", True, .2, False, 3), row("c", False, .6, True), row("d", False, .1, False)]
        f = merged.figures(labels)
        self.assertEqual((f["precision"], f["recall"], f["silent"]), (.5, .5, 3 / 40))
        self.assertAlmostEqual(f["auprc"], (1 + 2 / 3) / 2)
        self.assertIsNone(merged.figures(labels[3:])["precision"])
        between = merged.intervals(labels * 10, rounds=200)  # the same four people: ten draws tell no more
        self.assertEqual(between["recall"], (0, 1))
        self.assertEqual(merged.intervals(labels, rounds=200)["silent"], between["silent"])
        self.assertIn(".500 (.000 to 1.000)", tables.merged({"a set": [{"labels": labels}]}))

    def test_copies_are_counted_by_change(self):
        copy = lambda n, place, change: {"original": f"a/{n}.jpg", "copy": f"b/{n}.jpg", "place": place, "change": change}
        planted = [copy(1, "within", "grey"), copy(2, "within", "grey"), copy(3, "across", "quality 60")]
        pair = lambda n: frozenset((f"a/{n}.jpg", f"b/{n}.jpg"))
        out = copies.outcome(planted, {"within": {pair(1), pair(9)}, "across": {pair(3)}, "reference": set()})
        self.assertEqual(out["found"]["within"]["grey"], [2, 1])
        self.assertEqual(out["found"]["across"]["quality 60"], [1, 1])
        self.assertEqual(out["found"]["reference"]["grey"], [0, 0])
        self.assertEqual(out["wrong"], {"within": [["a/9.jpg", "b/9.jpg"]], "across": [], "reference": []})

    def test_changed_photographs_are_counted(self):
        face = lambda score, kind="clean": {"type": kind, "score": score, "second_look": "face"}
        upright = {"a": face(.9), "b": face(.8), "c": face(.7), "d": face(None)}
        said = {"a": face(.7), "b": face(.75), "c": face(None, "no-face"), "d": face(.2)}
        self.assertEqual(views.outcome(said, upright)["found"], 3)
        self.assertAlmostEqual(views.outcome(said, upright)["lower"], .125)
        self.assertEqual(views.outcome({"c": face(None, "poor-face")}, upright), {"images": 1, "found": 0, "lower": 1, "twice": 1})

    def test_turned_clockwise(self):
        image = Image.fromarray(np.array([[1, 2], [3, 4]], np.uint8))
        box = None
        self.assertEqual(np.asarray(views.turned(90)(image, box, None)).tolist(), [[3, 1], [4, 2]])
        self.assertEqual(np.asarray(views.turned(270)(image, box, None)).tolist(), [[2, 4], [1, 3]])
        wide = Image.new("L", (100, 60))
        self.assertEqual(views.tight(wide, [-3, 10, 50, 60], None).size, (47, 50))
        self.assertTrue(25 <= 40 * views.small(wide, [0, 0, 40, 50], np.random.default_rng(1)).width / 100 <= 41)

    def test_nearest(self):
        vectors, _, _ = people(4, 30)
        index, cosines = peers.nearest(vectors, block=17)
        everything = vectors @ vectors.T
        np.fill_diagonal(everything, -9)
        np.testing.assert_allclose(cosines, -np.sort(-everything, axis=1)[:, :peers.NEIGHBOURS], atol=1e-6)
        np.testing.assert_allclose(np.take_along_axis(everything, index, 1), cosines, atol=1e-6)

    def test_every_peer_finds_easy_noise(self):
        vectors, label, wrong = people(12, 20, spread=.4)
        near = peers.nearest(vectors)
        for name, method in peers.PEERS.items():
            best = max(ranking.ranking(wrong, score)["auprc"] for score in method(vectors, label, near).values())
            self.assertGreater(best, .6, name)

    def test_pose_of_a_face_that_is_turned_by_hand(self):
        eyes, down = 40, 40 / facequality.ASPECT
        face = lambda nose: np.array([[0, 0, eyes, 0, eyes / 2 + nose, facequality.NOSE * down, 4, down, 36, down]])
        for turned in 0, .5:
            yaw, pitch, roll, apart = facequality.pose(face(turned * facequality.OUT * eyes))
            np.testing.assert_allclose([yaw[0], pitch[0], roll[0], apart[0]], [turned, 0, 0, eyes], atol=1e-9)
        angle = np.radians(30)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        turned = (face(9).reshape(5, 2) @ turn).reshape(1, 10)
        np.testing.assert_allclose(np.array(facequality.pose(turned))[[0, 1, 3]], np.array(facequality.pose(face(9)))[[0, 1, 3]])
        self.assertAlmostEqual(facequality.pose(turned)[2][0], .5)

    def test_fit_finds_what_made_the_scores(self):
        random = np.random.default_rng(4)
        terms = random.normal(size=(4000, len(facequality.TERMS)))
        weight = np.array([.5, 0, .2, 0, 0, 1, .7])
        score = facequality.logistic(1 + terms @ weight) * np.where(random.random(4000) < .5, .95, 1.05)
        faces = facequality.Faces(np.zeros(4000), None, score, np.full(4000, 20), terms, None, None)
        model = facequality.fit([faces])
        np.testing.assert_allclose([model["weight"][t] for t in facequality.TERMS], weight, atol=.05)
        self.assertGreater(facequality.correlation(facequality.quality(model, terms), score), .95)
        unknown = facequality.quality(model, np.full((1, len(facequality.TERMS)), np.nan))
        self.assertAlmostEqual(unknown[0], facequality.logistic(model["constant"]))

    def test_discarding_the_worst_pairs_leaves_fewer_errors(self):
        vectors, label, wrong = people(20, 12, spread=.5)
        faces = facequality.Faces(label, vectors, None, None, None, None, None)
        rates, _ = facequality.discard(faces, -wrong.astype(float))
        self.assertGreater(rates[0], 0)
        self.assertEqual(rates, sorted(rates, reverse=True))
        a, b, _ = facequality.pairs(faces)
        self.assertTrue((label[a] == label[b]).all() and (a < b).all())

    def test_limits_rise_as_quality_falls(self):
        acts, quality = np.array([.951, .951, .951, .999, 0]), np.array([.9, .3, np.nan, .3, .9])
        self.assertEqual(limits.decided(acts, quality, .65, 6).tolist(), [True, False, True, True, False])
        self.assertEqual(limits.decided(acts, quality, 0, 0).tolist(), [True, True, True, True, False])


if __name__ == "__main__":
    unittest.main()
