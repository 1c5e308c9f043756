"""Running the command line in an empty folder."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from xpnet.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def xpnet(tmp_path, monkeypatch, capsys) -> Callable[..., Ran]:
    """Run a command in process, in a folder of its own: ``xpnet("train", "--quiet").code``."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Ran:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:  # argparse
            code = stop.code
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def table(tmp_path) -> Callable[..., str]:
    """Write a table of two clouds with text labels: 60 rows of two columns, `near` and `far`."""

    def write(name: str = "clouds.csv", *, target: bool = True) -> str:
        lines = ["width,height,kind" if target else "height,other,width"]
        for i in range(60):
            far = i % 2
            width, height = far + (i % 7) / 10, 2 * far + (i % 5) / 10
            lines.append(f"{width},{height},{('near', 'far')[far]}" if target else f"{height},9,{width}")
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        return name

    return write
