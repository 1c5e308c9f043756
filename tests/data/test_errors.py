from xpnet.data import FormatError


def test_format_error_is_a_value_error():
    assert issubclass(FormatError, ValueError)
