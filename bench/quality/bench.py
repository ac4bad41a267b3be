"""Where things stand: the program, the real photographs, and the folder that the bench works in."""
import dataclasses
import hashlib
import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@dataclasses.dataclass(frozen=True)
class Bench:
    """The folders and the program of one call of the bench."""

    work: pathlib.Path = HERE / ".work"
    priors: pathlib.Path = HERE / "priors"
    program: pathlib.Path = ROOT / "bin" / "coordinator"
    shared: pathlib.Path = pathlib.Path(os.environ.get("SHARED", ROOT.parent / "shared"))
    runtime: pathlib.Path = ROOT / ".onnxruntime"

    @property
    def data(self):
        """Folder of the real collections."""
        return self.shared / "data"

    def report(self, name):
        """Folder with a copy of a collection's report."""
        return self.work / "reports" / name

    def call(self, *arguments, out=None):
        """Calls the program and returns what it printed; its own words are the error."""
        done = subprocess.run([str(self.program), *map(str, arguments)], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"coordinator {' '.join(map(str, arguments))}\n{done.stderr[-2000:]}")
        return done.stdout

    def engines(self):
        """Flags of a run that computes vectors."""
        return ["--models", self.shared / "models", "--onnxruntime", self.runtime]


def digest(*parts):
    """Returns a short hash of texts, bytes, and of what JSON can say."""
    h = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        h.update(len(data).to_bytes(8, "little"))
        h.update(data)
    return h.hexdigest()[:20]


def file_digest(path):
    """Returns the hash of a file's bytes."""
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def code_digest(*modules):
    """Returns the hash of modules of the bench, so that what they computed is told from what others did."""
    return digest(*[(HERE / f"{m}.py").read_bytes() for m in modules])
