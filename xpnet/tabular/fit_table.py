"""From training rows and a recipe to a model: encode, deal out the rows, train the members, put them together."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from xpnet.backend import Backend
from xpnet.data import Dataset, Encoding, Scaling, member_folds
from xpnet.io import Model
from xpnet.nn import Network
from xpnet.tabular.members import splits_of, train_members
from xpnet.tabular.recipe import TableRecipe, ends_of_cycles
from xpnet.training.runs.stacks.fit import Watch


def fit_table(
    train: Dataset,
    recipe: TableRecipe,
    *,
    seed: int,
    backend: Backend,
    split_by: dict[str, Any] | None = None,
    validation: Dataset | None = None,
    categorical: Collection[str] = (),
    class_weight: Any = None,
    sample_weight: Any = None,
    watch: Watch | None = None,
    checkpoint: Any = None,
    data: dict[str, Any] | None = None,
) -> Model:
    """Return the model that a recipe makes of training rows.

    Parameters
    ----------
    train : Dataset
        A `Table` and class numbers, or values.
    recipe : TableRecipe
    seed : int
        Of the weights, the order and the parts of the rows.
    backend : Backend
    split_by : dict, optional
        ``{"groups": ...}`` or ``{"times": ...}`` of the rows, as for `xpnet.data.member_folds`.
    validation : Dataset, optional
        Rows that all members watch, instead of a part of the training rows each.
    categorical : collection of str
        Columns of codes.
    class_weight, sample_weight, watch, checkpoint
        As for `xpnet.train_many`.
    data : dict, optional
        The origin of the rows, for the model file.

    Raises
    ------
    ValueError
        If all members diverged.

    Examples
    --------
    >>> import numpy as np
    >>> from xpnet.backend import get
    >>> from xpnet.data import from_frame
    >>> rows = from_frame({"a": [float(i) for i in range(40)], "b": ["low", "high"] * 20}, "b")
    >>> fit_table(rows, TableRecipe(members=2, hidden=(4,), epochs=2), seed=0, backend=get("numpy")).n_members
    2
    """
    encoding = Encoding.fit(train.x, impute="indicator", categorical=categorical, bins=recipe.bins, rare=recipe.rare)
    values: Any = train.y
    targets = None if train.classes else Scaling.standardize(values[:, None])

    def pair(rows: Dataset) -> tuple[Any, Any]:
        x, y = encoding.apply(rows.x, dtype=backend.dtype_name), rows.y
        return x, y if targets is None else targets.apply(y[:, None], dtype="float64")  # type: ignore[index]

    parts_by = split_by or {"labels": train.y if train.classes else None}
    folds = member_folds(train.n, recipe.folds, seed, **parts_by) if validation is None else ()
    splits = splits_of(folds, recipe.members)
    rows = [train.n] * recipe.members if splits is None else [len(own) for own, _ in splits]
    network = table_network(len(encoding.names), train.classes, recipe)
    members = train_members(
        network,
        pair(train),
        seeds=range(seed, seed + recipe.members),
        splits=splits,
        validation=None if validation is None else pair(validation),
        backend=backend,
        scheme=recipe.scheme,
        scaled=recipe.scaled,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        optimizer=[recipe.make_optimizer(n) for n in rows],
        ends=ends_of_cycles(recipe.epochs) if recipe.schedule == "restarts" else (),
        class_weight=class_weight,
        sample_weight=sample_weight,
        watch=watch,
        checkpoint=checkpoint,
    )
    sound = [i for i, each in enumerate(members.results) if each.stopped_by != "diverged"]
    if not sound:
        raise ValueError(f"training diverged: {members.results[0].advice}")
    named = (encoding, train.classes, data, targets, train.features)
    models = [Model(network, members.layers[i], *named, runs=(members.runs[i],)) for i in sound]
    model = models[0] if len(models) == 1 else Model.ensemble(models)
    return replace(model, errors=members.errors(splits, values, targets))


def table_network(n_in: int, classes: tuple[Any, ...] | None, recipe: TableRecipe) -> Network:
    """Return the network of a recipe: a softmax for classes, a linear output for numbers."""
    output, cost, n_out = ("linear", "quadratic", 1) if classes is None else ("softmax", "log_likelihood", len(classes))
    return Network([n_in, *recipe.hidden, n_out], hidden=recipe.activation, output=output, cost=cost)
