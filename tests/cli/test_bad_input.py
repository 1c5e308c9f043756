"""Bad input: one line on standard error that names the argument, and the right exit code."""

import numpy as np
import pytest

FAST = ("--epochs", 1, "--hidden", 0, "--quiet")
USAGE, FAILED = 2, 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("", USAGE, "the following arguments are required: COMMAND"),
        ("learn", USAGE, "invalid choice: 'learn'"),
        ("train --epochs many", USAGE, "argument --epochs: invalid int value: 'many'"),
        ("train --split sideways", USAGE, "argument --split: invalid choice"),
        ("train clouds.csv", USAGE, "a table needs --target COLUMN"),
        ("train --target kind", USAGE, "--target is for tables; digits has labels of its own"),
        ("train --output linear --cost quadratic", USAGE, "argument --output: invalid choice: 'linear'"),
        ("train --task regression", USAGE, "--task is for tables; digits has classes of its own"),
        ("train mnist --split ordered", USAGE, "mnist has parts of its own"),
        ("train damaged.npz --target y", FAILED, "damaged.npz: must be a whole npz file"),
        ("train --early-stopping 3", USAGE, "--early-stopping needs --validation FRACTION"),
        (
            "train digit",
            FAILED,
            "data must be digits, mnist, or a file or folder that exists, got 'digit'; did you mean",
        ),
        ("train gone.csv --target y", FAILED, "got 'gone.csv'"),
        ("train notes.pdf --target y", FAILED, "notes.pdf: the name must end in .csv"),
        ("train clouds.csv --target color", FAILED, "color"),
        ("train empty.csv --target kind", FAILED, "empty.csv"),
        (
            "train price.csv --target price --cost cross_entropy",
            USAGE,
            "--cost of a regression must be one of quadratic",
        ),
        ("train price.csv --target price --output sigmoid", USAGE, "a regression has its cost's output and no classes"),
        ("train --cost huber", USAGE, "--cost huber gives values, not classes: add --output sigmoid"),
        (
            "train --cost poisson --output sigmoid",
            FAILED,
            "output must be exponential for cost 'poisson', got 'sigmoid'",
        ),
        ("train gaps.csv --target kind --impute none", FAILED, "line 3, column 'a' must not be missing: fill it in"),
        ("train mixed.csv --target kind", FAILED, "column 'a' must hold numbers or text, got 'red' among numbers"),
        ("train clouds.csv --target kind --categorical color", FAILED, "--categorical must name columns of the table"),
        (
            "train clouds.csv --target kind --ignore color",
            FAILED,
            "--ignore must name columns of the table, got 'color'",
        ),
        (
            "train clouds.csv --target kind --ignore width height",
            FAILED,
            "--ignore must leave the table a feature column",
        ),
        ("train late.csv --target kind --split ordered", FAILED, "class 'new' must have a row in the training part"),
        ("train --impute mean", USAGE, "--impute, --categorical, --ignore, --bins and --rare are for tables in .csv"),
        (
            "train one.csv --target kind",
            FAILED,
            "column 'kind' must hold at least two classes to tell apart, got only 'same'",
        ),
        ("train broken.npz --target kind", FAILED, "broken.npz"),
        ("train --backend abacus", FAILED, "--backend must be one of numpy, cupy"),
        ("train --backend array_api_strict --device moon", FAILED, "--device must be one of array-api-strict's"),
        ("train --threads 0", FAILED, "--threads must be a whole number from 1, got 0"),
        ("train --tf32", FAILED, "options of numpy must be one of threads, got 'tf32', which is an option of cupy"),
        ("train --memory-limit much", USAGE, "argument --memory-limit: invalid size value: 'much'"),
        ("train --activation sigmod", FAILED, "--activation must be one of sigmoid, tanh"),
        ("train --cost log_likelihood --output sigmoid", FAILED, "--output must be softmax for cost 'log_likelihood'"),
        ("train --scheme zeros", FAILED, "--scheme must be one of scaled, large, glorot, he"),
        ("train --dropout 1.5", FAILED, "--dropout must be at least 0 and below 1"),
        ("train --hidden -3", FAILED, "--hidden must name two or more layers of at least one neuron"),
        ("train --eta -1", FAILED, "--eta must be finite and at least 0, got -1.0"),
        ("train --epochs -1", FAILED, "--epochs must be at least 0, got -1"),
        ("train --batch-size 0", FAILED, "--batch-size must be at least 1, got 0"),
        ("train --batch-size some", FAILED, "--batch-size must be a whole number or full, got 'some'"),
        ("train --l2 nan", FAILED, "--l2 must be finite and at least 0, got nan"),
        ("train --seeds x", USAGE, "argument --seeds: must be a whole number, got 'x'"),
        ("train --members 0", USAGE, "argument --members: must be at least 1, got 0"),
        ("train --seed -1", FAILED, "--seed must be at least 0, got -1"),
        ("train --epochs 0 --history h.csv", USAGE, "--history needs an epoch to write, got --epochs 0"),
        ("train --validation 2", USAGE, "--validation must be at least 0 and below 1, got 2.0"),
        ("train --test-size 2", USAGE, "--test-size must be at least 0 and below 1, got 2.0"),
        ("train -o nowhere/model", FAILED, "folder nowhere does not exist; make it first"),
        ("train --history nowhere/h.csv", FAILED, "folder nowhere does not exist; make it first"),
        ("train -o .", FAILED, ". is a folder; name a file with -o"),
        ("evaluate gone.safetensors", FAILED, "model file gone.safetensors does not exist"),
        ("evaluate clouds.csv", FAILED, "clouds.csv is not a model file, or is truncated"),
        ("predict short.safetensors", FAILED, "short.safetensors is not a model file, or is truncated"),
        ("predict model.safetensors clouds.csv", FAILED, "column 'kind' must be a finite number, got 'near'"),
        ("predict model.safetensors wide.csv", FAILED, "x must have shape (m, 64), got (1, 2)"),
        ("evaluate model.safetensors clouds.csv", FAILED, "clouds.csv is a table: name its label column with --target"),
    ],
)
def test_bad_input_is_one_clear_line(xpnet, table, tmp_path, words, code, message):
    table()
    assert xpnet("train", *FAST, "-o", "model.safetensors").code == 0
    (tmp_path / "short.safetensors").write_bytes((tmp_path / "model.safetensors").read_bytes()[:-10])
    (tmp_path / "notes.pdf").write_text("hello")
    (tmp_path / "gaps.csv").write_text("a,b,kind\n1,red,x\n,blue,y\n" + "3,red,x\n" * 9)
    (tmp_path / "late.csv").write_text("a,kind\n" + "1,x\n2,y\n" * 9 + "3,new\n")
    (tmp_path / "mixed.csv").write_text("a,kind\n" + "1,x\nred,y\n" * 9)
    (tmp_path / "wide.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "one.csv").write_text("a,kind\n" + "1.0,same\n" * 30)
    (tmp_path / "price.csv").write_text("a,price\n" + "".join(f"{i},{i + 0.5}\n" for i in range(30)))
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 not a zip")
    np.savez(tmp_path / "damaged.npz", x=np.ones((4, 2)), y=np.arange(4) % 2)
    content = (tmp_path / "damaged.npz").read_bytes()
    (tmp_path / "damaged.npz").write_bytes(content.replace(b"PK\x01\x02", b"XXXX"))
    before = sorted(p.name for p in tmp_path.iterdir())
    ran = xpnet(*words.split())
    assert ran.code == code
    assert message in ran.err
    if code == FAILED:
        (line,) = ran.err.splitlines()
        assert line.startswith("xpnet: error: ")
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_gpu_that_is_not_there_is_not_replaced_by_the_cpu(xpnet, monkeypatch):
    from xpnet.backend import libraries

    found = libraries.importlib.util.find_spec
    monkeypatch.setattr(libraries.importlib.util, "find_spec", lambda name: None if name == "cupy" else found(name))
    ran = xpnet("train", "--backend", "cupy")
    assert ran.code == 1
    assert "cupy is not installed; pip install 'xpnet[cuda13]'" in ran.err
    monkeypatch.setenv("XPNET_BACKEND", "cupy")
    assert xpnet("train").code == 1


def test_labels_that_the_model_does_not_know_are_named(xpnet, table, tmp_path):
    table()
    assert xpnet("train", "clouds.csv", "--target", "kind", *FAST).code == 0
    (tmp_path / "new.csv").write_text("width,height,kind\n1,2,purple\n")
    ran = xpnet("evaluate", "xpnet-clouds.safetensors", "new.csv")
    assert ran.code == 1
    assert "purple" in ran.err
    (tmp_path / "narrow.csv").write_text("width,kind\n1,far\n")
    ran = xpnet("predict", "xpnet-clouds.safetensors", "narrow.csv")
    assert ran.code == 1
    assert "height" in ran.err


def test_a_model_saved_by_a_program_without_data_says_so(xpnet):
    import numpy as np

    from xpnet import Network, save, train

    result = train(Network([2, 2]), (np.eye(2), np.asarray([0, 1])), epochs=1)
    save("m", result)
    save("mine", result, classes=("a", "b"), data={"notes": "none"})
    assert "mine was saved from a program" in xpnet("evaluate", "mine").err
    ran = xpnet("evaluate", "m")
    assert ran.code == 1
    assert "m was saved from a program, without its data; use xpnet.load" in ran.err


def test_mnist_without_its_files_is_told_where_to_look(xpnet, tmp_path, monkeypatch):
    np.savez(tmp_path / "half.npz", x_train=np.zeros((3, 784), dtype=np.uint8))
    ran = xpnet("train", "half.npz")
    assert ran.code == 1
    assert "half.npz" in ran.err
