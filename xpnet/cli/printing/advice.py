"""Advice on where to train, from a table of measurements that scripts/bench_gpu.py writes.

The package has no table until one has been measured on a GPU.  Without a table there is no advice.
"""

import json
from pathlib import Path

from xpnet.backend import available
from xpnet.nn import Network

TABLE = Path(__file__).with_name("break_even.json")


def advice(network: Network, batch_size: int, backend: str) -> str | None:
    """Return a line of advice if the other library, NumPy or CuPy, was faster for such a network and batch, else None.

    The table is read at the width of the widest layer after the inputs, or at the next smaller width that was measured.
    """
    if backend not in ("numpy", "cupy") or not TABLE.exists():
        return None
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    batches = {int(width): batch for width, batch in table["the GPU wins from batch"].items()}
    measured = max((width for width in batches if width <= max(network.sizes[1:])), default=min(batches))
    least = batches[measured]
    pays = least is not None and batch_size >= least
    if pays == (backend == "cupy") or (pays and available()["cupy"]):
        return None
    words = f"on {table['device']}, layers of {measured} neurons trained faster on "
    if pays:
        return f"advice   {words}the GPU from batches of {least} on: --backend cupy"
    below = "whatever the batch" if least is None else f"with batches below {least}"
    return f"advice   {words}NumPy {below}: --backend numpy"
