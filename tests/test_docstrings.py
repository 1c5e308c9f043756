"""Docstrings as numpydoc wants them: every public function, class and method, with the checks that make sense here.

numpydoc is in the dependency group ``lint``; without it these tests are skipped.
"""

import functools
import inspect
import re

import pytest
from test_public_api import ROOMS, public

pytest.importorskip("numpydoc")

from numpydoc.docscrape import get_doc_object
from numpydoc.validate import ERROR_MSGS, validate

LEFT_OUT = {
    "ES01": "a summary that says all needs no second paragraph",
    "PR03": "arguments that belong together, or are passed on together, are described together: `epochs, batch_size`",
    "PR04": "the same: arguments that another function describes are listed once, without a type",
    "PR07": "a type with a shape (`a : Array, shape (..., m, n)`) often says all",
    "RT01": "our own rule is below: the summary begins with the word Return",
    "RT03": "as PR07: a type with a shape often says all",
    "RT04": "a description may begin with a symbol or a dtype",
    "SA01": "a function without relatives needs no See Also",
    "YD01": "what is yielded is for ``with`` blocks and loops; the summary says what it does",
}
OF_FUNCTIONS_ONLY = {
    "PR01": "methods take what their class describes; of classes, the rule below knows Attributes",
    "EX01": "examples of classes show their methods",
}
CHECKED = {code for code in ERROR_MSGS if code not in LEFT_OUT}


def described():
    """Give the name and object of everything public that is written here, each once."""
    known = set()
    for room in ROOMS:
        for name, value in public(room):
            if getattr(value, "__module__", "").startswith("xpnet") and id(value) not in known:
                known.add(id(value))
                if inspect.isclass(value) or inspect.isfunction(value):
                    yield f"{room}.{name}", value


def methods(kind):
    fields = getattr(kind, "__annotations__", {})
    for name, value in vars(kind).items():
        if not name.startswith("_") and name not in fields:
            value = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            if inspect.isfunction(value) or isinstance(value, property | functools.cached_property):
                yield name, value


def complaints(value, checks):
    return [f"{code} {text}" for code, text in validate(get_doc_object(value))["errors"] if code in checks]


FUNCTIONS = [(name, value) for name, value in described() if inspect.isfunction(value)]
CLASSES = [(name, value) for name, value in described() if inspect.isclass(value)]


def test_every_check_is_used_or_left_out_for_a_reason():
    assert set(ERROR_MSGS) >= set(LEFT_OUT) | set(OF_FUNCTIONS_ONLY)
    assert len(FUNCTIONS) > 150
    assert len(CLASSES) > 50


@pytest.mark.parametrize("room", ROOMS)
def test_functions(room):
    found = {name: complaints(value, CHECKED) for name, value in FUNCTIONS if name.rpartition(".")[0] == room}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_classes_and_their_methods(room):
    found = {}
    for name, kind in CLASSES:
        if name.rpartition(".")[0] == room:
            found[name] = complaints(kind, CHECKED - set(OF_FUNCTIONS_ONLY))
            for method, value in methods(kind):
                found[f"{name}.{method}"] = complaints(value, CHECKED - set(OF_FUNCTIONS_ONLY))
    assert {name: texts for name, texts in found.items() if texts} == {}


def returns_nothing(function):
    return inspect.signature(function).return_annotation in (None, "None")


def test_what_is_returned_is_said_in_a_section_or_in_the_summary():
    untold = [
        name
        for name, function in FUNCTIONS
        if not returns_nothing(function)
        and not inspect.isgeneratorfunction(inspect.unwrap(function))
        and not re.search(r"^(Return|Yield)\b|\n *(Returns|Yields)\n *---", inspect.getdoc(function))
    ]
    assert untold == []


def fields(kind):
    """Return the names that a class of ours is made with; exceptions and protocols are not made by their fields.

    The fields of a named tuple are results, described where they are declared and by what returns the tuple.
    """
    if issubclass(kind, BaseException | tuple) or getattr(kind, "_is_protocol", False):
        return set()
    places = inspect.signature(kind).parameters.values()
    return {place.name for place in places if place.kind not in (place.VAR_POSITIONAL, place.VAR_KEYWORD)}


def test_fields_of_classes_are_described():
    untold = {}
    for name, kind in CLASSES:
        document = get_doc_object(kind)
        entries = [entry.name for entry in (*document["Parameters"], *document["Attributes"])]
        told = {part.strip("* ") for entry in entries for part in entry.split(",")}
        untold[name] = fields(kind) - told
    assert {name: names for name, names in untold.items() if names} == {}
