"""Tests of the bench's own arithmetic: python -m unittest quality.tests."""
import types
import unittest

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.metrics import average_precision_score

from . import centroids, facequality, limits, measures, peers, ranking


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
