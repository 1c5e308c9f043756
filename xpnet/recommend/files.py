"""Recommenders to files and back: host arrays, so that what a GPU fitted a laptop opens."""

import os
from typing import Any

from xpnet.backend import Backend, get, to_numpy
from xpnet.data.ratings.reading import Ratings
from xpnet.io.archives import is_archive, read_archive, write_archive
from xpnet.recommend.algorithms.als import Factors
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.recommender import Recommender

KIND = "recommender 1"
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
    arrays = {name: getattr(ratings, name) for name in ("users", "items", "values", "user_ids", "item_ids")}
    arrays |= {f"bias_{name}": to_numpy(x) for name, x in biases._asdict().items()}
    arrays |= {name: to_numpy(x) for name, x in factors._asdict().items()}
    settings = {"lam": recommender.lam, "damping": list(recommender.damping), "bounded": recommender.bounded}
    write_archive(path, KIND, arrays, {"settings": settings, "note": note or {}})


def load(path: PathLike, backend: str | Backend | None = None) -> Recommender:
    """Return the recommender that `save` wrote, on `backend`.

    Raises
    ------
    FileNotFoundError, FormatError
        If there is no such file, or it is damaged, foreign or was changed.
    """
    arrays, note = read_archive(path, KIND)
    home, settings = get(backend), note["settings"]
    users, items, values = (arrays[name] for name in ("users", "items", "values"))
    ratings = Ratings.numbered(users, items, values, user_ids=arrays["user_ids"], item_ids=arrays["item_ids"])
    biases = Biases(*(home.asarray(arrays[f"bias_{name}"]) for name in Biases._fields))
    factors = Factors(*(home.asarray(arrays[name]) for name in Factors._fields))
    return Recommender(ratings, biases, factors, settings["lam"], tuple(settings["damping"]), (), settings["bounded"])


def load_note(path: PathLike) -> dict[str, Any]:
    """Return the note that was given to `save`."""
    note: dict[str, Any] = read_archive(path, KIND)[1]["note"]
    return note


def is_ours(path: PathLike) -> bool:
    """Return whether `path` is a recommender's file."""
    return is_archive(path, KIND)
