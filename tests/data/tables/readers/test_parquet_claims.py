"""Parquet files whose pages make false claims are refused before polars reads them; whole ones are not."""

import io
import random

import numpy as np
import pytest

from xpnet.data import FormatError, read_cells
from xpnet.data.tables.readers.parquet_claims import check_parquet

pl = pytest.importorskip("polars")


def frame(n=60):
    return pl.DataFrame(
        {
            "a": np.arange(n) * 0.5,
            "b": [None if i % 7 == 0 else f"s{i % 5}" for i in range(n)],
            "c": [i % 2 == 0 for i in range(n)],
            "l": [[1, 2, 3][: i % 4] for i in range(n)],
            "s": [{"x": i, "y": None} for i in range(n)],
        }
    )


@pytest.mark.parametrize("compression", ["zstd", "snappy", "gzip", "lz4", "uncompressed"])
@pytest.mark.parametrize("group", [None, 7])
def test_whole_files_pass(tmp_path, compression, group):
    for table in (frame(), frame(1), frame(0), pl.DataFrame({"a": [None, None]})):
        table.write_parquet(tmp_path / "t.parquet", compression=compression, row_group_size=group)
        check_parquet(tmp_path / "t.parquet")


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_whole_files_of_another_writer_pass(tmp_path, version, dictionary):
    parquet = pytest.importorskip("pyarrow.parquet")
    how = {"data_page_version": version, "use_dictionary": dictionary, "data_page_size": 100}
    parquet.write_table(frame(1000).to_arrow(), tmp_path / "t.parquet", write_page_index=True, **how)
    check_parquet(tmp_path / "t.parquet")


def test_a_page_that_claims_values_below_none_is_refused(tmp_path):
    """Polars ends the process on such a file: it asks for 2**61 bytes."""
    path, written = tmp_path / "t.parquet", io.BytesIO()
    pl.DataFrame({"y": [float(i) for i in range(20)]}).write_parquet(written, compression="uncompressed")
    raw = bytearray(written.getvalue())
    place = raw.index(b"\x15\x28", 4)  # the field after the page's sizes: 20 values, zigzag
    raw[place + 1] = 0x5B
    path.write_bytes(raw)
    with pytest.raises(FormatError, match=r"t\.parquet: must be a whole Parquet file, got .* claims -46 values"):
        read_cells(path, "y")


@pytest.mark.parametrize(
    "raw", [b"", b"PAR1", b"PAR1" * 3, b"PAR1" + b"\xff" * 4 + b"PAR1", b"PAR1" + b"\x1c" * 99 + b"\x63\0\0\0PAR1"]
)
def test_what_is_no_parquet_is_refused(tmp_path, raw):
    (tmp_path / "t.parquet").write_bytes(raw)
    with pytest.raises(FormatError, match=r"t\.parquet: must be a whole Parquet file"):
        check_parquet(tmp_path / "t.parquet")


def test_damage_is_refused_or_passed_on(tmp_path):
    path, written, draw = tmp_path / "t.parquet", io.BytesIO(), random.Random(0)
    frame().write_parquet(written)
    for _ in range(300):
        raw = bytearray(written.getvalue())
        raw[draw.randrange(len(raw))] = draw.randrange(256)
        path.write_bytes(raw)
        try:
            check_parquet(path)
        except FormatError as error:
            message = str(error)
            assert str(path) in message
