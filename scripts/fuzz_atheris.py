"""Let atheris, which follows the code that runs, look for files that a reader takes in a wrong way.

    pip install atheris
    python scripts/fuzz_atheris.py model -max_total_time=60        or another of READERS, and libFuzzer's own flags

It is no part of the tests: `fuzz_files.py` is.  What atheris finds is a crash with the bytes that made it.
"""

import contextlib
import io
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:
    raise SystemExit(0 if "--quick" in sys.argv else "atheris is not installed: pip install atheris") from None

with atheris.instrument_imports(include=["xpnet"]):
    import xpnet
    from xpnet.data import FormatError, load_ratings, read_cells, read_idx, read_table
    from xpnet.recommend import load as load_recommender

READERS: dict[str, tuple[str, Any]] = {
    "model": ("m.safetensors", xpnet.load),
    "recommender": ("r.npz", load_recommender),
    "npz": ("t.npz", lambda path: read_table(path, "y")),
    "npy": ("t.npy", lambda path: read_table(path, "-1")),
    "idx": ("t.idx", read_idx),
    "csv": ("t.csv", lambda path: read_cells(path, "y", missing=True)),
    "ratings": ("r.csv", load_ratings),
}


def main() -> None:
    """Run one reader."""
    name = next((word for word in sys.argv[1:] if word in READERS), "model")
    flags = [word for word in sys.argv[1:] if word not in READERS and word != "--quick"]
    flags += ["-runs=200"] if "--quick" in sys.argv else []
    ending, read = READERS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ending

        def once(raw: bytes) -> None:
            path.write_bytes(raw)
            with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
                warnings.simplefilter("error")
                try:
                    read(path)
                except FormatError as error:
                    if "\n" in str(error) or ending not in str(error):
                        raise AssertionError(f"unclear message: {error}") from error

        atheris.Setup([sys.argv[0], *flags], once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
