"""What the package offers by name, that it is all documented, and what it costs to import and install."""

import importlib
import importlib.util
import inspect
import pydoc
import re
import subprocess
import sys

import pytest

import xpnet

ESTIMATORS = ["xpnet.estimators"] if importlib.util.find_spec("sklearn") else []
ROOMS = [
    *ESTIMATORS,
    *["xpnet", "xpnet.backend", "xpnet.book", "xpnet.data", "xpnet.execution", "xpnet.exercises"],
    *["xpnet.io", "xpnet.linalg", "xpnet.nn", "xpnet.recommend", "xpnet.report", "xpnet.tabular", "xpnet.training"],
    "xpnet.training.parallel",
]
FIXED = [
    *["Network", "train", "sgd", "momentum", "adam", "gradient_check", "save", "load", "to_onnx", "Model", "Result"],
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


@pytest.mark.parametrize("name", ["train", "save", "load", "to_onnx", "gradient_check", "sgd", "momentum", "adam"])
def test_main_functions_show_an_example_and_their_parameters(name):
    doc = getattr(xpnet, name).__doc__
    if name != "load":
        assert ">>>" in doc
    for parameter in inspect.signature(getattr(xpnet, name)).parameters:
        assert re.search(rf"\b{parameter}\b", doc), f"{name} does not document {parameter}"


def test_version_is_one():
    assert re.fullmatch(r"\d+\.\d+\.\d+", xpnet.__version__)


def imported_by(code):
    """Return the modules of xpnet that a fresh interpreter has loaded after `code`."""
    program = f"import sys\n{code}\nprint(*[name for name in sys.modules if name.startswith('xpnet')])"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_import_loads_only_what_everybody_needs():
    loaded = imported_by("import xpnet")
    assert not [name for name in loaded if name.startswith(LATER)]
    modules = [name for name in loaded if not hasattr(sys.modules.get(name), "__path__")]
    assert len(modules) <= 180  # with executors it would be 195


LATER = (
    *("xpnet.execution.numpy_tape", "xpnet.execution.cuda_graph", "xpnet.execution.fused"),
    *("xpnet.execution.recording", "xpnet.execution.scan", "xpnet.recommend", "xpnet.tabular", "xpnet.book"),
    *(
        "xpnet.cli",
        "xpnet.estimators",
        "xpnet.exercises",
        "xpnet.io.onnx",
        "xpnet.report",
        "matplotlib",
        "sklearn",
        "scipy",
    ),
)


@pytest.mark.parametrize(
    "room",
    ["book", "exercises", "recommend", "report", "tabular", *[room.removeprefix("xpnet.") for room in ESTIMATORS]],
)
def test_rooms_are_imported_when_they_are_named(room):
    assert f"xpnet.{room}" in imported_by(f"import xpnet; xpnet.{room}")
    with pytest.raises(AttributeError, match="module 'xpnet' has no attribute 'bok'"):
        xpnet.bok  # noqa: B018


def test_training_on_numpy_loads_nothing_of_cuda():
    loaded = imported_by("import xpnet; xpnet.train(xpnet.Network([2, 2]), ([[0, 1], [1, 0]], [0, 1]), epochs=1)")
    assert "xpnet.execution.numpy_tape.tape" in loaded
    others = (
        "xpnet.execution.cuda_graph",
        "xpnet.execution.fused.kernels",
        "xpnet.execution.fused.c_operations",
        "numba",
    )
    assert not [name for name in loaded if name.startswith(others)]


def test_dir_shows_the_public_names():
    assert dir(xpnet) == sorted([*xpnet.__all__, "__version__"])


@pytest.mark.parametrize("room", ROOMS)
def test_dir_of_a_room_shows_what_can_be_used_and_no_more(room):
    module = importlib.import_module(room)
    assert set(dir(module)) - {"__version__"} == set(module.__all__)
    assert all(hasattr(module, name) for name in dir(module))


MAPPED = ["xpnet.data", "xpnet.linalg", "xpnet.nn", "xpnet.training"]


@pytest.mark.parametrize("room", MAPPED)
def test_the_docstring_of_a_room_is_its_map(room):
    module = importlib.import_module(room)
    rows = module.__doc__.partition("::\n")[2].splitlines()
    named = [name for row in rows for name in row[21:].split()]  # labels are 21 wide
    doors = {name for name, value in public(room) if inspect.isroutine(value) or inspect.ismodule(value)}
    assert sorted(set(named)) == sorted(named), "the map names a door twice"
    assert doors <= set(named) <= set(module.__all__)


def test_help_begins_with_a_map_of_the_rooms():
    rooms = re.findall(r"^    xpnet\.(\w+)", xpnet.__doc__, re.MULTILINE)
    assert set(rooms) == {name for name in xpnet.__all__ if f"xpnet.{name}" in [*ROOMS, "xpnet.estimators"]}
    shown = pydoc.render_doc(xpnet, renderer=pydoc.plaintext)
    assert shown.index("The rooms;") < shown.index("PACKAGE CONTENTS")
    assert xpnet.__doc__.partition("Examples")[0].count("\n") <= 30  # one screen
