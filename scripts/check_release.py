"""Build the sdist and the wheel, look inside, install both, and test the sdist's tests against the wheel.

    python scripts/check_release.py [--quick] [--release] [--keep FOLDER]

Needs the dependency group `release`.  `--quick` runs a few tests instead of all; `--release` also asks that the newest
heading of the changelog is this version with its date, as it must be on the day of a release; `--keep` copies the two
archives to a folder at the end.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parents[1]
QUICK = ["tests/test_project.py", "tests/nn/test_costs.py", "tests/io"]
SDIST = ["LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "SECURITY.md", "conftest.py", "pyproject.toml",
         "tests/conftest.py", "docs/index.md", "scripts/check_release.py", "xpnet/py.typed"]  # fmt: skip
WHEEL = ["xpnet/py.typed", "xpnet/data/images/digits.npz", "xpnet/report/page/assets/page.html"]
KINDS = {".py", ".typed", ".npz", ".txt", ".js", ".json", ".css", ".html"}  # of the files of a wheel
STRAY = re.compile(r"__pycache__|\.pyc$|(^|/)\.(venv|git/|hypothesis|\w+_cache)|\.egg-info|~$|\.orig$")

TEXT = {"type": "string", "minLength": 1}
CITATION = {  # what this project uses of the Citation File Format 1.2.0
    "type": "object",
    "required": ["cff-version", "message", "title", "authors", "version", "date-released", "license"],
    "additionalProperties": False,
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": TEXT,
        "title": TEXT,
        "type": {"enum": ["software", "dataset"]},
        "authors": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        "version": TEXT,
        "date-released": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "license": TEXT,
        "repository-code": {"type": "string", "pattern": "^https://"},
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        "references": {"type": "array", "items": {"type": "object", "required": ["authors", "title", "type"]}},
    },
}
USER = """import xpnet
network = xpnet.Network([2, 3, 1])
xpnet.Network(layers=3)
"""


def main() -> None:
    """Check all, in the order of what fails first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="run a few tests instead of all")
    parser.add_argument("--release", action="store_true", help="the changelog must have this version, with its date")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="copy the two archives there at the end")
    options = parser.parse_args()
    check_versions(release=options.release)
    with tempfile.TemporaryDirectory(prefix="a release with spaces ") as name:
        folder = Path(name)
        sdist, wheel = build(folder / "dist")
        check_contents(sdist, wheel)
        train_from(sdist, folder / "from sdist")
        python = train_from(wheel, folder / "from wheel")
        check_types(python, folder)
        test_sdist(sdist, wheel, python, folder / "unpacked", quick=options.quick)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            for archive in (sdist, wheel):
                shutil.copy(archive, options.keep)
    print("ready" if options.release else "sound")


def check_versions(*, release: bool) -> None:
    """Compare the version and the date in the package, the changelog and the citation file."""
    version = re.search(r'^__version__ = "(.+)"', text("xpnet/__init__.py"), re.M)[1]  # type: ignore[index]
    heading = re.search(r"^## \[(.+?)\](?: - (.+))?", text("CHANGELOG.md"), re.M)
    # dates stay text: the format's own schema wants them so
    citation: dict[str, Any] = yaml.load(text("CITATION.cff"), Loader=yaml.BaseLoader)
    jsonschema.validate(citation, CITATION)
    need(citation["version"] == version, f"CITATION.cff says {citation['version']}, the package {version}")
    need(heading is not None, "CHANGELOG.md has no heading")
    newest, day = heading.groups()  # type: ignore[union-attr]
    need(newest == version or (newest == "Unreleased" and not release), f"CHANGELOG.md begins with [{newest}]")
    if newest == version:
        need(day == citation["date-released"], f"CHANGELOG.md says {day}, CITATION.cff {citation['date-released']}")
    print(f"version {version}, changelog [{newest}], citation file valid")


def text(path: str) -> str:
    """Return a file of the checkout."""
    return (ROOT / path).read_text(encoding="utf-8")


def need(condition: bool, otherwise: str) -> None:
    """Stop with one line."""
    if not condition:
        sys.exit(f"check_release: {otherwise}")


def call(*command: object, **options: Any) -> None:
    """Run a command; stop where it fails."""
    print("$", *command, flush=True)
    need(subprocess.run([str(word) for word in command], check=False, **options).returncode == 0, "the command failed")


def build(folder: Path) -> tuple[Path, Path]:
    """Return the sdist, and the wheel that was built from it."""
    call(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    [sdist], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    call(sys.executable, "-m", "twine", "check", "--strict", sdist, wheel)
    return sdist, wheel


def check_contents(sdist: Path, wheel: Path) -> None:
    """Look for what must be inside, what must not, and links that lead nowhere on a package index."""
    with tarfile.open(sdist) as archive:
        source = {name.partition("/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")]
        [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        description = archive.read(metadata).decode()
    missing = [name for name in SDIST if name not in source] + [name for name in WHEEL if name not in names]
    need(not missing, f"missing: {missing}")
    stray = [name for name in [*source, *names] if STRAY.search(name)]
    stray += [name for name in names if not name.startswith("xpnet/") or Path(name).suffix not in KINDS]
    need(not stray, f"should not be there: {stray}")
    relative = re.findall(r"\]\((?!https?:|#)[^)]*\)", description)
    need(not relative, f"relative links in the description: {relative}")
    print(f"{len(source)} names in the sdist, {len(names)} files in the wheel")


def train_from(package: Path, folder: Path) -> Path:
    """Install one of the two in an environment of its own, train, and return its Python."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    call(programs / "python", "-m", "pip", "install", "-q", package)
    call(programs / "xpnet", "train", "--quiet", cwd=folder)
    call(programs / "xpnet", "evaluate", "xpnet-digits.safetensors", cwd=folder)
    return programs / "python"


def check_types(python: Path, folder: Path) -> None:
    """A user's mypy sees the types of the installed package: it finds the one mistake, and nothing else."""
    (folder / "user.py").write_text(USER, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--python-executable", python, "--follow-imports=silent", "user.py"]
    told = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False)
    errors = [line for line in told.stdout.splitlines() if ": error:" in line]
    expected = bool(errors) and all(line.startswith("user.py:3:") and "[call-arg]" in line for line in errors)
    need(expected, f"mypy on a user's file says: {told.stdout}{told.stderr}")
    print("a user's mypy sees the types")


def test_sdist(sdist: Path, wheel: Path, python: Path, folder: Path, *, quick: bool) -> None:
    """Run the tests of the sdist on the installed wheel: the sdist's own package is put away first."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [unpacked] = folder.iterdir()
    if quick:
        call(python, "-m", "pip", "install", "-q", "pytest>=8.3", "hypothesis>=6.100", "array-api-strict>=2.6.1")
    else:
        call(python, "-m", "pip", "install", "-q", f"{wheel}[test]")
    (unpacked / "xpnet").rename(folder / "put away")
    where = "import pathlib, sys, xpnet; sys.exit('site-packages' not in pathlib.Path(xpnet.__file__).parts)"
    call(python, "-c", where, cwd=unpacked)
    environment = os.environ | ({"XPNET_TEST_BACKENDS": "numpy-float64"} if quick else {})
    call(python, "-m", "pytest", "-q", *(QUICK if quick else ["tests"]), cwd=unpacked, env=environment)


if __name__ == "__main__":
    main()
