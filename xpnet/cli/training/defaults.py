"""What the flags of training mean when they are left out: the book's settings, or of a table its recipe."""

import argparse
from typing import Any

from xpnet.data import Dataset
from xpnet.tabular.recipe import TableRecipe, recipe_for

BOOK: dict[str, Any] = {
    "hidden": [30],
    "activation": "sigmoid",
    "scheme": "scaled",
    "optimizer": "sgd",
    "schedule": "constant",
    "epochs": 30,
    "batch_size": "10",
    "bins": 0,
    "rare": 0,
    "members": 1,
}
STEADY = ("adam", "adamw")  # optimizers whose steps have about the size of eta: with them input scales are learned


def settled(options: argparse.Namespace, source: str, train: Dataset) -> argparse.Namespace:
    """Return the options with a value for each flag that was left out.

    Parameters
    ----------
    options : Namespace
    source : {"digits", "mnist", "table"}
    train : Dataset
        The training part.

    Returns
    -------
    Namespace
        With ``folds``, the parts of the training part of which each network watches one, or None; and ``scaled``,
        whether inputs have learned scales.

    Examples
    --------
    >>> from xpnet.data import load_digits
    >>> names = {*BOOK, "eta", "cost", "output", "validation"}
    >>> options = argparse.Namespace(**dict.fromkeys(names) | {"epochs": 3})
    >>> found = settled(options, "digits", load_digits())
    >>> found.epochs, found.hidden, found.optimizer
    (3, [30], 'sgd')
    """
    recipe = _recipe(options, train) if source == "table" else None
    values = {**BOOK, "folds": None, "scaled": False} if recipe is None else _of_recipe(options, recipe, train)
    if getattr(options, "distributed", False):  # all processes train one network
        values |= {"members": 1, "folds": None, "scaled": False}
    given = {name: value for name, value in vars(options).items() if value is not None}
    return argparse.Namespace(**{**vars(options), **values, **given})


def _recipe(options: argparse.Namespace, train: Dataset) -> TableRecipe:
    asked = {name: value for name in ("members", "fast") if (value := getattr(options, name, None))}
    return recipe_for(train.n, train.x.shape[1], classifies=train.classes is not None, **asked)


def _of_recipe(options: argparse.Namespace, recipe: TableRecipe, train: Dataset) -> dict[str, Any]:
    """Return the settings of a recipe as options; what belongs to another choice than the recipe's is left out."""
    values = {name: getattr(recipe, name) for name in BOOK}
    values |= {"hidden": list(recipe.hidden), "batch_size": str(recipe.batch_size)}
    optimizer = options.optimizer or recipe.optimizer
    if optimizer == recipe.optimizer:
        values["eta"] = recipe.eta
    if train.classes is not None and options.output in (None, "softmax"):
        values["cost"] = "log_likelihood"
    scaled = recipe.scaled and optimizer in STEADY and options.max_norm is None  # a limit on what scales would change
    return {**values, "folds": recipe.folds if options.validation is None else None, "scaled": scaled}
