"""What makes a model whole, and what makes several models members of one ensemble."""

from collections.abc import Iterable
from typing import Any

from xpnet.backend import of
from xpnet.trees import leaves


def check_axes(parameters: Any, runs: tuple[Any, ...] = ()) -> None:
    """Refuse parameters whose arrays have different leading axes, more than one, or one of length 0; runs likewise."""
    axes = {tuple(getattr(x, "shape", ())[:-2]) for x in leaves(parameters)}
    if len(axes) > 1 or any(len(each) > 1 or 0 in each for each in axes):
        raise ValueError(
            f"parameters must all have the same leading axis, one place for each member, or none, got {sorted(axes)}"
        )
    k = next((each[0] for each in axes if each), 1)
    if len(runs) not in (0, k):
        raise ValueError(f"runs must be one for each of {k} networks, or none, got {len(runs)}")


def check_classes(network: Any, classes: tuple[Any, ...] | None) -> None:
    """Refuse labels, if there are some, that do not fit what the network tells apart, or of which two are equal."""
    if classes is None:
        return
    if not network.classifies:
        raise ValueError(f"classes must be left out for outputs that are values, got {len(classes)}")
    if len(classes) != network.n_classes:
        raise ValueError(f"classes must name {network.n_classes} classes, got {len(classes)}")
    if None in classes or len(set(classes)) < len(classes):
        raise ValueError(f"classes must be labels that differ, got {list(classes)}")


def check_scales(network: Any, targets: Any) -> None:
    """Refuse a scaling of the targets, if there is one, that has neither one scale nor one for each output."""
    scales, n_out = 1 if targets is None else len(targets.scale), network.sizes[-1]
    if scales not in (1, n_out):
        raise ValueError(f"targets must have one scale, or one for each of {n_out} outputs, got {scales}")


def check_errors(network: Any, errors: Any) -> None:
    """Refuse errors of predictions, if they are known, for a network that does not predict one value."""
    if errors is not None and (network.classifies or network.sizes[-1] != 1):
        what = "classes" if network.classifies else f"{network.sizes[-1]} values"
        raise ValueError(f"errors must be left out for a network that predicts {what}, got {errors.n} errors")


def members_of(models: Any, kind: type) -> list[Any]:
    """Return the models, of class `kind`, that are to be an ensemble; results are taken for their models."""
    if not isinstance(models, Iterable):
        raise TypeError(f"models must be a sequence of models, got {type(models).__name__}")
    given = [getattr(each, "model", each) for each in models]
    wrong = [each for each in given if not isinstance(each, kind)]
    if wrong:
        raise TypeError(f"models must hold models or results, got {type(wrong[0]).__name__}")
    if not given:
        raise ValueError("models must hold at least one model, got none")
    _check_alike(given)
    return given


def _check_alike(models: list[Any]) -> None:
    """Refuse models that cannot be members of one ensemble; the message names what differs, and where."""
    wanted = _traits(models[0])
    for i, model in enumerate(models):
        for name, found in _traits(model).items():
            if found != wanted[name]:
                raise ValueError(
                    f"models must have the same {name}, "
                    f"got {_shown(wanted[name])} in models[0] and {_shown(found)} in models[{i}]"
                )


def _traits(model: Any) -> dict[str, Any]:
    """Return what members must have in common, by name.  Dropout is not in it: predictions do not use it."""
    network = model.network
    traits = {name: getattr(network, name) for name in ("sizes", "hidden", "output", "cost", "labels")}
    traits |= {name: getattr(model, name) for name in ("preprocessing", "classes", "targets", "features")}
    homes = [of(x) for x in leaves(model.parameters)]
    return traits | {
        "library": [home.name for home in homes],
        "device": [home.device for home in homes],
        "dtype": [x.dtype for x in leaves(model.parameters)],
    }


def _shown(trait: Any) -> str:
    """Return a trait for a message: functions by their names, what all arrays share once."""
    if isinstance(trait, list):
        return ", ".join(sorted({str(each) for each in trait}))
    if isinstance(trait, tuple) and all(hasattr(f, "name") for f in trait):
        return str([f.name for f in trait])
    return repr(getattr(trait, "name", trait))[:200]
