"""A picture file of one digit, as a row for a model of images."""

from pathlib import Path

from xpnet.data import Dataset
from xpnet.data.images.drawing import frame
from xpnet.data.images.pictures import read_gray
from xpnet.io import Model
from xpnet.report.measuring.described import framing_of


def read_picture(model: Model, path: str) -> Dataset:
    """Return the digit of a picture file as one raw row, cropped, scaled and centered as the training images were.

    Raises
    ------
    FormatError
        If the file is no picture.
    ImportError
        If Pillow is not installed.
    ValueError
        If the model was not trained on images of digits, or nothing is drawn on the picture.
    """
    framing = framing_of(model)
    if framing is None:
        raise ValueError(f"{path} is a picture, but the model was not trained on images of digits")
    gray = read_gray(path)
    try:
        pixels = frame(gray, framing)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return Dataset(pixels.reshape(1, -1), None, model.classes, name=Path(path).stem)
