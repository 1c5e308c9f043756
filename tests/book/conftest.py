"""Fixtures of the book's door: global seeds, and a library chosen as a reader chooses it."""

# ruff: noqa: NPY002  (the book draws from the global generators, and so must what is held against it)

import random

import numpy as np
import pytest

import xpnet


@pytest.fixture
def seeded():
    """Set both global generators, as a reader's script does, and leave them as they were."""
    states = random.getstate(), np.random.get_state()

    def seed(n):
        random.seed(n)
        np.random.seed(n)

    seed(0)
    yield seed
    random.setstate(states[0])
    np.random.set_state(states[1])


@pytest.fixture
def at_home(backend):
    """`backend` chosen as a reader chooses it; its dtype is the door's choice: float64 where there is one."""
    with xpnet.backend.using(backend):
        yield backend
