"""Downloads are limited in size and time, and nothing is inflated."""

import gzip
import http.server
import io
import itertools
import threading

import pytest

from xpnet.data.images import transfer as module
from xpnet.data.images.transfer import transfer


class Handler(http.server.BaseHTTPRequestHandler):
    """Sends what the path asks for."""

    def do_GET(self):
        self.send_response(200)
        if self.path == "/zip":
            body = gzip.compress(bytes(2**24))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
        elif self.path == "/short":
            body = b"half"
            self.send_header("Content-Length", "8")
        else:
            body = None
        self.end_headers()
        try:
            for piece in itertools.repeat(bytes(4096)) if body is None else [body]:
                self.wfile.write(piece)
        except ConnectionError:
            pass

    def log_message(self, *args):
        pass


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_compressed_body_is_stored_as_it_comes(address):
    file = io.BytesIO()
    transfer(f"{address}/zip", file)
    assert len(file.getvalue()) < 2**20
    assert gzip.decompress(file.getvalue()) == bytes(2**24)


def test_a_body_without_end_is_cut(address, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "LARGEST", 100_000)
    with pytest.raises(OSError, match="it sent more than 100,000 bytes"):
        transfer(f"{address}/endless", str(tmp_path / "file"))
    assert (tmp_path / "file").stat().st_size <= 100_000


def test_a_body_that_takes_too_long_is_cut(address):
    ticks = itertools.count(0, 400)
    with pytest.raises(OSError, match="it took more than 900 seconds"):
        transfer(f"{address}/endless", io.BytesIO(), clock=lambda: next(ticks))


def test_a_body_that_ends_early_is_told(address):
    with pytest.raises(OSError, match="it ended 4 bytes too early"):
        transfer(f"{address}/short", io.BytesIO())


@pytest.mark.parametrize("address", ["/etc/hostname", "data:,x", "ftp://127.0.0.1/x"])
def test_other_addresses_are_refused(address):
    with pytest.raises(ValueError, match="address must begin with http"):
        transfer(address, io.BytesIO())
