"""What the page needs to compute as the model does: sizes, activations, weights, and what raw rows go through."""

from typing import Any

from xpnet.backend import to_numpy
from xpnet.data import Encoding, Scaling
from xpnet.data.images.drawing import FRAMINGS, Framing
from xpnet.io import Model
from xpnet.nn import ACTIVATIONS, Layer
from xpnet.report.measuring.columns import MOST_COLUMNS
from xpnet.report.measuring.packing import pack
from xpnet.trees import leaves

MOST_NUMBERS = 3_000_000  # weights and biases that a page holds: about 14 MB


def described(model: Model) -> dict[str, Any]:
    """Return the network, its preprocessing and its labels as plain JSON.

    ``layers`` is None, and ``why_not`` says why, where the page cannot compute what the model does: its functions are
    not xpnet's own, its preprocessing is unknown, or it is too large.
    """
    network, preprocessing = model.network, model.preprocessing
    framing, why_not = framing_of(model), _why_not(model)
    threshold = network.output.threshold
    return {
        "sizes": list(network.sizes),
        "activations": [f.name for f in network.activations],
        "output": {"threshold": None if threshold is None or threshold == -float("inf") else threshold},
        "dtype": model.backend.dtype_name,
        "cost": network.cost.name,
        "members": model.n_members,
        "several": network.several,
        "classifies": network.classifies,
        "classes": labels_of(model),
        "targets": None if model.targets is None else model.targets.to_json(),
        "preprocessing": preprocessing.to_json() if _is_needed(model, why_not) else None,
        "image": None if framing is None else framing.to_json(),
        "why_not": why_not,
        "layers": None if why_not else [_packed(layer) for layer in model.parameters],
    }


def labels_of(model: Model) -> list[str]:
    """Return what each class is called; of a regression nothing."""
    if not model.network.classifies:
        return []
    return [str(label) for label in model.classes or range(model.network.n_classes)]


def framing_of(model: Model) -> Framing | None:
    """Return how the images were made that the model was trained on; None if they are no images of digits.

    They are if there are as many inputs without names as pixels, which are only divided by what all ink is.

    Examples
    --------
    >>> from xpnet import Network
    >>> network = Network([64, 10])
    >>> model = Model(network, network.initialize(seed=0), Scaling.divide_by(16))
    >>> framing_of(model).side, framing_of(Model(network, model.parameters))
    (8, None)
    """
    known = {framing.side**2: framing for framing in FRAMINGS.values()}
    framing, scaling = known.get(model.network.sizes[0]), model.preprocessing
    if framing is None or model.features is not None or not isinstance(scaling, Scaling):
        return None
    divided = scaling.shift == (0.0,) and scaling.scale in ((framing.ink,), (framing.ink + 1.0,))  # 255 or 256
    return framing if divided else None


def _why_not(model: Model) -> str | None:
    if any(ACTIVATIONS.get(f.name) != f for f in model.network.activations):
        return "functions"
    if model.preprocessing is not None and not isinstance(model.preprocessing, Scaling | Encoding):
        return "preprocessing"
    numbers = sum(x.size for x in map(_host, leaves(model.parameters)))
    return "size" if numbers > MOST_NUMBERS else None


def _is_needed(model: Model, why_not: str | None) -> bool:
    """Return whether the page computes from raw rows: of images, and of tables that are not too wide to be set."""
    if model.preprocessing is None or why_not:
        return False
    if isinstance(model.preprocessing, Encoding):
        return len(model.preprocessing.columns) <= MOST_COLUMNS
    return framing_of(model) is not None or model.network.sizes[0] <= MOST_COLUMNS


def _packed(layer: Layer) -> dict[str, Any]:
    return {name: pack(_host(x)) for name, x in layer._asdict().items()}


def _host(x: Any) -> Any:
    host = to_numpy(x)
    return host if str(host.dtype) in ("float32", "float64") else host.astype("float32")
