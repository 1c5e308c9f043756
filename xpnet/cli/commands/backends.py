"""``xpnet backends``: list the array libraries that can be used here, and why the others cannot."""

import argparse
import json

from xpnet.backend import BackendError, available, get


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    found = {name: {"reason": why} if why else get(name).info() for name, why in available().items()}
    try:
        current = get()
        now = f"{current.name}, {current.dtype_name}"
    except (BackendError, ValueError) as error:
        now = f"none: {error}"
    if options.json:
        print(json.dumps({"current": now, "backends": found}))
        return 0
    for name, info in found.items():
        print("\n".join(_lines(name, info)))
    print(f"\nused now: {now}  (choose with --backend NAME or XPNET_BACKEND=NAME)")
    return 0


def _lines(name: str, info: dict[str, str]) -> list[str]:
    if "reason" in info:
        return [f"{name:17} no   {info['reason']}"]
    labels = {"blas": "BLAS", "threads": "threads in training", "cuda": "CUDA", "tf32": "TF32", "warning": "warning"}
    more = [f"{'':22} {label}: {info[key]}" for key, label in labels.items() if key in info]
    return [f"{name:17} yes  version {info['version']}, {info['device']}", *more]
