"""``xpnet train``: what it prints, what it keeps, what it refuses."""

import numpy as np
import pytest

from xpnet import load
from xpnet.data import load_digits

FAST = ("--epochs", 3, "--hidden", 10)


def accuracy_of(text):
    (line,) = [line for line in text.splitlines() if "accuracy " in line and " of " in line]
    return line.split("accuracy ")[1]


def test_train_shows_progress_results_and_what_to_do_next(xpnet, tmp_path):
    ran = xpnet("train")
    assert ran.code == 0
    assert ran.out.startswith("backend  numpy ")
    assert "data     digits: 64 columns, 10 classes; 1438 to train on, 359 to test" in ran.out
    assert "network  64-30-10, sigmoid sigmoid, cost cross_entropy: 2,260 parameters" in ran.out
    assert ran.out.count("examples/s") == 30
    assert float(accuracy_of(ran.out).split()[0]) > 95.0
    assert "most often taken for" in ran.out
    assert "--split ordered (other writers) 90-92 % is normal" in ran.out
    assert "some that were misread:" in ran.out
    assert "xpnet evaluate xpnet-digits.safetensors" in ran.out
    assert [p.name for p in tmp_path.iterdir()] == ["xpnet-digits.safetensors"]


def test_evaluate_and_predict_find_the_accuracy_of_training_again(xpnet):
    trained = accuracy_of(xpnet("train", *FAST).out)
    evaluated = xpnet("evaluate", "xpnet-digits.safetensors")
    assert (evaluated.code, accuracy_of(evaluated.out)) == (0, trained)
    predicted = xpnet("predict", "xpnet-digits.safetensors")
    assert (predicted.code, accuracy_of(predicted.err)) == (0, trained)
    header, *rows = predicted.out.splitlines()
    assert header == "row,prediction"
    labels = load_digits().y
    right = sum(labels[int(row)] == int(label) for row, label in (line.split(",") for line in rows))
    assert f"({right} of {len(rows)})" in trained


def test_the_ordered_split_is_the_last_fifth(xpnet):
    ran = xpnet("train", *FAST, "--split", "ordered")
    assert "359 to test" in ran.out
    assert "is normal" not in ran.out
    assert load("xpnet-digits.safetensors").data["split"]["kind"] == "ordered"
    first = xpnet("predict", "xpnet-digits.safetensors").out.splitlines()[1]
    assert first.startswith("1438,")


def test_json_is_one_object_a_line(xpnet):
    ran = xpnet("train", *FAST, "--json", "--validation", 0.2)
    start, *epochs, end = ran.events
    assert (start["event"], end["event"], [e["epoch"] for e in epochs]) == ("start", "end", [1, 2, 3])
    assert epochs[0]["validation_accuracy"] > 0.3
    assert end["test_accuracy"] > 0.5
    (evaluated,) = xpnet("evaluate", "xpnet-digits.safetensors", "--json").events
    assert evaluated["accuracy"] == end["test_accuracy"]
    assert xpnet("predict", "xpnet-digits.safetensors", "--json").events[0].keys() == {"row", "prediction"}


@pytest.mark.parametrize(("words", "said"), [((), "1 BLAS thread"), (("--threads", 2), "BLAS thread")])
def test_how_the_steps_were_run_is_said(xpnet, words, said):
    assert xpnet("train", *FAST, *words, "--json").events[-1]["execution"].startswith("compiled NumPy program")
    assert said in xpnet("train", *FAST, *words).out


def test_quiet_says_where_and_how_well(xpnet):
    lines = xpnet("train", *FAST, "--quiet").out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("backend")
    assert lines[1].startswith("test accuracy")


def test_every_option_reaches_the_network(xpnet):
    words = "--hidden 6 5 --activation tanh --cost log_likelihood --scheme glorot --dropout 0.1 --epochs 2"
    words += " --batch-size full --optimizer adam --eta 0.01 --l2 0.1 --l1 0.1 --seed 3 --dtype float64 --out m"
    assert xpnet("train", *words.split()).code == 0
    network = load("m").network
    assert (network.sizes, network.output.name, network.dropout) == ((64, 6, 5, 10), "softmax", (0.0, 0.1, 0.1))
    assert [f.name for f in network.hidden] == ["tanh", "tanh"]
    assert load("m").backend.dtype_name == "float64"
    assert xpnet("train", "--hidden", 0, "--epochs", 1, "-o", "m").code == 0
    assert load("m").network.sizes == (64, 10)


def test_the_history_is_kept_where_asked(xpnet, tmp_path):
    assert xpnet("train", *FAST, "--quiet", "--history", "h.csv", "--class-weight", "balanced").code == 0
    assert len((tmp_path / "h.csv").read_text().splitlines()) == 4
    ran = xpnet("train", *FAST, "--history", "h.txt")
    assert ran.code == 2
    assert "--history must end in .csv or .jsonl, got h.txt" in ran.err


def test_limits_on_weights_reach_the_training(xpnet):
    assert xpnet("train", *FAST, "--max-norm", 0.5, "--clip-norm", 1.0).code == 0
    for layer in load("xpnet-digits.safetensors").parameters:
        assert np.linalg.norm(layer.w, axis=1).max() < 0.5001


def test_early_stopping_ends_before_the_last_epoch(xpnet):
    ran = xpnet("train", "--epochs", 300, "--validation", 0.2, "--early-stopping", 2, "--json")
    assert ran.events[-1]["stopped_by"] == "no_improvement"
    assert ran.events[-1]["epochs"] < 300


def test_another_backend_trains_and_the_file_opens_without_it(xpnet):
    ran = xpnet("train", *FAST, "--backend", "array_api_strict", "--device", "device1")
    assert ran.out.startswith("backend  array_api_strict")
    assert accuracy_of(xpnet("evaluate", "xpnet-digits.safetensors").out) == accuracy_of(ran.out)


def test_auto_says_what_it_picked(xpnet):
    assert "(picked by auto)" in xpnet("train", "--epochs", 0, "--backend", "auto").out


# ---- tables -----------------------------------------------------------------------------------------------


def test_a_table_goes_from_raw_file_to_prediction(xpnet, table, tmp_path):
    ran = xpnet("train", table(), "--target", "kind", "--epochs", 20, "--hidden", 4)
    assert ran.code == 0
    assert "test accuracy 100.00 %" in ran.out
    assert "data     clouds: 2 columns, 2 classes" in ran.out
    new = xpnet("predict", "xpnet-clouds.safetensors", table("new.csv", target=False), "--proba")
    header, *rows = new.out.splitlines()
    assert header == "row,prediction,p_far,p_near"
    assert [row.split(",")[1] for row in rows[:4]] == ["near", "far", "near", "far"]
    assert xpnet("evaluate", "xpnet-clouds.safetensors", table("again.csv")).out.count("accuracy 100.00 % (60") == 1
    written = xpnet("predict", "xpnet-clouds.safetensors", "-o", "out.csv")
    assert (written.out, (tmp_path / "out.csv").read_text().splitlines()[0]) == ("", "row,prediction,label")


def test_a_table_may_be_npz(xpnet, tmp_path, rng):
    y = np.arange(40) % 2
    np.savez(tmp_path / "t.npz", x=rng.standard_normal((40, 3)) + 3.0 * y[:, None], label=y)
    assert "100.00 %" in xpnet("train", "t.npz", "--target", "label", "--epochs", 20).out


def test_images_in_mnists_files_have_their_own_parts(xpnet, tmp_path, rng):
    parts = {}
    for part, n in (("train", 60), ("validation", 20), ("test", 20)):
        y = np.arange(n) % 10
        x = np.zeros((n, 784), dtype=np.uint8)
        x[np.arange(n), y * 70] = 255
        parts |= {f"x_{part}": x, f"y_{part}": y.astype(np.uint8)}
    np.savez(tmp_path / "mnist.npz", **parts)
    ran = xpnet("train", "mnist.npz", "--epochs", 40, "--batch-size", 5)
    assert "60 to train on, 20 to watch, 20 to test" in ran.out
    assert "test accuracy 100.00 %" in ran.out
    assert "none was misread" in ran.out
    assert "20 of 20" in xpnet("evaluate", "xpnet-mnist.safetensors").out


# ---- files ------------------------------------------------------------------------------------------------


def test_a_model_may_be_replaced_but_nothing_else(xpnet, tmp_path):
    assert xpnet("train", *FAST, "--quiet").code == 0
    assert xpnet("train", *FAST, "--quiet").code == 0
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")
    ran = xpnet("train", "-o", "thesis.txt")
    assert (ran.code, ran.out) == (1, "")
    assert "thesis.txt was not written by xpnet; name another file with -o, or use --force" in ran.err
    assert precious.read_text() == "years of work"
    assert xpnet("train", *FAST, "--quiet", "-o", "thesis.txt", "--force").code == 0


DIVERGING = ("--activation", "relu", "--cost", "log_likelihood", "--eta", 1e20)


def test_divergence_fails_with_advice_in_one_line_and_keeps_nothing(xpnet, tmp_path):
    ran = xpnet("train", *DIVERGING)
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert line.startswith("xpnet: error: training diverged in epoch 1: ")
    assert "try a smaller eta" in line
    assert list(tmp_path.iterdir()) == []


def test_json_of_a_divergence_holds_null_and_not_nan(xpnet):
    ran = xpnet("train", *DIVERGING, "--json")
    assert "NaN" not in ran.out
    assert ran.events[-1]["cost"] is None


def test_evaluate_refuses_a_table_that_has_changed_since_training(xpnet, table, tmp_path):
    table()
    assert xpnet("train", "clouds.csv", "--target", "kind", *FAST).code == 0
    path = tmp_path / "clouds.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n")
    for command in ("evaluate", "predict"):
        ran = xpnet(command, "xpnet-clouds.safetensors")
        assert ran.code == 1
        assert "has changed since training, so its test part cannot be rebuilt" in ran.err
    assert xpnet("evaluate", "xpnet-clouds.safetensors", "clouds.csv").code == 0


def test_predict_writes_over_its_own_files_only(xpnet, table, tmp_path):
    table()
    assert xpnet("train", "clouds.csv", "--target", "kind", *FAST).code == 0
    before = (tmp_path / "clouds.csv").read_text()
    ran = xpnet("predict", "xpnet-clouds.safetensors", "clouds.csv", "-o", "clouds.csv")
    assert ran.code == 1
    assert "clouds.csv is an input file; name another file with -o" in ran.err
    assert (tmp_path / "clouds.csv").read_text() == before
    for words in ((), (), ("--json",), ("--json",)):
        assert xpnet("predict", "xpnet-clouds.safetensors", "-o", "out.csv", *words).code == 0


def test_rows_as_wide_as_an_image_that_are_none_get_no_picture(xpnet, tmp_path, rng):
    np.savez(tmp_path / "t.npz", x=rng.standard_normal((40, 64)), y=np.arange(40) % 2)
    ran = xpnet("train", "t.npz", "--target", "y", *FAST)
    assert (ran.code, ran.err) == (0, "")
    assert "misread" not in ran.out


def test_numeric_classes_are_printed_as_they_were_written(xpnet, tmp_path):
    rows = "".join(f"{i % 2},{('0.5', '1')[i % 2]}\n" for i in range(40))
    (tmp_path / "t.csv").write_text("a,kind\n" + rows)
    words = ("train", "t.csv", "--target", "kind", "--task", "classification", *FAST)
    assert xpnet(*words).code == 0
    lines = xpnet("predict", "xpnet-t.safetensors").out.splitlines()[1:]
    assert {line.split(",")[1] for line in lines} <= {"0.5", "1"}


def test_pictures_fit_the_terminal(xpnet, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    drawn = xpnet("train", *FAST).out.split("misread:\n")[1].split("\n\n")[0]
    assert max(map(len, drawn.splitlines())) <= 80


def test_auto_is_named_only_where_it_was_asked(xpnet, monkeypatch):
    monkeypatch.setenv("XPNET_BACKEND", "auto")
    assert "(picked by auto)" not in xpnet("train", *FAST, "--backend", "numpy").out


def test_the_file_remembers_how_it_was_trained(xpnet):
    assert xpnet("train", "--quiet", *FAST, "--eta", 0.25, "-o", "m.safetensors", "--history", "h.csv").code == 0
    model = load("m.safetensors")
    assert len(model.history) == 3
    assert model.settings["optimizer"] == {"name": "sgd", "eta": 0.25}
    assert (model.runs[0].epoch, model.runs[0].stopped_by) == (3, "epochs")
