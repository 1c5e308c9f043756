"""The bytes of an ONNX file: the graph as protobuf, checked."""

import importlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from xpnet.io.onnx.graph import ML, Graph, Node, Port

PRODUCER = "xpnet"
OPSETS = {"": 17, ML: 3}
IR_VERSION = 8  # that of opset 17 (ONNX 1.12): runtimes since 2022 read it
BATCH = "batch"  # the name of the first axis of inputs and outputs


def to_bytes(graph: Graph, metadata: dict[str, Any]) -> bytes:
    """Return the content of the file, which onnx's checker has accepted.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    """
    onnx = _library()
    make = onnx.helper
    body = make.make_graph(
        [_node(make, node) for node in graph.nodes],
        PRODUCER,
        _ports(make, graph.inputs),
        _ports(make, graph.outputs),
        [_tensor(onnx, array, name) for name, array in graph.used_constants().items()],
    )
    proto = make.make_model(
        body,
        ir_version=IR_VERSION,
        producer_name=PRODUCER,
        producer_version=importlib.import_module("xpnet").__version__,
        opset_imports=[make.make_opsetid(domain, version) for domain, version in OPSETS.items()],
    )
    make.set_model_props(proto, {name: _text(value) for name, value in metadata.items()})
    onnx.checker.check_model(proto, full_check=True)
    content: bytes = proto.SerializeToString(deterministic=True)
    return content


def _library() -> Any:
    """Return the package onnx."""
    try:
        return importlib.import_module("onnx")
    except ImportError as error:
        raise ImportError("exporting needs the package onnx: pip install 'xpnet[onnx]'") from error


def _node(make: Any, node: Node) -> Any:
    how = {
        name: make.np_dtype_to_tensor_dtype(value) if isinstance(value, np.dtype) else value
        for name, value in node.attributes.items()
    }
    return make.make_node(node.op, node.inputs, [node.result], node.result, domain=node.domain, **how)


def _ports(make: Any, ports: Iterable[Port]) -> list[Any]:
    return [
        make.make_tensor_value_info(
            port.name,
            make.np_dtype_to_tensor_dtype(port.dtype),
            [BATCH if n is None else n for n in port.shape],
            port.note,
        )
        for port in ports
    ]


def _tensor(onnx: Any, array: Any, name: str) -> Any:
    return onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
