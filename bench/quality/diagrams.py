"""Reliability diagrams: of the images with a stated probability, the share that it is true of."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of what draws)
import numpy as np  # noqa: E402

from .measures import BANDS  # noqa: E402

BAND_NAMES = [
    f"detector score {'below ' + str(high)[1:] if low == 0 else str(low)[1:] + (' to ' + str(high)[1:] if high < 1 else ' and more')}"
    for low, high in BANDS
]


def interval(wrong, n):
    """Returns the 95 % interval of a share (Wilson's)."""
    z, share = 1.96, wrong / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return centre - half, centre + half


def curve(axis, counts, name, colour):
    """Draws one curve with its intervals; bins of fewer than five images are left out."""
    n, p, wrong = np.array(counts)
    has = n >= 5
    if not has.any():
        return
    x, y = p[has] / n[has], wrong[has] / n[has]
    low, high = interval(wrong[has], n[has])
    axis.errorbar(
        x,
        y,
        yerr=[np.maximum(y - low, 0), np.maximum(high - y, 0)],
        marker="o",
        markersize=3,
        linewidth=0.5,
        alpha=0.8,
        elinewidth=0.6,
        color=colour,
        label=f"{name} ({int(n.sum()):,} images)",
    )


def panel(axis, title):
    """Prepares one diagram."""
    axis.plot([0, 1], [0, 1], color="grey", linewidth=0.7, linestyle=":")
    axis.set(
        title=title,
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        xlabel="stated probability",
        ylabel="share it is true of",
    )
    axis.title.set_fontsize(9)


def draw(cells, results, file):
    """Draws p_noise by collection and band of the detector's score, and p_suggested, into one SVG."""
    plt.rcParams["svg.hashsalt"] = "quality"
    plt.rcParams["font.size"] = 8
    collections = list(dict.fromkeys(c.collection for c in cells))
    figure, axes = plt.subplots(
        2, -(-(len(collections) + 1) // 2), figsize=(4 * -(-(len(collections) + 1) // 2), 7.6), squeeze=False
    )
    axes = axes.ravel()
    for axis, name in zip(axes, collections):
        here = [r for c in cells if c.collection == name for r in results[c.name]]
        panel(axis, f"p_noise, {name}")
        bands = np.sum([r["ours"]["bands"] for r in here], 0)
        for counts, band, colour in zip(bands, BAND_NAMES, ("tab:red", "tab:orange", "tab:green")):
            curve(axis, counts, band, colour)
        if not bands.any():
            curve(axis, np.sum([r["ours"]["bins"]["whole"] for r in here], 0), "no detector", "tab:blue")
        axis.legend(fontsize=6)
    panel(axes[len(collections)], "p_suggested")
    for name, colour in zip(collections, plt.cm.tab10.colors):
        here = [r for c in cells if c.collection == name for r in results[c.name]]
        curve(axes[len(collections)], np.sum([r["ours"]["suggestions"] for r in here], 0), name, colour)
    axes[len(collections)].legend(fontsize=6)
    for axis in axes[len(collections) + 1 :]:
        axis.set_visible(False)
    figure.tight_layout()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None})
    figure.savefig(file.with_suffix(".png"), dpi=110, metadata={"Software": None})
    plt.close(figure)
