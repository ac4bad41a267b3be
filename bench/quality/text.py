"""The words of the document."""

HEAD = """# How good the verdicts are

Noise was simulated in real sets whose own wrong labels are known and left out, the program judged them, and
its verdicts were compared with the truth, beside those of other methods on the very same vectors. {extent}
Means stand with their standard errors over draws. `make quality` makes all of it again from the
photographs, which are no part of this source, and writes this page; how is said in
[bench/quality](../bench/quality/README.md). To learn how good verdicts are on faces like yours, simulate noise in
your own set: `coordinator simulate --help`.

Images that the first look leaves in doubt are looked at twice, where photographs are given: not aligned faces, nor drawn ones.
"""

REACH = """The limits were set before. *Odd half* is the same figure over the labels of which a hash is odd.
"""

HOW = """## How it was measured

- **Sets.** CelebA (celeba-mini: 120 people with about 20 photographs in the wild), VGGFace2 (vggface2-mini: 24 people,
  3,477 images), FaceScrub (facescrub-mini, aligned by somebody else: no detector runs), Labeled Faces in the Wild
  (people with 4 photographs or more), the aligned faces that this program cuts out of CelebA's photographs, and
  1,000 drawn people with the built-in model. The others are embedded with MobileFaceNet, once in one pass, and once as
  a second look at every image gives them, of which the program takes those that it asks for. "x 20" keeps
  20 images of a person at most, drawn anew each time.
- **Natural noise**, the images that are wrong, no face or uncertain by nature, stays out
  (`celeba-mini/natural.csv`, [bench/quality/natural](../bench/quality/natural)): listed by looking at the union of the
  worst 5 % of all methods, with the method hidden. So do images without a vector and second copies of one image.
- **Noise** comes from `coordinator simulate`: of 10 %, half are flips (people of the set exchange their labels) and half
  outliers, of people who were held back (20 of CelebA, 40 of FaceScrub and LFW; VGGFace2 has too few, its outliers are people
  of CelebA). Outliers show as many people as there are; *with mates* up to 40 % of an outlier's other images are in the
  set too, under other labels. *Nearest-person flips* move 10 % of the images under the label of the person who is
  nearest to theirs in this very set; *exchanged* is the same both ways, pair by pair.
- **Weights.** The judge starts from weights that were learnt without the collection that is judged; drawn faces are judged
  with the shipped ones. Two numbers are the same for all: the intercept and the slope by which stated log-odds follow
  from computed ones (two more for sets without detector scores). They were fitted to all four collections at once, each
  judged by weights of the others, on the even half of the labels of other draws: probabilities on the odd half are the
  ones to trust.
- **Halves.** A label belongs to the even or the odd half by a hash of its name. Figures stand for both, so that what was
  chosen while looking at one half can be checked on the other.
- **Measures.** AUPRC: area under precision and recall for noise of both kinds. R at P95: the recall where precision is
  95 %. Both need a ranking alone. Calibration error: how far p_noise is from the share of wrong images, in the mean
  over 20 bins of p, all draws of a cell together.
"""

PEERS = """## Other methods

All see the vectors and labels that the judge sees. Only the judge also sees the detector's score and the length of the
raw vector. Each method has several settings; a cell shows the one with the best mean there, as if a user knew it.

| method | an image's score | settings |
| --- | --- | --- |
| margin | best other centroid less the own one, itself not counted | trimmed centroids, plain ones |
| mean centroid | distance to the mean of the label's other images | |
| kNN vote | share of other labels among the k nearest; ties by the mean centroid | k 3, 5, 10, 20; plain, by squared cosine |
| local outlier factor | scikit-learn's | within labels k 5, 10, 20; all images k 20 |
| DBSCAN | number of radii (.1 to .95) at which it is outside its label's largest cluster | least 2, 3 neighbours |
| cleanlab, logistic | label quality from a logistic regression out of fold (3 folds, float32, at most 60 steps) | C 3, 30 (30 alone above 8,000 images); self confidence, normalized margin |
| cleanlab, kNN | label quality from the labels of the k nearest, ties broken by centroids | k 5, 10, 20; self confidence, normalized margin |
| SelfClean | ratio of the squared distances to the nearest image of the label and of others | |
| sub-center K = 3 | angle to the largest of three centres of the label | |
"""

AREA = """### AUPRC, set by method

The best mean is bold.
"""

RECALL = """### Recall at 95 % precision, set by method
"""

PAIRED = """### Differences, draw by draw

AUPRC of the judge less the peer's on the same draw, mean and standard error; bold where the peer is ahead.
"""

HALVES = """### Halves of the labels
"""

KINDS = """### Flips alone, outliers alone

AUPRC with the images of the other kind left out.
"""

PROBABILITIES = """## Probabilities

What a report says of itself, beside the truth: p_noise, the share of noise with its interval, and the false flags to
expect among what is dropped or relabelled and among all that is flagged (p >= .5; with fewer than 20 people p >= .12).
*Within*: share of draws in which the stated 95 % interval holds the truth. Expected and real numbers are sums over draws.
"""

RELIABILITY = """### Reliability

![Stated probability against the share that it is true of, by collection and detector score](quality/reliability.png)

Bars are 95 % intervals that take images for independent; bins of fewer than five images are left out. The same as
[vector graphics](quality/reliability.svg).
"""

DECISIONS = """## Decisions

*Lost*: dropped or relabelled. *Decided*: the same, of what is wrong. A suggestion is the label that a flip should have.
"""

FEW = """## Three people

Three people with six photographs each; one photograph stands under another's label and one is replaced by a
stranger's.
"""

GROUPS = """## Labels that hold two people

Of CelebA (120 people) 40 labels have a guest, of VGGFace2 15 of 24: a host's label takes in images of another person, 15 to
45 % of its images then. Every second guest is the one of those left who looks most like the host. *Leave*: the guest's
other images are gone, with his label; *keep*: they stand under his own label, four or more. Where there are fewer
guests than hosts, one stands under several labels, with other images. Ten draws; 95 % intervals draw people anew, each
with what became of his label in all draws. *Silently wrong*: images of guests that are kept, of all images. What
other labels tell of groups was chosen by looking at the missed labels of the first six draws of CelebA, of both halves.
Of VGGFace2, where guests leave, no label is left that is not merged: precision says nothing there.
"""

COPIES = """## Copies in other bytes

A part of CelebA: 40 people with ten images, and as many other people as a reference, three draws, each run on
photographs in one look. To each draw come 12 copies of each change at each place: under the original's label, under
another label, and in the reference. *Found*: the report names original and copy as one photograph. Precision is of all
pairs that are named at a place, whatever the change; a pair that is not of the planted ones may be a copy that the
collection has by itself.
"""

VIEWS = """## Photographs that are turned, tight or small

One of five photographs of each of 100 people of LFW is changed and judged with the four others: turned without a word
of it in the file, cut to the face's box, or made so small that the face is 25 to 40 pixels wide.
"""

ABLATIONS = """## What each input and rule is worth

AUPRC by weights that were learnt again without an input or a rule, less that with all, on the same draws (the
first five of each cell). An input whose loss is not seen alone may stand in for another.
"""

PICTURES = """## From pictures

A draw of each of three cells, judged end to end from its pictures: what is judged from exported vectors is what a
user gets.
"""

LIMITS = """## Limits

- One model (MobileFaceNet, 128 numbers) and small collections: 24 to 500 people, and 1,000 drawn ones. A larger model
  separates people better and leaves less to do.
- Simulated noise is random or goes to the nearest person. Noise of the web comes in groups (events, namesakes, family) and
  is not measured here, nor are split labels.
- The people who are held back come from the collection itself, so outliers resemble the set in style. VGGFace2's
  come from CelebA: other photographs, easier to tell; and the weights that its cells start from were learnt from CelebA,
  which therefore is not new to them.
- Draws of a cell are from the same photographs: standard errors say how much figures hang on the draw, not
  on the collection.
- Clean images of CelebA that are flagged again and again were looked at: faces that lie or are turned to the side,
  sunglasses, hands, hats or hair before the face, laughter, stage make-up. They are right, and hard.
- The list of natural noise was made by looking, and is not complete: some of what counts as falsely called wrong is wrong.
"""
