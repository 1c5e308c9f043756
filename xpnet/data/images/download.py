"""Download one file from the first mirror that has it, and check its SHA-256 sum."""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from xpnet.data.images.transfer import transfer


def fetch(name: str, sha256: str, mirrors: Sequence[str], folder: Path) -> Path:
    """Return the path of a file in ``folder``, downloading it if it is not there.

    The mirrors are tried in turn.  A download is thrown away if it has another checksum, is too long or takes too
    long; then the next mirror is tried.  The file appears in the folder only when it is complete.  A file that is
    already there is used as it is.

    Parameters
    ----------
    name : str
        The file's name, in the folder and on the mirrors.
    sha256 : str
        Its SHA-256 checksum, 64 hexadecimal digits.
    mirrors : sequence of str
        Addresses of folders, each ending in a slash.
    folder : Path
        Where the file belongs; made if missing.

    Returns
    -------
    Path
        ``folder / name``.

    Raises
    ------
    ImportError
        If the file must be downloaded and pooch is not installed.
    OSError
        If no mirror delivers the file; the message says what each mirror answered.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "here.txt").write_text("already")
    ...     fetch("here.txt", "0" * 64, (), pathlib.Path(folder)).read_text()
    'already'
    """
    path = folder / name
    if path.is_file():
        return path
    pooch = load_pooch()
    folder.mkdir(parents=True, exist_ok=True)
    answers = []
    for mirror in mirrors:
        try:
            with _silent(pooch.get_logger()):
                pooch.retrieve(
                    mirror + name,
                    known_hash=f"sha256:{sha256}",
                    fname=name,
                    path=folder,
                    downloader=transfer,
                )
        except (OSError, ValueError) as error:  # no answer, an error page, another checksum
            answers.append(f"{mirror} ({error})")
        else:
            return path
    raise OSError(
        f"{name} must come from one of the mirrors, got none of them: {'; '.join(answers) or 'no mirror given'}. "
        "Pass the path of a copy instead."
    )


def load_pooch() -> ModuleType:
    """Return the module that downloads, or say how to install it.

    Returns
    -------
    module
        pooch, imported on the first call.

    Raises
    ------
    ImportError
        If pooch is not installed.

    Examples
    --------
    >>> load_pooch().__name__
    'pooch'
    """
    try:
        import pooch
    except ImportError as error:
        raise ImportError(
            "pooch must be installed to download data, got no such module: pip install 'xpnet[download]', "
            "or pass the path of a copy"
        ) from error
    module: ModuleType = pooch
    return module


@contextlib.contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Silence pooch's logger: the caller decides what is printed."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
