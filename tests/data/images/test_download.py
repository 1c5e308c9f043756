import functools
import hashlib
import http.server
import logging
import sys
import threading
from pathlib import Path

import pytest

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
