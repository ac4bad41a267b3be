"""The collections that noise is simulated in."""
import csv
import dataclasses

from .bench import HERE


@dataclasses.dataclass(frozen=True)
class Collection:
    """A set of photographs of which nearly all labels are right."""

    name: str
    title: str
    folder: str = ""        # below the real data; empty: the bench makes it
    aligned: bool = False
    drawn: bool = False
    parent: str = ""        # whose aligned faces these are
    identities: int = 0     # of a drawn one
    images: int = 0         # of a drawn one's identity, about

    def source(self, bench):
        """Returns the folder with its images."""
        if self.drawn:
            return bench.work / "drawn" / "faces"
        if self.parent:
            return bench.work / "aligned" / self.parent
        return bench.data / self.folder

    def natural(self, bench):
        """Returns the paths of images whose own label is wrong or uncertain: they stay out."""
        if self.drawn:
            return set()
        if self.parent:
            return {path.rsplit(".", 1)[0] + ".png" for path in BY_NAME[self.parent].natural(bench)}
        for table in (bench.data / self.folder / "natural.csv", HERE / "natural" / f"{self.name}.csv"):
            if table.exists():
                with open(table, newline="") as f:
                    return {row["path"] for row in csv.DictReader(f)}
        return set()

    def prior(self, bench):
        """Returns the weights that the judge starts from, learnt without this collection; None: the shipped ones."""
        return None if self.drawn else bench.priors / f"without-{self.parent or self.name}.json"


ALL = [
    Collection("celeba-mini", "CelebA", "celeba-mini"),
    Collection("facescrub-mini", "FaceScrub, aligned", "facescrub-mini", aligned=True),
    Collection("vggface2-mini", "VGGFace2", "vggface2-mini"),
    Collection("lfw", "LFW", "lfw/lfw"),
    Collection("celeba-aligned", "CelebA, aligned", aligned=True, parent="celeba-mini"),
    Collection("drawn", "drawn faces", drawn=True, identities=1190, images=10),
]
BY_NAME = {c.name: c for c in ALL}
