"""``xpnet backends``: which array libraries can be used here, and what is wrong with the others."""

import argparse
import json

from xpnet.backend import BackendError, available, get
from xpnet.libraries import describe


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    found = {name: _look(name, why) for name, why in available().items()}
    try:
        current = get()
        now = f"{current.name}, {current.dtype_name}"
    except (BackendError, ValueError) as error:
        now = f"none: {error}"
    if options.json:
        print(json.dumps({"current": now, "backends": found}))
        return 0
    for name, info in found.items():
        if "reason" in info:
            print(f"{name:17} no   {info['reason']}")
            continue
        print(f"{name:17} yes  version {info['version']}, {info['device']}")
        if "blas" in info:
            print(f"{'':17}      BLAS: {info['blas']}")
    print(f"\nused now: {now}  (choose with --backend NAME or XPNET_BACKEND=NAME)")
    return 0


def _look(name: str, reason: str | None) -> dict[str, str]:
    if reason:
        return {"reason": reason}
    return describe(name, get(name).device)
