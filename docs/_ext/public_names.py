"""Every public name of xpnet, once: the rooms, what each of them offers, and under which names."""

import inspect
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

ROOMS = {
    "xpnet": "the front door",
    "xpnet.nn": "networks",
    "xpnet.training": "training",
    "xpnet.training.parallel": "training in parts",
    "xpnet.data": "data",
    "xpnet.tabular": "tables",
    "xpnet.estimators": "scikit-learn's door",
    "xpnet.exercises": "exercises that check themselves",
    "xpnet.io": "model files",
    "xpnet.report": "pages and plots",
    "xpnet.linalg": "linear algebra",
    "xpnet.recommend": "recommendation",
    "xpnet.backend": "array libraries",
    "xpnet.execution": "executors",
    "xpnet.book": "the book's modules",
}


@dataclass
class Entry:
    """A public object: its first name, `room` and `name`, and its further names."""

    room: str
    name: str
    value: Any
    aliases: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """Return the name by which users import it."""
        return f"{self.room}.{self.name}"

    @property
    def kind(self) -> str:
        """Return "class", "function" or "data"."""
        if inspect.isclass(self.value) and not hasattr(self.value, "__origin__"):
            return "class"
        return "function" if inspect.isroutine(self.value) else "data"

    @property
    def group(self) -> str:
        """Return the inner room, or the module of the room, that it comes from."""
        module = getattr(self.value if self.kind != "data" else type(self.value), "__module__", "")
        parts = module.removeprefix(f"{self.room}.").split(".")
        return parts[0] if module.startswith(f"{self.room}.") else ""


@dataclass
class Room:
    """A module with public names: its first name, further names, and its entries in their order."""

    name: str
    module: ModuleType
    aliases: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def names_of(module: ModuleType) -> list[str]:
    """Return the public names of a module: those it lists, or those it defines."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]


def read_rooms() -> list[Room]:
    """Return the rooms; modules that a room offers, such as `xpnet.stopping`, are rooms too."""
    rooms = {id(module): Room(name, module) for name in ROOMS for module in [import_module(name)]}
    seen: dict[int, Entry] = {}
    for room in [*rooms.values()]:
        for name in names_of(room.module):
            value = getattr(room.module, name)
            if inspect.ismodule(value):
                _add_module(rooms, f"{room.name}.{name}", value, seen)
            else:
                _add(room, name, value, seen)
    return sorted(rooms.values(), key=lambda room: _place(room.name))


def _add_module(rooms: dict[int, Room], name: str, module: ModuleType, seen: dict[int, Entry]) -> None:
    if id(module) not in rooms:
        rooms[id(module)] = room = Room(name, module)
        for inner in names_of(module):
            _add(room, inner, getattr(module, inner), seen)
    elif rooms[id(module)].name != name:
        rooms[id(module)].aliases.append(name)


def _add(room: Room, name: str, value: Any, seen: dict[int, Entry]) -> None:
    if id(value) in seen:
        seen[id(value)].aliases.append(f"{room.name}.{name}")
    else:
        seen[id(value)] = entry = Entry(room.name, name, value)
        room.entries.append(entry)


def _place(name: str) -> tuple[int, str]:
    """Return where a room stands: modules come after the room that offers them, those of the front door after it."""
    rooms = list(ROOMS)
    return (rooms.index(name) if name in rooms else rooms.index(name.rpartition(".")[0]), name)
