"""The shape of the package, proved from its source: imports point down, and few files name an array library."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "xpnet"
LAYERS = [
    {"backend"},
    {"trees", "counter_rng", "checks", "configured", "notebooks", "signals"},
    {"execution", "linalg", "nn", "data"},
    {"io"},
    {"training"},
    {"recommend", "tabular"},
    {"book", "estimators", "exercises", "report"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
# where a host array or one library may be named: the backend, the executors and the edges
MAY_NAME = {"backend", "execution", "data", "io", "book", "estimators", "exercises", "report", "cli"}
LIBRARIES = {"numpy", "cupy", "torch", "jax", "array_api_strict", "array_api_compat"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def is_import_upward(room: str, imported: str) -> bool:
    target = imported.split(".")[1] if imported.startswith("xpnet.") else room
    return target != room and LEVEL.get(target, -1) >= LEVEL[room]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_to_lower_layers_only(path):
    room = room_of(path)
    if room != "__init__":
        assert room in LEVEL, f"{room} is not a room of the house"
        assert not [name for name in imports_of(path) if is_import_upward(room, name)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_array_libraries_are_named_at_the_edges_only(path):
    if room_of(path) not in MAY_NAME:
        assert not [name for name in imports_of(path) if name.split(".")[0] in LIBRARIES]


@pytest.mark.parametrize(
    ("room", "imported", "upward"),
    [
        ("nn", "xpnet.training.loop", True),
        ("nn", "xpnet.data.FormatError", True),
        ("training", "xpnet.nn.Network", False),
        ("nn", "xpnet.nn.costs", False),
        ("backend", "xpnet.trees", True),
        ("nn", "math.sqrt", False),
    ],
)
def test_the_rule_tells_up_from_down(room, imported, upward):
    assert is_import_upward(room, imported) is upward


def test_modules_and_functions_stay_small():
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        assert source.count("\n") <= 300, f"{path} is swollen: split it by idea"


# the book's network prints as it learns, and scikit-learn's estimators are verbose if they are told to be
MAY_PRINT = {PACKAGE / "book" / "lines.py", PACKAGE / "estimators" / "multilayer" / "lines.py"}


def test_only_the_command_line_prints_and_no_pickle_is_touched():
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "print" not in names or LEVEL[room_of(path)] >= LEVEL["cli"] or path in MAY_PRINT, path
        assert not [name for name in imports_of(path) if name.startswith(("pickle", "marshal", "shelve"))], path


# ---- rooms ------------------------------------------------------------------------------------------------

ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)


def doors_of(room: Path) -> dict[str, list[Path]]:
    """Return the modules and inner rooms of a room, each with its files."""
    modules = {path.stem: [path] for path in room.glob("*.py") if path.stem != "__init__"}
    return modules | {path.parent.name: sorted(path.parent.rglob("*.py")) for path in room.glob("*/__init__.py")}


def arrows_of(room: Path) -> dict[str, set[str]]:
    """Return which doors of a room each door imports from."""
    prefix, doors = ".".join(("xpnet", *room.relative_to(PACKAGE).parts)) + ".", doors_of(room)
    arrows: dict[str, set[str]] = {}
    for door, paths in doors.items():
        inside = [name.removeprefix(prefix) for path in paths for name in imports_of(path) if name.startswith(prefix)]
        arrows[door] = {name.split(".")[0] for name in inside} & set(doors) - {door}
    return arrows


def circle_in(arrows: dict[str, set[str]]) -> list[str]:
    """Return doors that can be put in no order, sorted; none if there is no circle."""
    left = {door: set(targets) for door, targets in arrows.items()}
    while free := [door for door, targets in left.items() if not targets & set(left)]:
        for door in free:
            del left[door]
    return sorted(left)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(PACKAGE)))
def test_a_room_has_three_to_ten_doors(room):
    assert 3 <= len(doors_of(room)) <= 10


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(PACKAGE)))
def test_imports_inside_a_room_point_one_way(room):
    assert circle_in(arrows_of(room)) == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(PACKAGE)))
def test_modules_name_the_modules_of_their_room_not_the_room(room):
    """A room's own `__init__` is for those outside: inside, its names may not be there yet."""
    own = ".".join(("xpnet", *room.relative_to(PACKAGE).parts))
    doors = doors_of(room)
    for path in sorted({path for paths in doors.values() for path in paths}):
        for name in imports_of(path):
            through = name.removeprefix(own + ".")
            assert not name.startswith(own + ".") or through.split(".")[0] in doors, f"{path} imports {name}"


def test_circles_are_found():
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert circle_in({"a": {"b"}, "b": {"a"}, "c": {"a"}, "d": set()}) == ["a", "b", "c"]


TESTS = Path(__file__).parent


def test_tests_mirror_the_rooms():
    own = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")} - {Path()}
    rooms = {room.relative_to(PACKAGE) for room in ROOMS}
    assert own <= rooms, f"tests of no room: {sorted(map(str, own - rooms))}"


def test_every_layer_has_its_rooms_and_every_room_its_layer():
    there = {room_of(path) for path in MODULES} - {"__init__"}
    assert set(LEVEL) == there
    assert there >= MAY_NAME
