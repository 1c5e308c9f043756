"""Read a picture file as gray numbers; Pillow does it, where it is installed."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from xpnet.data.errors import FormatError
from xpnet.data.files import PathLike
from xpnet.data.tables.dataset import Array

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
MOST = 50_000_000  # pixels of a picture
GRAY = np.asarray([299.0, 587.0, 114.0])  # thousandths of red, green and blue: ITU-R BT.601; sums of bytes are exact


def is_picture(path: PathLike) -> bool:
    """Return whether a file is a picture by its name.

    Examples
    --------
    >>> is_picture("seven.PNG"), is_picture("table.csv")
    (True, False)
    """
    return Path(path).suffix.lower() in ENDINGS


def read_gray(path: PathLike) -> Array:
    """Return the brightness of each pixel of a picture, shape (height, width), float64, 0 (black) to 255 (white).

    It is turned as its camera says, and what is transparent is white.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FormatError
        If it is no picture, a damaged one, or one of more than 50 million pixels.
    ImportError
        If Pillow is not installed.
    """
    pillow, operations = _pillow()
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} must be a picture file that exists")
    try:
        with warnings.catch_warnings(), _opened(pillow, path) as image:
            if image.width * image.height > MOST:
                raise FormatError(f"{path}: must have at most {MOST} pixels, got {image.width} x {image.height}")
            return gray_of(operations.exif_transpose(image))
    except FormatError:
        raise
    except (OSError, SyntaxError, ValueError, Warning, pillow.DecompressionBombError) as error:
        raise FormatError(f"{path}: must be a picture that can be read: {error}") from error


def _opened(pillow: Any, path: PathLike) -> Any:
    """Return the open picture; one that Pillow warns of, because it claims to be huge, is an error."""
    warnings.simplefilter("error", pillow.DecompressionBombWarning)
    return pillow.open(path)


def gray_of(image: Any) -> Array:
    """Return the brightness of each pixel of a Pillow image, 0 to 255."""
    if image.mode.startswith(("I", "F")):  # more than 8 bits
        values = np.asarray(image, dtype=np.float64)
        return values * (255.0 / max(1.0, float(values.max())))
    pixels = np.asarray(image.convert("RGBA"), dtype=np.float64)
    opaque = pixels[..., 3:] / 255.0
    return np.asarray((pixels[..., :3] * opaque + 255.0 * (1.0 - opaque)) @ GRAY) / 1000.0


def _pillow() -> Any:
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise ImportError("Pillow must be installed to read pictures: pip install 'xpnet[plot]'") from error
    return Image, ImageOps
