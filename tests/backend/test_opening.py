"""Opening libraries: the options that each takes."""

import pytest

from xpnet.backend.opening import OPENERS, Options, options_for


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("numpy", {"threads": 1}),
        ("numpy", {"threads": 64}),
        ("cupy", {"tf32": True}),
        ("cupy", {"tf32": False, "memory_limit": 2**30}),
        ("cupy", {"memory_limit": 0.5}),
        ("cupy", {"memory_limit": 1.0}),
        *((name, {}) for name in OPENERS),
    ],
)
def test_options_that_make_sense_are_kept(name, given):
    assert options_for(name, given) == given


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("numpy", {"depth": 3}, "options of numpy must be one of threads, got 'depth'$"),
        ("numpy", {"tf32": True}, "options of numpy must be one of threads, got 'tf32', which is an option of cupy$"),
        ("cupy", {"threads": 1}, "options of cupy must be one of tf32, memory_limit, got 'threads', which is an opti"),
        ("torch", {"threads": 1}, "options of torch must not be given, got 'threads', which is an option of numpy"),
        ("jax", {"depth": 1}, "options of jax must not be given, got 'depth'$"),
        ("numpy", {"threads": 0}, "threads must be a whole number from 1, got 0"),
        ("numpy", {"threads": 1.0}, "threads must be a whole number from 1, got 1.0"),
        ("numpy", {"threads": True}, "threads must be a whole number from 1, got True"),
        ("cupy", {"tf32": "on"}, "tf32 must be True or False, got 'on'"),
        ("cupy", {"memory_limit": 0}, "memory_limit must be bytes"),
        ("cupy", {"memory_limit": 0.0}, "memory_limit must be bytes"),
        ("cupy", {"memory_limit": 1.5}, "memory_limit must be bytes"),
        ("cupy", {"memory_limit": "1GB"}, "memory_limit must be bytes .* or a share .* got '1GB'"),
    ],
)
def test_options_that_make_none_are_refused(name, given, message):
    with pytest.raises(ValueError, match=message):
        options_for(name, given)


def test_none_is_not_given():
    assert options_for("cupy", {"tf32": None, "memory_limit": 0.5}) == {"memory_limit": 0.5}


def test_what_was_picked_leaves_out_the_options_of_others_but_checks_them():
    assert options_for("numpy", {"tf32": True, "threads": 2}, picked=True) == {"threads": 2}
    with pytest.raises(ValueError, match="tf32 must be True or False"):
        options_for("numpy", {"tf32": 1}, picked=True)
    with pytest.raises(ValueError, match="got 'depth'"):
        options_for("numpy", {"depth": 1}, picked=True)


def test_options_are_values():
    one, other = Options(a=1, b=2), Options(b=2, a=1)
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other, Options()}) == 2
    assert repr(one) == "Options(a=1, b=2)"
    with pytest.raises(TypeError):
        one["a"] = 2
