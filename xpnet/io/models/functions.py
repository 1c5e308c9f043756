"""Activations and costs in files: built-in ones by name, one's own by a name that is handed back when loading."""

from collections.abc import Iterable
from typing import Any

from xpnet.nn import ACTIVATIONS, COSTS, Activation, Cost, Network

BUILT_IN: dict[type, dict[str, Any]] = {Activation: ACTIVATIONS, Cost: COSTS}
OWN = "own"  # the key under which a description holds the name of a function that is not built in


def describe(network: Network) -> dict[str, Any]:
    """Return a network as plain JSON.

    Raises
    ------
    ValueError
        If two functions that differ have one name.
    """
    names = {f: _name(f, Activation) for f in network.activations}
    for f in names:
        twins = [g for g in names if g.name == f.name and g != f]
        if twins:
            raise ValueError(f"network must give different functions different names to be saved, got {f.name!r} twice")
    description = {
        "sizes": list(network.sizes),
        "hidden": [names[f] for f in network.hidden],
        "output": names[network.output],
        "cost": _name(network.cost, Cost),
        "dropout": list(network.dropout),
    }
    return description | ({"labels": network.labels} if network.several else {})


def described(f: Any, kind: type) -> dict[str, Any]:
    """Return the name of a built-in function, or what marks one's own, and its hyper-parameters, if it has any."""
    built_in, hyper = BUILT_IN[kind].get(f.name), dict(getattr(f, "hyper", ()))
    kept = {"hyper": {name: x.item() if hasattr(x, "item") else x for name, x in hyper.items()}} if hyper else {}
    if built_in is None:
        return {OWN: f.name} | kept
    if f == built_in or (hyper and built_in.remake is not None and built_in.remake(**hyper) == f):
        return {"name": f.name} | kept
    raise ValueError(f"a function of your own must have another name than a built-in one, got {f.name!r}")


def _name(f: Any, kind: type) -> Any:
    """Return how a file names a function: only a name where there is nothing else to say."""
    found = described(f, kind)
    return f.name if f == BUILT_IN[kind].get(f.name) else found


def check_functions(functions: Iterable[Any]) -> dict[tuple[type, str], Any]:
    """Return functions of one's own by kind and name; those that are built in are left out.

    Raises
    ------
    TypeError
        If one is neither an activation nor a cost.
    ValueError
        If one has the name of another, or of a built-in function.
    """
    found: dict[tuple[type, str], Any] = {}
    for f in functions:
        kind = next((kind for kind in BUILT_IN if isinstance(f, kind)), None)
        if kind is None:
            raise TypeError(f"functions must hold activations and costs, got {f!r}")
        if found.setdefault((kind, f.name), f) != f:
            raise ValueError(f"functions must have different names, got {f.name!r} twice")
        if OWN not in described(f, kind):
            del found[kind, f.name]
    return found


def network_of(description: dict[str, Any], own: dict[tuple[type, str], Any]) -> Network:
    """Return the network that `describe` described.

    Raises
    ------
    TypeError, ValueError
        If it makes no sense to this xpnet, or needs a function that `own` does not have.
    """
    given = dict(description)
    given["hidden"] = [_function(f, Activation, own) for f in given["hidden"]]
    given["output"] = _function(given["output"], Activation, own)
    given["cost"] = _function(given["cost"], Cost, own)
    return Network(**given)


def _function(written: Any, kind: type, own: dict[tuple[type, str], Any]) -> Any:
    if isinstance(written, str):
        return written
    hyper = written.get("hyper", {})
    if OWN not in written:
        return BUILT_IN[kind][written["name"]].remake(**hyper)
    name = written[OWN]
    f = own.get((kind, name))
    if f is None:
        raise ValueError(f"it needs a function of your own, {name!r}: hand it back with load(path, functions=[{name}])")
    if not hyper or dict(f.hyper) == hyper:
        return f
    if f.remake is None:
        raise ValueError(f"it needs {name!r} with {hyper}, got one with {dict(f.hyper)}")
    return f.remake(**hyper)
