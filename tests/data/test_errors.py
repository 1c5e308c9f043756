from xpnet.data import FormatError


def test_format_error_is_a_value_error():
    assert issubclass(FormatError, ValueError)


def test_the_message_is_one_line_of_a_length_that_can_be_read():
    assert str(FormatError("a.csv: got two\nlines\rand\x0bmore")) == "a.csv: got two lines and more"
    message = str(FormatError("a.csv: got " + "x" * 100_000))
    assert message.startswith("a.csv: got xxx")
    assert len(message) < 1010
