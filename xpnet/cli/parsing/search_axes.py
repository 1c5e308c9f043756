"""The axes of a search as words: ``eta=0.1,0.5``, ``hidden=0,30,30x20``, ``eta=log:0.001:1``."""

from collections.abc import Callable, Mapping
from typing import Any

from xpnet.training import clip_norm, distributions
from xpnet.training.watching.stopping import no_improvement

DISTRIBUTIONS: dict[str, Callable[[Any, Any], distributions.Distribution]] = {
    "log": distributions.log_uniform,
    "uniform": distributions.uniform,
    "int": distributions.integers,
    "logint": distributions.log_integers,
}
TEXT = ("activation", "optimizer", "output", "cost", "class_weight")
# names whose values are made: what search calls them, and of what
MADE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "clip_norm": ("clip", clip_norm),
    "early_stopping": ("stopping", no_improvement),
}


def axis(word: str) -> tuple[str, Any]:
    """Return the name and the values, or the distribution, of an axis.

    Raises
    ------
    ValueError
        If the word cannot be read.

    Examples
    --------
    >>> axis("batch-size=10,full"), axis("hidden=0,30,30x20")
    (('batch_size', [10, None]), ('hidden', [0, 30, (30, 20)]))
    >>> axis("eta=log:0.001:1")
    ('eta', log_uniform(low=0.001, high=1.0))
    """
    name, equals, values = word.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not name:
        raise ValueError(f"grid must be NAME=VALUE,VALUE or NAME=log:LOW:HIGH, got {word!r}")
    kind, colon, limits = values.partition(":")
    if colon:
        if name in MADE or name in TEXT:
            raise ValueError(f"grid must have values for {name}, not a distribution, got {values!r}")
        return name, _distribution(kind, limits)
    called, make = MADE.get(name, (name, None))
    parts = [part.strip() for part in values.split(",") if part.strip()]
    read = [_value(name, part) for part in parts]
    return called, [make(value) if make is not None and value is not None else value for value in read]


def _distribution(kind: str, limits: str) -> Any:
    low, colon, high = limits.partition(":")
    if kind not in DISTRIBUTIONS or not colon:
        raise ValueError(
            f"grid must have a distribution such as log:0.001:1 ({', '.join(DISTRIBUTIONS)}), got {kind}:{limits}"
        )
    return DISTRIBUTIONS[kind](_number(low), _number(high))


def _value(name: str, word: str) -> Any:
    if word == "none" and name not in ("hidden", "batch_size"):
        return None
    if name in TEXT:
        return word
    if name == "batch_size" and word == "full":
        return None
    if name == "hidden" and "x" in word:
        return tuple(_number(size) for size in word.split("x"))
    return _number(word)


def _number(word: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    raise ValueError(f"grid must have numbers here, got {word!r}")


# ---- and back: the flags of xpnet train ---------------------------------------------------------------------

FLAGS = (
    "eta",
    "activation",
    "dropout",
    "output",
    "cost",
    "optimizer",
    "l1",
    "l2",
    "max_norm",
    "class_weight",
    "epochs",
)


def flags(setting: Mapping[str, Any]) -> list[str] | None:
    """Return a setting as flags of ``xpnet train``, or None if one has no flag.

    Examples
    --------
    >>> flags({"eta": 0.5, "hidden": (30, 20), "batch_size": None})
    ['--eta', '0.5', '--hidden', '30', '20', '--batch-size', 'full']
    >>> flags({"mu": 0.9}) is None
    True
    """
    words: list[str] = []
    for name, value in setting.items():
        settings = dict(getattr(value, "settings", ()))
        if name == "hidden":
            sizes = value if isinstance(value, tuple) else (value,)
            words += ["--hidden", *(str(size) for size in sizes or (0,))]
        elif name == "batch_size":
            words += ["--batch-size", "full" if value is None else str(value)]
        elif name == "clip" and settings:
            words += ["--clip-norm", f"{next(iter(settings.values())):g}"]
        elif name == "stopping" and settings:
            words += ["--early-stopping", str(settings["n"])]
        elif name in FLAGS and value is not None:
            words += [f"--{name.replace('_', '-')}", str(getattr(value, "name", value))]
        elif name not in (*FLAGS, "clip", "stopping") or value is not None:
            return None
    return words
