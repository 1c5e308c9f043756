"""``xpnet export``: from a model file to a graph that runs without xpnet."""

import sys

import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx_running import opened

from xpnet import load, to_onnx
from xpnet.io.onnx.feeding import inputs_of


@pytest.fixture
def clouds(xpnet, table):
    assert xpnet("train", table(), "--target", "kind", "--members", 2, "--epochs", 4, "--quiet").code == 0
    return "xpnet-clouds.safetensors"


def test_a_model_becomes_a_graph(xpnet, clouds, tmp_path):
    ran = xpnet("export", clouds, "--onnx", "c.onnx")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "input   width  double (batch, 1)",
        "input   height  double (batch, 1)",
        "output  label  string (batch)",
        "output  probabilities  float (batch, 2)",
        "saved to c.onnx",
    ]
    rows, model = {"width": [0.1, 1.4], "height": [0.2, 2.3]}, load(clouds)
    label, _ = opened(tmp_path / "c.onnx").run(None, inputs_of(model, rows))
    assert label.tolist() == model.predict(rows).tolist()
    to_onnx(tmp_path / "d.onnx", model)
    assert (tmp_path / "c.onnx").read_bytes() == (tmp_path / "d.onnx").read_bytes()


def test_programs_are_told_every_input(xpnet, clouds):
    (told,) = xpnet("export", clouds, "--onnx", "c.onnx", "--json").events
    assert told["onnx"] == "c.onnx"
    assert told["inputs"][1] == {"name": "height", "type": "double", "shape": [None, 1]}
    assert [output["type"] for output in told["outputs"]] == ["string", "float"]


def test_many_inputs_are_counted(xpnet, tmp_path):
    names = [f"x{i}" for i in range(30)]
    rows = [",".join(str((i * j) % 7) for j in range(30)) + f",{'ab'[i % 2]}" for i in range(40)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join([*names, "y"]), *rows]) + "\n")
    assert xpnet("train", "wide.csv", "--target", "y", "--hidden", 0, "--epochs", 1, "--quiet").code == 0
    out = xpnet("export", "xpnet-wide.safetensors", "--onnx", "w.onnx").out.splitlines()
    assert [line.split()[1] for line in out[:20]] == names[:20]
    assert out[20] == "        and 10 more"


def test_only_its_own_files_are_written_over(xpnet, clouds, tmp_path):
    assert xpnet("export", clouds, "--onnx", "c.onnx").code == 0
    assert xpnet("export", clouds, "--onnx", "c.onnx").code == 0
    (tmp_path / "notes").write_text("mine")
    ran = xpnet("export", clouds, "--onnx", "notes")
    assert (ran.code, ran.err) == (
        1,
        "xpnet: error: notes was not written by xpnet export; name another file with --onnx, or use --force\n",
    )
    assert (tmp_path / "notes").read_text() == "mine"
    assert xpnet("export", clouds, "--onnx", "notes", "--force").code == 0
    for force in ((), ("--force",)):
        ran = xpnet("export", clouds, "--onnx", clouds, *force)
        assert (ran.code, "is an input file; name another file with --onnx" in ran.err) == (1, True)
    assert load(tmp_path / clouds).n_members == 2


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("missing.safetensors", "--onnx", "c.onnx"), 1, "model file missing.safetensors does not exist"),
        (("clouds.csv", "--onnx", "c.onnx"), 1, "clouds.csv is not a model file"),
        (("clouds.csv",), 2, "the following arguments are required: --onnx"),
        (("clouds.csv", "--onnx", "no/c.onnx"), 1, "folder no does not exist"),
        (("clouds.csv", "--onnx", "."), 1, "is a folder; name a file with --onnx"),
        (("clouds.csv", "--onix", "c.onnx"), 2, "required: --onnx"),
    ],
)
def test_wrong_usage_is_one_line(xpnet, table, tmp_path, words, code, error):
    table()
    ran = xpnet("export", *words)
    assert ran.code == code
    assert error in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "c.onnx").exists()


def test_without_the_package_the_error_says_what_to_type(xpnet, clouds, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    ran = xpnet("export", clouds, "--onnx", "c.onnx")
    assert (ran.code, ran.err) == (
        1,
        "xpnet: error: exporting needs the package onnx: pip install 'xpnet[onnx]'\n",
    )
