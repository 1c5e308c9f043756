"""What people write in tables, from the command line: spellings, flags, packed files, standard input."""

import gzip
import io
import sys

import numpy as np
import pytest

from xpnet import load

HEADER = "price;share;when;sold;city;kind\n"


@pytest.fixture
def spelled(tmp_path, rng):
    """Two files of one table, `plain.csv` and `spelled.csv`: 80 rows with decimal commas, percents, dates, words."""
    plain, other = ["price,share,when,sold,city,kind"], [HEADER.strip()]
    for i in range(80):
        far, share, day = i % 2, rng.integers(0, 100), rng.integers(1, 29)
        price, city, sold = 1000.5 * far + rng.integers(0, 900) / 10, ("Bonn", "Köln")[i % 3 % 2], rng.random() > 0.5
        flag = str(bool(sold)).lower()
        plain.append(f"{price:.2f},{share / 100},2024-{1 + i % 12:02}-{day:02},{flag},{city},{'ab'[far]}")
        euros = f"{price:,.2f} €".replace(",", " ").replace(".", ",")
        word = "ja" if sold else "nein"
        other.append(f"{euros};{share} %;{day}.{1 + i % 12}.2024;{word};{city};{'ab'[far]}")
    (tmp_path / "plain.csv").write_text("\n".join(plain) + "\n", encoding="utf-8")
    (tmp_path / "spelled.csv").write_text("\n".join(other) + "\n", encoding="utf-8")
    return tmp_path / "spelled.csv"


WORDS = ("--target", "kind", "--epochs", 3, "--quiet", "-o", "m.safetensors", "--force")


def test_a_table_in_another_spelling_trains_the_same_network_and_tells_how_it_was_read(xpnet, spelled):
    ran = {name: xpnet("train", name, "--target", "kind", "--epochs", 3, "-o", f"{name}.safetensors")
           for name in ("plain.csv", "spelled.csv")}  # fmt: skip
    weights = [load(f"{name}.safetensors").parameters[0].w for name in ran]
    np.testing.assert_array_equal(*weights)
    assert [line for line in ran["spelled.csv"].err.splitlines() if "is read with" in line] == [
        "xpnet: note: column 'price' is read with a decimal comma, thousands separated by ' ', the unit €",
        "xpnet: note: column 'share' is read with the unit %",
        "xpnet: note: column 'when' is read with the order day, month, year",
        "xpnet: note: column 'sold' is read with nein and ja for false and true",
    ]
    assert "is read with" not in ran["plain.csv"].err
    lines = spelled.read_text(encoding="utf-8").splitlines()
    assert xpnet("evaluate", "spelled.csv.safetensors").out == xpnet("evaluate", "plain.csv.safetensors").out
    header = lines[0].removesuffix(";kind")
    spelled.write_text(f"{header}\n1,234 €;7 %;1.2.2024;ja;Köln\n", encoding="utf-8")
    one = xpnet("predict", "spelled.csv.safetensors", "spelled.csv", "--proba")
    spelled.write_text("price,share,when,sold,city\n1.234,0.07,2024-02-01,true,Köln\n", encoding="utf-8")
    assert one.out == xpnet("predict", "spelled.csv.safetensors", "spelled.csv", "--proba").out


@pytest.mark.parametrize("hidden", [False, True])
def test_packed_encoded_and_piped_tables_are_one_table(xpnet, spelled, monkeypatch, hidden):
    if hidden:
        monkeypatch.setitem(sys.modules, "polars", None)
    raw = spelled.read_bytes()
    spelled.with_name("t.csv.gz").write_bytes(gzip.compress(raw))
    spelled.with_name("u.csv").write_bytes(raw.decode().encode("utf-16"))
    spelled.with_name("l.csv").write_bytes(raw.decode().encode("cp1252"))
    said = [xpnet("train", "spelled.csv", *WORDS).out]
    said += [xpnet("train", name, *WORDS).out for name in ("t.csv.gz", "u.csv")]
    said.append(xpnet("train", "l.csv", "--encoding", "cp1252", *WORDS).out)
    told = xpnet("evaluate", "m.safetensors").out.splitlines()
    assert set(said[0].splitlines()) <= set(told)  # the encoding is remembered
    refused = xpnet("train", "l.csv", *WORDS)
    assert refused.code == 1
    assert "l.csv: line 2 must be text in UTF-8, got the byte 0x80: save it as UTF-8, or name" in refused.err
    assert refused.err.endswith("name its encoding (--encoding)\n")
    assert xpnet("train", "t.csv.gz", "--target", "kind", "--epochs", 0).code == 0
    assert spelled.with_name("xpnet-t.safetensors").exists()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    said.append(xpnet("train", "-", *WORDS).out)
    assert len(set(said)) == 1
    assert "the test part came from standard input and is gone: name DATA" in xpnet("evaluate", "m.safetensors").err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert xpnet("predict", "m.safetensors", "-").out == xpnet("predict", "m.safetensors", "spelled.csv").out


def test_what_can_be_read_in_two_ways_is_refused_with_the_flag_that_decides(xpnet, tmp_path):
    rows = [f'"{1 + i % 8},{100 + i}",{1 + i % 9}/{1 + i % 8}/2024,{"ab"[i % 2]}' for i in range(1, 41)]
    (tmp_path / "t.csv").write_text("a,when,kind\n" + "\n".join(rows) + "\n")
    ran = xpnet("train", "t.csv", *WORDS)
    assert ran.err.endswith(
        "t.csv: line 2, column 'a' must hold numbers that can be read in one way, got '2,101': "
        "name the decimal character (--decimal , or --decimal .)\n"
    )
    ran = xpnet("train", "t.csv", "--decimal", ",", *WORDS)
    assert ran.err.endswith("got '2/2/2024': name the order of dates (--dates), dmy or mdy\n")
    assert xpnet("train", "t.csv", "--decimal", ",", "--dates", "dmy", *WORDS).code == 0
    encoding = load("m.safetensors").preprocessing
    assert 1 < encoding.columns[0].mean < 9
    assert xpnet("evaluate", "m.safetensors").code == 0
    assert xpnet("train", "t.csv", "--decimal", ".", "--dates", "mdy", *WORDS).code == 0
    assert 1000 < load("m.safetensors").preprocessing.columns[0].mean < 9000
    assert load("m.safetensors").preprocessing.reading.spellings["when"].order == "mdy"


def test_gaps_and_rows_without_a_label(xpnet, tmp_path):
    rows = [f"{i % 7 + 10 * (i % 2) if i % 5 else '-'},{'ab'[i % 2] if i % 10 else '-'}" for i in range(60)]
    (tmp_path / "t.csv").write_text("x,kind\n" + "\n".join(rows) + "\n")
    words = ("train", "t.csv", *WORDS[:-3], "--missing", "-", "--impute", "median", *WORDS[-3:])
    refused = xpnet(*words)
    assert "t.csv: line 2, column 'kind' must hold a label, got '-', which means missing: remove the row" in refused.err
    assert "--drop-missing-target" in refused.err
    ran = xpnet(*words, "--drop-missing-target")
    assert (ran.code, load("m.safetensors").classes) == (0, ("a", "b"))
    told = xpnet("train", "t.csv", "--target", "kind", "--missing", "-", "--impute", "mean", "--drop-missing-target",
                 "--epochs", 1)  # fmt: skip
    assert "note: 6 of 60 rows have no 'kind': they are left out" in told.err
    assert xpnet("evaluate", "m.safetensors").code == 0
    (tmp_path / "new.csv").write_text("x\n-\n3\nnone yet\n")
    assert len(xpnet("predict", "m.safetensors", "new.csv", "--missing", "none yet").out.splitlines()) == 4
    refused = xpnet("predict", "m.safetensors", "new.csv")
    assert "new.csv: line 4, column 'x' must be a finite number, got 'none yet'" in refused.err


BAD = {
    "two rows a class": ("a,y\n1,p\n2,q\n3,p\n4,q\n", "accuracy"),
    "all constant": ("a,b,y\n" + "7,x,p\n7,x,q\n" * 10, "accuracy"),
    "all missing": ("a,b,y\n" + ",1,p\n,2,q\n" * 10, "accuracy"),
    "one value of the target": ("a,y\n" + "1,p\n2,p\n" * 10, "column 'y' must hold at least two classes"),
    "one column": ("y\np\nq\n", "must have a feature column besides the target, got y"),
    "many categories": (
        "a,y\n" + "".join(f"id{i},{'pq'[i % 2]}\n" for i in range(3000)),
        "column 'a' must have at most 1000 categories, got 2400: leave it out (--ignore)",
    ),
    "three formats of dates": (
        "a,y\n" + "".join(f"{d},p\n{d},q\n" for d in ("2024-01-31", "31.1.2024", "1 May 2024", "2/15/2024")),
        "column 'a' must hold dates in one order, got '31.1.2024' among others: repair it, or call the column categor",
    ),
    "infinity": ("a,y\n" + "inf,p\n2,q\n" * 10, "column 'a' must hold finite numbers, got infinity"),
    "numbers and text": ("a,y\n" + "1,p\n2,q\n" * 10 + "soon,p\n", "t.csv: line 22, column 'a' must hold numbers or"),
    "a ragged line": ("a,y\n" + "1,p\n2,q\n" * 10 + "3\n", "t.csv: line 22 must have 2 cells as the header, got 1"),
}


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("name", BAD)
def test_bad_tables_are_told_in_one_line_or_have_an_answer(xpnet, tmp_path, monkeypatch, name, hidden):
    if hidden:
        monkeypatch.setitem(sys.modules, "polars", None)
    text, told = BAD[name]
    (tmp_path / "t.csv").write_text(text)
    ran = xpnet("train", "t.csv", "--target", "y", "--impute", "mean", "--epochs", 1, "--quiet", "--rare", 0)
    assert told in (ran.out if told == "accuracy" else ran.err)
    assert (ran.code == 0) == (told == "accuracy")
    assert told == "accuracy" or ran.err.count("\n") == 1
