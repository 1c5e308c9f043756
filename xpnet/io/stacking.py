"""Several models as one: the checks that they agree, and their parameters as one stack."""

from typing import Any

from xpnet.backend import of
from xpnet.trees import leaves


def check_axes(parameters: Any) -> None:
    """Refuse parameters whose arrays have different leading axes, more than one, or one of length 0."""
    axes = {tuple(getattr(x, "shape", ())[:-2]) for x in leaves(parameters)}
    if len(axes) > 1 or any(len(each) > 1 or 0 in each for each in axes):
        raise ValueError(
            f"parameters must all have the same leading axis, one place for each member, or none, got {sorted(axes)}"
        )


def check_alike(models: list[Any]) -> None:
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
