"""``xpnet train --checkpoint`` and ``--resume``."""

import json

import numpy as np
import pytest

import xpnet
from xpnet.cli import main
from xpnet.training.resuming.keeper import written

TRAIN = ["train", "--quiet", "--hidden", "5", "--dtype", "float64"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def weights(path):
    return np.concatenate([np.ravel(layer.w) for layer in xpnet.load(path).parameters])


def test_a_folder_goes_on_by_its_name_with_more_epochs(place, capsys):
    assert main([*TRAIN, "--epochs", "2", "--checkpoint", "state", "--every", "50 steps"]) == 0
    assert len(written(place / "state")) == 2
    assert main(["train", "--resume", "state", "--epochs", "4", "-o", "on.safetensors"]) == 0
    assert main([*TRAIN, "--epochs", "4", "-o", "whole.safetensors"]) == 0
    assert (weights(place / "on.safetensors") == weights(place / "whole.safetensors")).all()
    assert json.loads((place / "state" / "command.json").read_text())["argv"][-4:] == [
        *("--epochs", "4", "-o", "on.safetensors")
    ]


def test_another_network_is_refused_with_the_difference(place, capsys):
    assert main([*TRAIN, "--epochs", "1", "--checkpoint", "state"]) == 0
    assert main(["train", "--resume", "state", "--seed", "3"]) == 1
    assert "differs in seed (0 before, 3 now)" in capsys.readouterr().err


def test_an_interrupt_says_how_to_go_on(place, capsys, monkeypatch):
    from xpnet.cli.printing.progress import Lines

    def stop(self, record, parameters):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lines, "epoch", stop)
        command = [word for word in TRAIN if word != "--quiet"]
        assert main([*command, "--epochs", "2", "--checkpoint", "state"]) == 130
    assert "go on with: xpnet train --resume state" in capsys.readouterr().err
    assert main(["train", "--resume", "state", "-o", "on.safetensors"]) == 0
    assert main([*TRAIN, "--epochs", "2", "-o", "whole.safetensors"]) == 0
    assert (weights(place / "on.safetensors") == weights(place / "whole.safetensors")).all()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--every", "5m"], 2, "--every needs --checkpoint"),
        (["--checkpoint", "s", "--every", "soon"], 1, "every must be seconds or words"),
        (["--resume", "nothing"], 1, "does not exist: --resume takes a folder"),
        (["--resume", "."], 1, "not a command that xpnet wrote"),
    ],
)
def test_wrong_use(place, capsys, words, code, message):
    (place / "command.json").write_text("[]")
    assert main([*TRAIN, *words]) == code
    assert message in capsys.readouterr().err
