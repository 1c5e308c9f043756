"""Where a training had better run, by what was measured: the table that scripts/bench_gpu.py writes.

The package holds no table until one has been measured on a GPU; without one there is no advice.
"""

import json
from pathlib import Path

from xpnet.backend import available
from xpnet.nn import Network

TABLE = Path(__file__).with_name("break_even.json")


def advice(network: Network, batch_size: int, backend: str) -> str | None:
    """Return a line if the other of NumPy and CuPy was faster on such a network and batch, or None.

    The network is judged by its widest layer behind the inputs, by the widest measured one that is no wider.
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
