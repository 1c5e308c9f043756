"""Find the four files of MNIST on this machine, under any of their names, or download them."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from xpnet.data.files import PathLike
from xpnet.data.images.download import fetch, load_pooch

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
VARIABLE = "XPNET_MNIST_MIRRORS"
REGISTRY = {  # file on the mirrors -> SHA-256
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def mirrors_to_try() -> tuple[str, ...]:
    """Return the addresses to download from, in order: those of ``XPNET_MNIST_MIRRORS``, then `MIRRORS`.

    Returns
    -------
    tuple of str
        Each ends in a slash.  The variable lists addresses or folders of this machine, separated by commas or spaces;
        a folder becomes an address that begins with ``file://``.

    Raises
    ------
    ValueError
        If the variable lists an address of another kind, or a folder that does not exist.

    Examples
    --------
    >>> mirrors_to_try()[-1]
    'https://ossci-datasets.s3.amazonaws.com/mnist/'
    """
    listed = re.split(r"[,\s]+", os.environ.get(VARIABLE, ""))
    return (*(_address(mirror) for mirror in listed if mirror), *MIRRORS)


def _address(mirror: str) -> str:
    """Return the address of a mirror, with a slash at its end."""
    if mirror.startswith(("http://", "https://", "file://")):
        return mirror if mirror.endswith("/") else f"{mirror}/"
    folder = Path(mirror)
    if "://" in mirror or not folder.is_dir():
        raise ValueError(
            f"{VARIABLE} must list addresses that begin with http://, https:// or file://, or folders that exist, "
            f"got {mirror!r}"
        )
    return f"{folder.resolve().as_uri()}/"


def data_folder(folder: PathLike | None) -> Path:
    """Return the folder where downloads are kept.

    Parameters
    ----------
    folder : str, path-like or None
        The caller's choice.

    Returns
    -------
    Path
        That, else the environment variable ``XPNET_DATA_DIR``, else the user's cache folder.

    Raises
    ------
    ImportError
        If the user's cache folder is needed and pooch is not installed.
    FileNotFoundError
        If the user has no home folder, and it is needed.

    Examples
    --------
    >>> data_folder("downloads").name
    'downloads'
    """
    chosen = folder or os.environ.get("XPNET_DATA_DIR")
    try:
        return Path(chosen).expanduser() if chosen else Path(load_pooch().os_cache("xpnet"))
    except RuntimeError as error:  # a container or a service whose user has no home folder
        raise FileNotFoundError(
            "the folder for downloads must be known, got no home folder: name one by XPNET_DATA_DIR, without ~"
        ) from error


def locate(folder: Path, name: str, mirrors: Sequence[str] | None) -> Path:
    """Return the path of one IDX file in a folder; try all of its usual names.

    Parameters
    ----------
    folder : Path
        Where to look.
    name : str
        The file's name in `REGISTRY`.
    mirrors : sequence of str or None
        Where to download a missing file from; None means nowhere.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    FileNotFoundError
        If the file is missing and ``mirrors`` is None.
    OSError
        If the file is missing and no mirror gives it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "t10k-labels.idx1-ubyte").write_bytes(b"")
    ...     locate(Path(folder), "t10k-labels-idx1-ubyte.gz", None).name
    't10k-labels.idx1-ubyte'
    """
    plain = name.removesuffix(".gz")
    dotted = plain.replace("-idx", ".idx")
    for known in (name, plain, dotted, f"{dotted}.gz"):
        if (folder / known).is_file():
            return folder / known
    if mirrors is None:
        raise FileNotFoundError(f"path must hold mnist.npz or {plain} (with or without .gz), got '{folder}'")
    return fetch(name, REGISTRY[name], mirrors, folder)
