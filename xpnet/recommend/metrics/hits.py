"""Lists compared with the items that were held out."""

from xpnet.backend import Array, namespace, plain_array, to_numpy
from xpnet.checks import whole
from xpnet.linalg.arguments import as_inexact

CHUNK = 1 << 22  # comparisons of items held in memory at a time


def compare(recommended: Array, relevant: Array, k: int | None) -> tuple[Array, Array]:
    """Return the hits (n_users, k) and the numbers of relevant items (n_users,), both floating."""
    namespace(recommended=recommended, relevant=relevant)
    recommended, relevant = check_items(recommended, "recommended"), check_items(relevant, "relevant")
    if relevant.shape[0] != recommended.shape[0]:
        raise ValueError(f"relevant must have {recommended.shape[0]} rows like recommended, got {relevant.shape[0]}")
    if recommended.shape[1] == 0:
        raise ValueError(f"recommended must have a column or more, got shape {tuple(recommended.shape)}")
    k = recommended.shape[1] if k is None else whole("k", k, 1, recommended.shape[1])
    xp, there = namespace(relevant), relevant >= 0
    if not bool(xp.any(there)):
        raise ValueError(f"relevant must hold an item for a user or more, got none in shape {tuple(relevant.shape)}")
    return as_inexact(_hits(recommended[:, :k], relevant)), as_inexact(xp.count_nonzero(there, axis=1))


def _hits(recommended: Array, relevant: Array) -> Array:
    xp, (n_users, k) = namespace(recommended), recommended.shape
    rows = max(1, CHUNK // (k * relevant.shape[1]))
    starts = range(0, n_users, rows)
    chunks = [(recommended[i : min(i + rows, n_users), :], relevant[i : min(i + rows, n_users), :]) for i in starts]
    found = [xp.any(shown[:, :, None] == held[:, None, :], axis=2) for shown, held in chunks]  # (rows, k)
    return xp.concat(found, axis=0) & (recommended >= 0)


def ranks_of(hits: Array) -> Array:
    """Return 1 .. k for hits of shape (n_users, k)."""
    return namespace(hits).arange(1, hits.shape[1] + 1, dtype=hits.dtype, device=hits.device)


def mean_over_users(values: Array, n_relevant: Array) -> Array:
    """Return the mean of the values, (n_users,), of users with a relevant item."""
    xp, counts = namespace(values), as_inexact(n_relevant > 0.0)
    return xp.sum(values * counts) / xp.sum(counts)


def check_items(x: Array, name: str) -> Array:
    """Return lists of item numbers as int64 (int32 where the device has no more), or say what is wrong with them."""
    x = plain_array(x, name)
    xp = namespace(**{name: x})
    if not xp.isdtype(x.dtype, "integral"):
        raise TypeError(f"{name} must hold integers, got dtype {x.dtype}")
    if x.ndim != 2:
        raise ValueError(f"{name} must have shape (n_users, n), got {tuple(x.shape)}")
    least = 0 if xp.isdtype(x.dtype, "unsigned integer") else -1  # too large an unsigned number wraps to below 0
    wide = xp.__array_namespace_info__().dtypes(device=x.device, kind="signed integer")
    x = xp.astype(x, wide.get("int64", xp.int32))
    refuse_items(x, x < least, f"{name} must hold item numbers, or -1 for none")
    if x.shape[1] > 1:
        ordered = xp.sort(x, axis=1)
        again = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
        refuse_items(ordered[:, 1:], again, f"{name} must not hold an item twice in a row")
    return x


def refuse_items(x: Array, wrong: Array, rule: str) -> None:
    """Name the first item that is wrong, if there is one."""
    if bool(namespace(x).any(wrong)):
        row, column = (int(i[0]) for i in to_numpy(wrong).nonzero())
        raise ValueError(f"{rule}, got {int(x[row, column])} in row {row}")
