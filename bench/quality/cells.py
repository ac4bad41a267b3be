"""The cells of the grid: which set, how large its labels are, and what noise is simulated in it."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Cell:
    """One kind of set; a seed makes a draw of it."""

    name: str
    title: str
    collection: str
    group: str                  # sets of one kind and size, over which figures are pooled
    flips: float = .05
    hard_flips: float = 0
    outliers: float = .05
    hold_back: int = 20
    strangers: str = ""         # the collection that gives the outliers instead
    mates: str = "0"
    per_identity: int = 0
    least: int = 2
    identities: int = 0
    acceptance: bool = False    # it goes first
    mode: str = "swap"
    most_draws: int = 100       # a large set is not drawn more often

    def flags(self):
        """Returns the flags of simulate, but for folders and seed."""
        held = [] if self.strangers or not self.outliers else ["--hold-back", self.hold_back]
        return ["--flips", self.flips, "--hard-flips", self.hard_flips, "--outliers", self.outliers, "--mates", self.mates,
                "--per-identity", self.per_identity, "--least", self.least, "--identities", self.identities,
                "--flip-mode", self.mode, *held]


SHARES = {"1": .005, "10": .05, "30": .15}


def at_shares(name, title, shares, **options):
    """Makes a cell for each share of noise in percent, half flips and half outliers."""
    return [Cell(f"{name}-{s}", f"{title}, {s} %", flips=SHARES[s], outliers=SHARES[s], **options) for s in shares]


def hard(name, title, **options):
    """Makes the cell of flips into the nearest identity."""
    return Cell(f"{name}-hard", f"{title}, nearest-person flips", flips=0, hard_flips=.1, outliers=0, **{"mode": "add", **options})


def celeba(collection, prefix, title):
    """Makes the cells of CelebA at 20, 8 and 4 images that its photographs and its aligned faces share."""
    cells = []
    for n, least in (20, 15), (8, 8), (4, 4):
        cells += at_shares(f"{prefix}-{n}", f"{title} x {n}", ["10"], collection=collection, group=f"{prefix}-{n}",
                           per_identity=n, least=least, acceptance=True)
    return cells


def grid():
    """Returns all cells, those of the acceptance first."""
    c20 = dict(collection="celeba-mini", per_identity=20, least=15)
    v = dict(collection="vggface2-mini", strangers="celeba-mini", least=10)
    v20, v8 = dict(v, per_identity=20), dict(v, per_identity=8)
    fs = dict(collection="facescrub-mini", group="facescrub-4up", least=4, hold_back=40)
    lfw = dict(collection="lfw", group="lfw-4up", least=4, hold_back=40, per_identity=30)
    drawn = dict(collection="drawn", group="drawn", hold_back=190, identities=1000, most_draws=3)
    cells = celeba("celeba-mini", "celeba", "CelebA")
    cells += [hard("celeba-20", "CelebA x 20", group="celeba-20", acceptance=True, **c20)]
    cells += [dataclasses.replace(hard("celeba-20", "CelebA x 20", group="celeba-20-exchanged", mode="swap", **c20),
                                  name="celeba-20-hard-exchanged", title="CelebA x 20, nearest persons exchange images")]
    cells += at_shares("vggface2-20", "VGGFace2 x 20", ["10"], group="vggface2-20", acceptance=True, **v20)
    cells += at_shares("vggface2", "VGGFace2 whole", ["10"], group="vggface2", acceptance=True, **v)
    cells += at_shares("lfw-4up", "LFW >= 4", ["10"], acceptance=True, **lfw)
    cells += at_shares("facescrub-4up", "FaceScrub >= 4", ["10"], acceptance=True, **fs)
    cells += [dataclasses.replace(c, mates="0-40%", name=c.name.replace("-10", "-mates"), title=c.title + ", outliers with mates",
                                  acceptance=c.name == "celeba-20-10") for c in cells[:3]]
    cells += celeba("celeba-aligned", "aligned", "CelebA aligned")
    cells += at_shares("celeba-20", "CelebA x 20", ["1", "30"], group="celeba-20", **c20)
    for n in 8, 4:
        small = dict(collection="celeba-mini", group=f"celeba-{n}", per_identity=n, least=n)
        cells += at_shares(f"celeba-{n}", f"CelebA x {n}", ["1", "30"], **small)
        cells += [hard(f"celeba-{n}", f"CelebA x {n}", **small)]
    cells += at_shares("vggface2", "VGGFace2 whole", ["1", "30"], group="vggface2", **v)
    cells += at_shares("vggface2-8", "VGGFace2 x 8", ["10"], group="vggface2-8", **v8)
    cells += [hard("vggface2", "VGGFace2 whole", group="vggface2", **v), hard("vggface2-20", "VGGFace2 x 20", group="vggface2-20", **v20)]
    cells += at_shares("facescrub-4up", "FaceScrub >= 4", ["1", "30"], **fs) + [hard("facescrub-4up", "FaceScrub >= 4", **fs)]
    cells += at_shares("lfw-4up", "LFW >= 4", ["1"], **lfw)
    cells += at_shares("lfw-4up", "LFW >= 4", ["30"], **dict(lfw, hold_back=90))
    cells += [hard("lfw-4up", "LFW >= 4", **lfw)]
    for n in 3, 5, 10, 50:  # so few flips that their labels cannot always be exchanged
        cells += at_shares(f"celeba-{n}-people", f"CelebA, {n} people x 20", ["10"], group=f"celeba-{n}-people", identities=n, mode="add", **c20)
    cells += at_shares("drawn", "drawn faces", ["1", "10", "30"], **drawn) + [hard("drawn", "drawn faces", **drawn)]
    cells += [hard("aligned-20", "CelebA aligned x 20", collection="celeba-aligned", group="aligned-20", per_identity=20, least=15)]
    names = [c.name for c in cells]
    assert len(set(names)) == len(names), "two cells have one name"
    return cells
