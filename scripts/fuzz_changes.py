"""Changes of files for `fuzz_files.py`: of their bytes, and of what lies behind a digest, a checksum, a compression."""

import copy
import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from xpnet.io.archives import NOTE
from xpnet.io.archives import digest_of as archive_digest
from xpnet.io.models.model_file import KEY, digest_of

NUMBERS = (0, 1, -1, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, 2**64 - 1)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        10**6,
        10**9,
        2**63,
        2**64,
        10**400,
        -(10**400),
        0.5,
        -0.5,
        1e308,
        -1e308,
        5e-324,
    ),
    *(
        float("nan"),
        float("inf"),
        float("-inf"),
        "",
        "a",
        "nan",
        "\n",
        "\x00",
        "é" * 3,
        "x" * 5000,
        "__class__",
        "1e999",
    ),
    *([], {}, [None], [[]], [0] * 1000, {"": None}, {"kind": "encoding"}, {"own": "f"}, {"name": "huber", "hyper": {}}),
    *({"array": [1, 2], "dtype": "V99999999"}, {"array": [[[1]]], "dtype": "O"}, {"tuple": [[]]}),
)


def as_is(raw: bytes, draw: random.Random) -> bytes:
    """Change a file that nothing protects."""
    return bytes_of(raw, draw)


def bytes_of(raw: bytes, draw: random.Random) -> bytes:
    """Return bytes with one to four changes."""
    changed = bytearray(raw)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        draw.choice(BYTES)(changed, draw)
    return bytes(changed)


def _flip(raw: bytearray, draw: random.Random) -> None:
    if raw:
        raw[_place(raw, draw)] ^= 1 << draw.randrange(8)


def _set(raw: bytearray, draw: random.Random) -> None:
    if raw:
        raw[_place(raw, draw)] = draw.choice((0, 255, 10, 34, 44, 45, 48, 91, 123, draw.randrange(256)))


def _cut(raw: bytearray, draw: random.Random) -> None:
    del raw[draw.randrange(len(raw) + 1) :]


def _remove(raw: bytearray, draw: random.Random) -> None:
    start = _place(raw, draw)
    del raw[start : start + draw.choice((1, 2, 8, 64))]


def _repeat(raw: bytearray, draw: random.Random) -> None:
    start = _place(raw, draw)
    raw[start:start] = raw[start : start + draw.choice((1, 8, 64, 512))] * draw.choice((1, 2, 50))


def _insert(raw: bytearray, draw: random.Random) -> None:
    start = _place(raw, draw)
    raw[start:start] = draw.choice(
        (draw.randbytes(draw.choice((1, 4, 100))), b"\x00" * 64, b"[" * 3000, b"9" * 400, b'"')
    )


def _number(raw: bytearray, draw: random.Random) -> None:
    """Write a number that is often wrong, in one of the usual sizes and byte orders."""
    size = draw.choice((1, 2, 4, 8))
    value = (draw.choice(NUMBERS) % 2 ** (8 * size)).to_bytes(size, draw.choice(("little", "big")))
    start = _place(raw, draw)
    raw[start : start + size] = value[: max(0, len(raw) - start)]


def _place(raw: bytearray, draw: random.Random) -> int:
    """Return a place, more often near one of the ends, where headers are."""
    n = len(raw)
    return min(
        max(0, n - 1),
        draw.choice((draw.randrange(n + 1), draw.randrange(min(n, 64) + 1), n - draw.randrange(min(n, 64) + 1))),
    )


BYTES: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _set, _cut, _remove, _repeat, _insert, _number)


def value_of(value: Any, draw: random.Random) -> Any:
    """Return JSON with one or two changes anywhere inside."""
    copied = json.loads(json.dumps(value))
    for _ in range(draw.choice((1, 1, 2))):
        copied = _inside(copied, draw)
    return copied


def _inside(value: Any, draw: random.Random) -> Any:
    """Change a value itself, or, three times as often, one inside of it."""
    if isinstance(value, dict | list) and value and draw.random() < 0.75:
        key = draw.choice(list(value) if isinstance(value, dict) else range(len(value)))
        change = draw.random()
        if change < 0.08:
            del value[key]
        elif change < 0.12 and isinstance(value, dict):
            value[draw.choice(("", "own", "kind", f"{key}s"))] = value.pop(key)
        elif change < 0.16 and isinstance(value, list):
            value.insert(key, copy.deepcopy(value[draw.randrange(len(value))]))
        else:
            value[key] = _inside(value[key], draw)
        return value
    if draw.random() < 0.1:
        return _nested(value, draw)
    if isinstance(value, int | float) and not isinstance(value, bool) and draw.random() < 0.5:
        return draw.choice((-value, value + 1, value * 10**6, value // 3, str(value), [value]))
    return copy.deepcopy(draw.choice(VALUES))


def _nested(value: Any, draw: random.Random) -> Any:
    for _ in range(draw.choice((1, 20, 300))):
        value = draw.choice(([value], {"a": value}))
    return value


def model(raw: bytes, draw: random.Random) -> bytes:
    """Change the description or the arrays of a model file, and let the digest fit."""
    arrays = safetensors.numpy.load(raw)
    (length,) = struct.unpack("<Q", raw[:8])
    description = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"][KEY])
    del description["digest"]
    if draw.random() < 0.75:
        description = value_of(description, draw)
    else:
        arrays = _arrays(arrays, draw, ("float32", "float64"))
    digest = digest_of(description, arrays) if isinstance(description, dict) else ""
    told = description | {"digest": digest} if isinstance(description, dict) else description
    return safetensors.numpy.save(arrays, {KEY: json.dumps(told)})


def archive(raw: bytes, draw: random.Random) -> bytes:
    """Change an array, the note or the bytes of a member of an npz archive; checksums and the digest fit."""
    if draw.random() < 0.4:
        return _members(raw, draw)
    with np.load(io.BytesIO(raw)) as opened:
        arrays = dict(opened)
    head = json.loads(arrays.pop(NOTE).tobytes()) if NOTE in arrays else None
    if head is None or draw.random() < 0.5:
        arrays = _arrays(
            arrays, draw, ("float32", "float64", "int8", "int64", "uint64", "U3", "S3", "M8[s]", "?", "c16")
        )
    else:
        head["note"] = value_of(head["note"], draw)
    if head is not None:
        head["digest"] = archive_digest(head["kind"], arrays, head["note"])
        arrays[NOTE] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def _members(raw: bytes, draw: random.Random) -> bytes:
    """Change the bytes of one member, inflated, and write all anew."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            inside = old.read(name)
            new.writestr(name, draw.choice((bytes_of, numpy_header))(inside, draw) if name == chosen else inside)
    return stream.getvalue()


def _arrays(arrays: dict[str, Any], draw: random.Random, dtypes: tuple[str, ...]) -> dict[str, Any]:
    """Change one array: its name, shape, dtype or some numbers, or leave it out."""
    name = draw.choice(list(arrays))
    x = np.array(arrays.pop(name))
    change = draw.randrange(6)
    if change == 0:
        return arrays
    if change == 1:
        name = draw.choice((f"{name}x", "", "layers.9.w", "x", "../x"))
    elif change == 2:
        x = draw.choice(
            (x[:0], x[:1], x.reshape(-1), x.reshape(1, -1), x.T, np.concatenate([x, x]), x[None, None])
            if x.ndim
            else (x[None],)
        )
    elif change == 3:
        try:
            x = x.astype(draw.choice(dtypes))
        except (TypeError, ValueError):
            x = x[:0] if x.ndim else x
    elif x.size:
        flat = x.reshape(-1).copy()
        for _ in range(draw.choice((1, flat.size))):
            value: Any = draw.choice((float("nan"), float("inf"), 1e300, -1, 2**62, 0, 5e-324, "x" * 9, "\x00"))
            try:
                with np.errstate(all="ignore"):
                    flat[draw.randrange(flat.size)] = value
            except (OverflowError, ValueError, TypeError):
                pass
        x = flat.reshape(x.shape)
    return arrays | {name: np.ascontiguousarray(x)}


def numpy_header(raw: bytes, draw: random.Random) -> bytes:
    """Write another header before the numbers of an npy file."""
    if raw[:6] != b"\x93NUMPY" or draw.random() < 0.3:
        return bytes_of(raw, draw)
    (length,) = struct.unpack("<H", raw[8:10])
    n = draw.choice((0, -1, 1, 2**31, 2**40, 2**62, 2**63, 2**64, 10**30))
    shape = draw.choice(((n,), (n, 4), (4, n), (n, n), (n,) * 40, (0, n), ((1,),), "6", None))
    dtype: Any = draw.choice(
        ("<f8", ">f8", "<i8", "|O", "<U999999999", "|V8", "<M8[s]", "|b1", "<f2", "<f16", "|S0", [("a", "<f8")], 3)
    )
    head = draw.choice(
        (
            repr({"descr": dtype, "fortran_order": draw.choice((True, False, 2)), "shape": shape}),
            "{" * draw.choice((5, 5000)),
            "(" * 200 + ")" * 200,
            repr({"descr": dtype}),
            "__import__('os')",
        )
    ).encode()
    if len(head) > 2**16 - 1:
        return raw
    return raw[:8] + struct.pack("<H", len(head)) + head + raw[10 + length :]


def json_lines(raw: bytes, draw: random.Random) -> bytes:
    """Change the JSON in one line, or the order of the lines."""
    lines = raw.splitlines()
    i = draw.randrange(len(lines))
    if draw.random() < 0.2:
        lines.insert(draw.randrange(len(lines) + 1), lines[i])
    else:
        lines[i] = json.dumps(value_of(json.loads(lines[i]), draw)).encode()
    return b"\n".join(lines) + b"\n" * draw.choice((0, 1, 2))


CELLS = (
    *(
        "",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "9" * 400,
        "1" + "0" * 30,
        "-0",
        "0x10",
        "1_000",
        "1,5",
        "1.2.3",
        "NA",
        "None",
        "True",
    ),
    *(
        '"',
        '""',
        '"a',
        "\x00",
        "\r",
        "\ufeff",
        "é",
        "\ud83d",
        "2024-13-99",
        "0000-00-00",
        "99999-01-01",
        "'",
        "=1+1",
        "x" * 70000,
    ),
)


def text(raw: bytes, draw: random.Random) -> bytes:
    """Change cells, separators or lines of a delimited table."""
    lines = [line.split(",") for line in raw.decode("utf-8", "replace").split("\n")]
    for _ in range(draw.choice((1, 1, 3))):
        line = draw.choice(lines)
        i = draw.randrange(len(line))
        change = draw.randrange(6)
        if change < 3:
            line[i] = draw.choice(CELLS)
        elif change == 3:
            line.insert(i, draw.choice(CELLS))
        elif change == 4:
            del line[i]
            if not line:
                line.append("")
        else:
            lines.insert(draw.randrange(len(lines)), list(draw.choice(lines)) * draw.choice((1, 1, 500)))
    separator, end = draw.choice((",", ",", ",", ";", "\t", "|", " ")), draw.choice(("\n", "\n", "\r\n", "\r"))
    encoding = draw.choice(("utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "utf-32"))
    return end.join(separator.join(line) for line in lines).encode(encoding, "replace")


def _bomb() -> bytes:
    """Return 256 MiB of zeros, compressed a piece at a time."""
    made = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(made.compress(bytes(2**20)) for _ in range(256)), made.flush()])


BOMB = _bomb()


def gzipped(raw: bytes, draw: random.Random) -> bytes:
    """Change what is compressed, and compress it anew; sometimes with much behind it."""
    try:
        inside = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error):
        return bytes_of(raw, draw)
    packed_inside = gzip.compress(bytes_of(inside, draw))
    if draw.random() < 0.002:  # a bomb: another stream behind it, of 1 GiB
        return packed_inside + BOMB * 4
    return packed_inside


def packed(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file, and compress it."""
    write(path)
    path.write_bytes(gzip.compress(path.read_bytes()))
