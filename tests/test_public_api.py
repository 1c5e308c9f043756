"""What the package offers by name, that it is all documented, and what it costs to import and install."""

import importlib
import inspect
import re

import pytest

import xpnet

ROOMS = [
    *["xpnet", "xpnet.backend", "xpnet.book", "xpnet.data", "xpnet.execution"],
    *["xpnet.io", "xpnet.linalg", "xpnet.nn", "xpnet.recommend", "xpnet.training"],
]
FIXED = [
    *["Network", "train", "sgd", "momentum", "adam", "gradient_check", "save", "load", "Model", "Result"],
    *["BackendError", "backend.Backend", "backend.get", "backend.using", "backend.available", "backend.namespace"],
    *["perceptron_rule", "explain_backprop", "book.network", "book.network2", "book.mnist_loader"],
    *["linalg.norm", "linalg.vector_norm", "linalg.matrix_norm", "linalg.gram_schmidt", "linalg.svd", "linalg.svdvals"],
    *["linalg.truncated_svd", "linalg.randomized_svd", "linalg.low_rank", "linalg.pinv", "linalg.lstsq", "linalg.cond"],
    *["linalg.matrix_rank", "linalg.polar", "linalg.procrustes", "linalg.prox_l1", "linalg.project_l1"],
    *["backend.to_numpy", "stopping.no_improvement", "training.Optimizer", "nn.Layer", "data.load_digits"],
]


def public(room):
    module = importlib.import_module(room)
    return [(name, getattr(module, name)) for name in module.__all__]


def test_the_fixed_names_are_there():
    importlib.import_module("xpnet.book")  # a door of its own, opened by those who want it
    for name in FIXED:
        found = xpnet
        for part in name.split("."):
            found = getattr(found, part)
        assert found is not None


@pytest.mark.parametrize("room", ROOMS)
def test_all_lists_every_name_once(room):
    module = importlib.import_module(room)
    assert len(set(module.__all__)) == len(module.__all__)
    own = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__.startswith("xpnet")
    }
    assert own <= set(module.__all__), f"{room} defines or imports names that it does not list"


@pytest.mark.parametrize("room", ROOMS)
def test_everything_public_is_documented(room):
    for name, value in public(room):
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{room}.{name} has no docstring"
            assert not value.__doc__.startswith(f"{name}("), f"{room}.{name} has a generated docstring"


@pytest.mark.parametrize("room", ROOMS)
def test_public_functions_are_typed(room):
    for name, value in public(room):
        if inspect.isfunction(value):
            signature = inspect.signature(value)
            untyped = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
            assert not untyped, f"{room}.{name} leaves {untyped} untyped"
            assert signature.return_annotation is not signature.empty, f"{room}.{name} does not say what it returns"


@pytest.mark.parametrize("name", ["train", "save", "load", "gradient_check", "sgd", "momentum", "adam"])
def test_main_functions_show_an_example_and_their_parameters(name):
    doc = getattr(xpnet, name).__doc__
    if name != "load":
        assert ">>>" in doc
    for parameter in inspect.signature(getattr(xpnet, name)).parameters:
        assert re.search(rf"\b{parameter}\b", doc), f"{name} does not document {parameter}"


def test_version_is_one():
    assert re.fullmatch(r"\d+\.\d+\.\d+", xpnet.__version__)
