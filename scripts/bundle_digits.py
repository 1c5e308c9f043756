"""Make xpnet/data/images/digits.npz from scikit-learn's copy of the digits, or check that it still agrees.

python scripts/bundle_digits.py           # writes the file
python scripts/bundle_digits.py --check   # exit 1 if the file and scikit-learn differ
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

BUNDLED = Path(__file__).resolve().parents[1] / "xpnet" / "data" / "images" / "digits.npz"


def source_arrays():
    x, y = load_digits(return_X_y=True)
    return {"x": x.astype(np.uint8), "y": y.astype(np.uint8)}


def differences(path, arrays):
    with np.load(path, allow_pickle=False) as bundled:
        if set(bundled.files) != set(arrays):
            return [f"arrays {bundled.files} instead of {list(arrays)}"]
        return [name for name, array in arrays.items() if not np.array_equal(bundled[name], array)]


def main(argv=None):
    parser = argparse.ArgumentParser(description="Make or check the bundled digits.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--output", type=Path, default=BUNDLED, help="the file (default: the bundled one)")
    arguments = parser.parse_args(argv)
    arrays = source_arrays()
    if not arguments.check:
        np.savez_compressed(arguments.output, **arrays)
        print(f"wrote {arguments.output}")
        return 0
    wrong = differences(arguments.output, arrays)
    print(f"{arguments.output}: {'differs in ' + ', '.join(wrong) if wrong else 'agrees with scikit-learn'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
