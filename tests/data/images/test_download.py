import functools
import gzip
import hashlib
import http.server
import logging
import math
import struct
import sys
import threading
from pathlib import Path

import pytest

from xpnet.data import load_mnist
from xpnet.data.images import mnist_files
from xpnet.data.images.download import fetch, load_pooch

NAME, CONTENT = "labels.gz", b"the right bytes" * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """A function from folder contents to the address of a server on this machine."""
    pytest.importorskip("pooch")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    servers = []

    def start(**files):
        root = tmp_path / f"mirror{len(servers)}"
        root.mkdir()
        for name, content in files.items():
            (root / name).write_bytes(content)
        handler = functools.partial(QuietHandler, directory=str(root))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def test_fetch_downloads_into_a_new_folder(serve, tmp_path, capfd):
    path = fetch(NAME, SHA256, [serve(**{NAME: CONTENT})], tmp_path / "new" / "cache")
    assert path == tmp_path / "new" / "cache" / NAME
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("first", [{}, {NAME: b"<html>go away</html>"}, {NAME: CONTENT[:-1]}])
def test_fetch_goes_on_to_the_second_mirror(serve, tmp_path, first):
    path = fetch(NAME, SHA256, [serve(**first), serve(**{NAME: CONTENT})], tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]


def test_fetch_names_every_mirror_and_keeps_nothing_when_all_fail(serve, tmp_path):
    mirrors = [serve(), serve(**{NAME: b"garbage"})]
    with pytest.raises(OSError, match=r"labels\.gz must come from one of the mirrors") as caught:
        fetch(NAME, SHA256, mirrors, tmp_path / "cache")
    message = str(caught.value)
    assert all(mirror in message for mirror in mirrors)
    assert "404" in message
    assert "does not match the known hash" in message
    assert "Pass the path of a copy" in message
    assert list((tmp_path / "cache").iterdir()) == []


def test_fetch_goes_past_a_mirror_that_does_not_answer(serve, tmp_path):
    assert fetch(NAME, SHA256, ["http://127.0.0.1:9/", serve(**{NAME: CONTENT})], tmp_path).is_file()


def test_fetch_takes_a_file_that_is_there_without_asking(tmp_path):
    (tmp_path / NAME).write_bytes(b"own copy")
    assert fetch(NAME, SHA256, ["http://127.0.0.1:9/"], tmp_path).read_bytes() == b"own copy"


def test_fetch_without_mirrors_says_so(tmp_path):
    pytest.importorskip("pooch")
    with pytest.raises(OSError, match="no mirror given"):
        fetch(NAME, SHA256, [], tmp_path)


def test_fetch_logs_nothing_and_leaves_the_logger_as_it_was(serve, tmp_path, monkeypatch, caplog):
    logger = load_pooch().get_logger()
    monkeypatch.setattr(logger, "level", logging.INFO)
    monkeypatch.setattr(logger, "handlers", [caplog.handler])
    fetch(NAME, SHA256, [serve(**{NAME: CONTENT})], tmp_path / "cache")
    assert caplog.records == []
    assert logger.level == logging.INFO


def test_load_pooch_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match=r"pip install 'xpnet\[download\]'"):
        load_pooch()


def test_fetch_without_pooch_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match="pooch must be installed"):
        fetch(NAME, SHA256, ["http://127.0.0.1:9/"], Path(tmp_path))


@pytest.fixture
def small_mnist(monkeypatch):
    """Four small files with MNIST's names, whose checksums are the registered ones."""
    shapes = [(12, 28, 28), (12,), (3, 28, 28), (3,)]
    files = {}
    for name, shape in zip(mnist_files.REGISTRY, shapes, strict=True):
        header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
        files[name] = gzip.compress(header + bytes(math.prod(shape)))
    registry = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    monkeypatch.setattr("xpnet.data.images.mnist.REGISTRY", registry)
    monkeypatch.setattr(mnist_files, "REGISTRY", registry)
    monkeypatch.setattr(mnist_files, "MIRRORS", ("http://127.0.0.1:9/",))  # nobody answers there
    return files


@pytest.mark.parametrize("between", [",", " ", ", ", "\n"])
def test_mirrors_of_the_environment_are_tried_in_order(serve, small_mnist, tmp_path, monkeypatch, between):
    changed = {name: content[:-1] for name, content in small_mnist.items()}  # another checksum
    addresses = [serve(**changed), serve(**small_mnist).removesuffix("/")]
    monkeypatch.setenv("XPNET_MNIST_MIRRORS", between.join(addresses))
    assert load_mnist(folder=tmp_path / "cache").test.n == 3
    assert {path.name: path.read_bytes() for path in (tmp_path / "cache").iterdir()} == small_mnist


def test_the_usual_mirrors_are_tried_after_those_of_the_environment(serve, small_mnist, tmp_path, monkeypatch):
    monkeypatch.setattr(mnist_files, "MIRRORS", (serve(**small_mnist),))
    monkeypatch.setenv("XPNET_MNIST_MIRRORS", "http://127.0.0.1:9/")
    assert load_mnist(folder=tmp_path / "cache").test.n == 3


@pytest.mark.parametrize("spelling", [str, lambda folder: folder.as_uri()])
def test_a_folder_may_be_a_mirror(small_mnist, tmp_path, monkeypatch, spelling):
    pytest.importorskip("pooch")
    shared = tmp_path / "shared"
    shared.mkdir()
    for name, content in small_mnist.items():
        (shared / name).write_bytes(content)
    monkeypatch.setenv("XPNET_MNIST_MIRRORS", spelling(shared))
    assert load_mnist(folder=tmp_path / "cache").test.n == 3
    (shared / "t10k-labels-idx1-ubyte.gz").write_bytes(b"changed")
    with pytest.raises(OSError, match="does not match the known hash"):
        load_mnist(folder=tmp_path / "another")


@pytest.mark.parametrize("mirror", ["ftp://127.0.0.1/mnist/", "mirror.example.org/mnist", "/no/such/folder"])
def test_a_mirror_of_another_kind_is_refused_before_any_download(tmp_path, monkeypatch, mirror):
    monkeypatch.setenv("XPNET_MNIST_MIRRORS", f"http://127.0.0.1:9/ {mirror}")
    with pytest.raises(ValueError, match=r"XPNET_MNIST_MIRRORS must list addresses .* or folders .*, got '.*'"):
        load_mnist(folder=tmp_path)


def test_mirrors_that_are_passed_are_the_only_ones(serve, small_mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("XPNET_MNIST_MIRRORS", serve(**small_mnist))
    with pytest.raises(OSError, match="no mirror given"):
        load_mnist(folder=tmp_path, mirrors=())
