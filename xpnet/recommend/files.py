"""Recommenders to files and back: host arrays, so that a laptop opens what a GPU fitted."""

import os
from math import isfinite
from typing import Any

from xpnet.backend import Array, Backend, get, quiet, to_numpy
from xpnet.data import FormatError
from xpnet.data.ratings.reading import Ratings
from xpnet.io.archives import is_archive, read_archive, write_archive
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.biased import BiasFolding, RidgeFolding, StretchedFolding
from xpnet.recommend.folding.free_bias import FreeBiasFolding
from xpnet.recommend.folding.implicit import ImplicitFolding
from xpnet.recommend.folding.newcomer import Folding
from xpnet.recommend.recommender import Recommender

KIND = "recommender 2"
RATINGS = ("users", "items", "values", "user_ids", "item_ids")
FOLDINGS: dict[str, Any] = {
    "bias": BiasFolding,
    "als": RidgeFolding,
    "soft-impute": StretchedFolding,
    "implicit als": ImplicitFolding,
    "factorization": FreeBiasFolding,
}
PathLike = str | os.PathLike[str]


def save(path: PathLike, recommender: Recommender, *, note: dict[str, Any] | None = None) -> None:
    """Write a recommender, its ratings included, to an npz file: whole or not at all.

    Parameters
    ----------
    path : path
    recommender : Recommender
        Its history is not kept.
    note : dict, optional
        What JSON can hold, for `load_note`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from xpnet.recommend import BiasModel
    >>> found = BiasModel().fit(Ratings.of([1, 1, 2], [7, 8, 7], [5.0, 3.0, 4.0]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(pathlib.Path(folder, "r.npz"), found)
    ...     bool((load(pathlib.Path(folder, "r.npz")).predict([2], [8]) == found.predict([2], [8])).all())
    True
    """
    ratings, biases, factors = recommender.ratings, recommender.biases, recommender.factors
    arrays = {name: getattr(ratings, name) for name in RATINGS}
    arrays |= {f"bias_{name}": to_numpy(x) for name, x in biases._asdict().items()}
    arrays |= {name: to_numpy(x) for name, x in factors._asdict().items()}
    folding = {"model": _model_of(recommender.folding), "settings": vars(recommender.folding)}
    settings = {"lam": recommender.lam, "bounded": recommender.bounded, "folding": folding}
    write_archive(path, KIND, arrays, {"settings": settings, "note": note or {}})


def load(path: PathLike, backend: str | Backend | None = None) -> Recommender:
    """Return the recommender that `save` wrote, on `backend`.

    Parameters
    ----------
    path : str or path-like
        A file that `save` wrote.
    backend : str or Backend, optional
        The backend for the factors.  Default: as for `xpnet.load`.

    Raises
    ------
    FileNotFoundError, FormatError
        If there is no such file, or it is damaged, foreign, incomplete or was changed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from xpnet.recommend import BiasModel
    >>> found = BiasModel().fit(Ratings.of(["ann", "ann", "bob"], ["tea", "rum", "tea"], [5.0, 1.0, 4.0]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "taste.npz"
    ...     save(path, found)
    ...     print(*load(path).ratings.item_ids)
    rum tea
    """
    arrays, note = read_archive(path, KIND)
    home = get(backend)
    try:
        return _recommender(arrays, note["settings"], home)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise FormatError(f"{path}: must hold a whole recommender, got one with a fault: {error}") from error


def _recommender(arrays: dict[str, Any], settings: dict[str, Any], home: Backend) -> Recommender:
    users, items, values, user_ids, item_ids = (arrays[name] for name in RATINGS)
    ratings = Ratings.numbered(users, items, values, user_ids=user_ids, item_ids=item_ids)
    largest = float(home.xp.finfo(home.dtype).max)
    if ratings.n and not bool((abs(ratings.values) <= largest).all()):
        raise ValueError(f"values must be at most {largest:.3g}")
    biases = Biases(*(_numbers(arrays, f"bias_{name}", home) for name in Biases._fields))
    factors = Factors(*(_numbers(arrays, name, home) for name in Factors._fields))
    k = factors.p.shape[-1] if factors.p.ndim else 0
    shapes = ((), (ratings.n_users,), (ratings.n_items,), (ratings.n_users, k), (ratings.n_items, k))
    for name, x, shape in zip((*Biases._fields, *Factors._fields), (*biases, *factors), shapes, strict=True):
        if tuple(x.shape) != shape:
            raise ValueError(f"{name} must have shape {shape}, got {tuple(x.shape)}")
    lam, bounded = _number("lam", settings["lam"]), settings["bounded"]
    if not isinstance(bounded, bool):
        raise ValueError(f"bounded must be true or false, got {bounded!r}")
    return Recommender(ratings, biases, factors, _folding(settings["folding"], k), lam, bounded=bounded)


def _numbers(arrays: dict[str, Any], name: str, home: Backend) -> Array:
    with quiet():  # what overflows the dtype is refused
        x = home.asarray(arrays[name], home.dtype, name=name)
    if not bool(home.xp.all(home.xp.isfinite(x))):
        raise ValueError(f"{name} must be finite")
    return x


def _model_of(folding: Folding) -> str:
    for name, kind in FOLDINGS.items():
        if type(folding) is kind:
            return name
    raise TypeError(f"folding must be one of xpnet's own, got {type(folding).__name__}")


def _folding(note: dict[str, Any], k: int) -> Folding:
    """Return how newcomers are folded in, from its note."""
    made: Folding = FOLDINGS[note["model"]](**{name: _setting(name, x, k) for name, x in note["settings"].items()})
    return made


def _setting(name: str, x: Any, k: int) -> Any:
    """Return a setting of a folding: a number, a bool, None for no limit, 2 dampings or k numbers."""
    if (name == "counted" and isinstance(x, bool)) or (name == "max_norm" and x is None):
        return x
    n = {"damping": 2, "pulls": k, "stretch": k}.get(name)
    if n is None:
        return _number(name, x)
    if not isinstance(x, list) or len(x) != n:
        raise ValueError(f"{name} must be {n} numbers, got {x}")
    return tuple(_number(name, one) for one in x)


def _number(name: str, x: Any) -> float:
    if isinstance(x, bool) or not isinstance(x, int | float) or not isfinite(x):
        raise ValueError(f"{name} must be a finite number, got {x!r}")
    return float(x)


def load_note(path: PathLike) -> dict[str, Any]:
    """Return the note that was given to `save`.

    Parameters
    ----------
    path : str or path-like
        A file that `save` wrote.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from xpnet.recommend import BiasModel
    >>> found = BiasModel().fit(Ratings.of(["ann", "ann", "bob"], ["tea", "rum", "tea"], [5.0, 1.0, 4.0]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "taste.npz"
    ...     save(path, found, note={"of": "drinks"})
    ...     load_note(path)
    {'of': 'drinks'}
    """
    note: dict[str, Any] = read_archive(path, KIND)[1].get("note", {})
    return note


def is_ours(path: PathLike) -> bool:
    """Return whether `path` is a recommender's file.

    Parameters
    ----------
    path : str or path-like
        A file that exists.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "notes.txt"
    ...     _ = path.write_text("of my own", encoding="utf-8")
    ...     is_ours(path)
    False
    """
    return is_archive(path, KIND)
