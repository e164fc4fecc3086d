"""Draws the network of the encoder as an ONNX graph, with floats or with 8-bit weights.

Words (the sum of token rows, looked up outside) and a mask go in; the mean over the tokens of the
last layers comes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from deploy.encoder.weights import Floats, Weights

CONTRIB = "com.microsoft"
OPSET = 20
IR_VERSION = 10
LAST = (10, 11)
"""The layers whose means are given, the first one being 0: the last two know more than one."""

EVENNESS = 0.8
"""How much of an input's outliers is moved into the weights before both become 8-bit numbers."""

SMALLEST = 1e-3


@dataclass
class Graph:
    """An ONNX graph that grows; `peaks` makes the linear parts 8-bit, without it they are floats.

    `peaks` holds the largest value of each input of a linear part: a few inputs are 20 times the others, and
    would leave the others a handful of the 256 steps. They are divided, and their weights
    multiplied, by a factor in between (SmoothQuant).
    """

    weights: Weights
    peaks: Mapping[str, Floats] | None = None
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    watched: set[str] = field(default_factory=set)

    def const(self, name: str, values: np.ndarray) -> str:
        """A constant of the graph."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(
        self, kind: str, inputs: Sequence[str], name: str, domain: str = "", **how: Any
    ) -> str:
        """One step with one output, which has the step's name."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name, domain=domain, **how))
        return name

    def linear(self, source: str, part: str, names: Sequence[str], inputs: int) -> str:
        """`source` times weights plus bias; several weights side by side are one part."""
        matrix = np.concatenate([self.weights.matrix(f"{name}.w", inputs) for name in names]).T
        bias = np.concatenate([self.weights.floats(f"{name}.b") for name in names])
        self.watched.add(source)
        if self.peaks is None:
            product = self.node("MatMul", [source, self.const(f"{part}.w", matrix)], f"{part}.x")
            return self.node("Add", [product, self.const(f"{part}.b", bias)], part)
        factors = _factors(self.peaks[source], matrix)
        even = self.node("Mul", [source, self.const(f"{part}.even", 1 / factors)], f"{part}.x")
        small, scales = _small(matrix * factors[:, None])
        constants = {"w": small, "scale": scales, "zero": np.zeros(len(bias), np.int8), "b": bias}
        given = [self.const(f"{part}.{name}", values) for name, values in constants.items()]
        return self.node("DynamicQuantizeMatMul", [even, *given], part, CONTRIB)

    def norm(self, sources: Sequence[str], name: str, weights: str) -> str:
        """The sum of one or two sources at mean 0 and spread 1, then scaled and moved."""
        given = [self.const(f"{name}.{p}", self.weights.floats(f"{weights}.{p}")) for p in "wb"]
        total = self.node("Add", sources, f"{name}.sum") if len(sources) > 1 else sources[0]
        epsilon = self.weights.shape.epsilon
        return self.node("LayerNormalization", [total, *given], name, epsilon=epsilon)


def draw(weights: Weights, peaks: Mapping[str, Floats] | None = None) -> onnx.ModelProto:
    """The whole network; without `peaks` in floats, with every linear part's input as an output."""
    graph = Graph(weights, peaks)
    _masks(graph)
    state, means = _embeddings(graph), []
    for number in range(weights.shape.layers):
        state = _layer(graph, state, number)
        if number in LAST:
            means.append(_mean(graph, state, number))
    graph.node("Concat", means, "means", axis=1)
    return _model(graph, len(means))


def _masks(graph: Graph) -> None:
    graph.const("one", np.array([1]))
    graph.const("last", np.array([-1]))
    graph.node("Cast", ["mask"], "mask.floats", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mask.floats", "last"], "mask.wide")
    graph.node("ReduceSum", ["mask.floats", "one"], "mask.count", keepdims=1)


def _embeddings(graph: Graph) -> str:
    width = graph.weights.shape.width
    kinds = graph.weights.floats("emb.type")[:width]
    graph.const("positions.all", graph.weights.floats("emb.pos").reshape(-1, width) + kinds)
    graph.const("zero", np.array([0]))
    graph.node("Shape", ["mask"], "length", start=1, end=2)
    graph.node("Slice", ["positions.all", "zero", "length", "zero"], "positions")
    graph.node("Add", ["words", "positions"], "placed")
    return graph.norm(["placed"], "start", "emb.ln")


def _layer(graph: Graph, state: str, number: int) -> str:
    shape, own = graph.weights.shape, f"l{number}"
    parts = graph.linear(state, f"{own}.qkv", [f"{own}.{p}" for p in "qkv"], shape.width)
    three = [f"{own}.q.out", f"{own}.k.out", f"{own}.v.out"]
    graph.nodes.append(helper.make_node("Split", [parts], three, axis=-1, num_outputs=3))
    seen = graph.node(
        "MultiHeadAttention", [*three, "", "mask"], f"{own}.seen", CONTRIB, num_heads=shape.heads
    )
    mixed = graph.linear(seen, f"{own}.mixed", [f"{own}.ao"], shape.width)
    state = graph.norm([state, mixed], f"{own}.middle", f"{own}.aln")
    wide = graph.linear(state, f"{own}.wide", [f"{own}.fi"], shape.width)
    bent = graph.node("Gelu", [wide], f"{own}.bent", CONTRIB)
    narrow = graph.linear(bent, f"{own}.narrow", [f"{own}.fo"], shape.inner)
    return graph.norm([state, narrow], f"{own}.end", f"{own}.oln")


def _mean(graph: Graph, state: str, number: int) -> str:
    own = f"mean{number}"
    graph.node("Mul", [state, "mask.wide"], f"{own}.kept")
    graph.node("ReduceSum", [f"{own}.kept", "one"], f"{own}.sum", keepdims=0)
    graph.node("Div", [f"{own}.sum", "mask.count"], f"{own}.flat")
    return graph.node("Unsqueeze", [f"{own}.flat", "one"], own)


def _model(graph: Graph, means: int) -> onnx.ModelProto:
    width = graph.weights.shape.width
    watched = sorted(graph.watched) if graph.peaks is None else []
    floats = TensorProto.FLOAT
    given = [
        helper.make_tensor_value_info("words", floats, ["texts", "tokens", width]),
        helper.make_tensor_value_info("mask", TensorProto.INT32, ["texts", "tokens"]),
    ]
    outputs = [
        helper.make_tensor_value_info("means", floats, ["texts", means, width]),
        *(helper.make_tensor_value_info(name, floats, None) for name in watched),
    ]
    drawn = helper.make_graph(graph.nodes, "encoder", given, outputs, graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    model: onnx.ModelProto = helper.make_model(drawn, opset_imports=opsets, ir_version=IR_VERSION)
    return model


def _factors(peaks: Floats, matrix: Floats) -> Floats:
    inputs = np.maximum(peaks, SMALLEST) ** EVENNESS
    factors = inputs / np.maximum(np.abs(matrix).max(axis=1), SMALLEST) ** (1 - EVENNESS)
    even: Floats = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    return even


def _small(matrix: Floats) -> tuple[np.ndarray, Floats]:
    """The matrix as 8-bit numbers with a scale for each output."""
    scales = (np.abs(matrix).max(axis=0) / 127).astype(np.float32)
    return np.round(matrix / scales).astype(np.int8), scales
