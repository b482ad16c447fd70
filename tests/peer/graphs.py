"""A random float graph under construction: names, weights, pools of tensors.

The operators that may be added stand in operators.py and operators_more.py.
Everything is drawn from one random.Random, so a seed gives one graph.
"""
import random
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, FLOAT16 = TensorProto.FLOAT, TensorProto.FLOAT16
SUFFIXES = ["_scale", "_zero_point", "_quantized", "_QuantizeLinear_Output",
            "_DequantizeLinear_Output", "_QuantizeLinear_Input", "_convert"]
STYLES = {
    "plain": lambda word, n: f"{word}{n}",
    "path": lambda word, n: f"/model/{word}.{n}/{word.title()}_output_0",
    "mixed": lambda word, n: (f"{word.upper()}:{n}", f"_{word}.{n}", f"ä{n}{word}",
                              f"{n}", f"{word} {n}")[n % 5],
}


@dataclass
class Profile:
    """How often the less usual things happen in a graph (probabilities)."""
    unnamed: float = 0.0
    repeated_name: float = 0.0
    constant_node: float = 0.0
    shared: float = 0.15
    typed_storage: float = 0.1
    collision: float = 0.0
    listed_input: float = 0.0
    symbolic: float = 0.0
    odd_data: float = 0.1
    docs: float = 0.0
    open_outputs: float = 0.0  # whose shapes are not all declared
    wide: float = 0.0  # MatMul weights of more than a kilobyte
    through: bool = False  # an input or constant that is also an output
    style: str = "plain"


@dataclass
class Tensor:
    name: str
    shape: tuple
    dtype: int


class Typed(NamedTuple):
    """An output of another type than the graph's float type."""
    shape: tuple
    dtype: int


@dataclass
class Graph:
    rng: random.Random
    opset: int
    float_type: int = FLOAT
    profile: Profile = field(default_factory=Profile)

    def __post_init__(self):
        self.nodes, self.initializers, self.inputs = [], [], []
        self.value_infos, self.sparse = [], []
        self.domains = {}
        self.pool = []
        self.weights = []
        self.biases = []
        self.names = set()
        self.counter = 0
        self.calls = False  # the function that decorate() adds

    # ---- chance

    def chance(self, p):
        return self.rng.random() < p

    def choice(self, items):
        return self.rng.choice(list(items))

    def size(self, low=1, high=5):
        return self.rng.randint(low, high)

    def shape(self, rank):
        """A small shape of this rank; the first dimension is a batch."""
        return tuple(self.size(1, 2) if i == 0 and rank > 1 else self.size(2, 5)
                     for i in range(rank))

    # ---- names

    def fresh(self, word):
        """A new name; now and then one that the quantizer will want itself."""
        if self.pool and self.chance(self.profile.collision):
            name = self.choice(self.pool).name + self.choice(SUFFIXES)
            if self.biases and self.chance(0.4):  # the name of a bias's copy
                name = self.choice(self.biases).name + self.choice("0012")
            if name not in self.names:
                self.names.add(name)
                return name
        while True:
            self.counter += self.size(1, 3)
            name = STYLES[self.profile.style](word, self.counter)
            if name not in self.names:
                self.names.add(name)
                return name

    def node_name(self, op):
        if self.chance(self.profile.unnamed):
            return ""
        named = [n.name for n in self.nodes if n.name]
        if named and self.chance(self.profile.repeated_name):
            return self.choice(named)
        return self.fresh(op)

    # ---- constant data

    def dtype(self):
        return np.float16 if self.float_type == FLOAT16 else np.float32

    def numbers(self, shape):
        """Float data: mostly ordinary, sometimes of an awkward kind."""
        count = int(np.prod(shape, dtype=np.int64))
        scale = self.choice([0.05, 0.5, 1.0, 3.0])
        values = [self.rng.gauss(0, scale) for _ in range(count)]
        if self.chance(self.profile.odd_data):
            values = self.odd_numbers(values)
        with np.errstate(over="ignore"):
            data = np.array(values, dtype=np.float64).astype(self.dtype())
        return data.reshape(shape)

    def odd_numbers(self, values):
        kind = self.choice(["zero", "positive", "negative", "same", "tiny",
                            "steps", "large", "channel"])
        tiny, large = (1e-6, 2000.0) if self.float_type == FLOAT16 else (1e-39, 1e30)
        return [{"zero": 0.0, "positive": abs(v) + 0.1, "negative": -abs(v) - 0.1,
                 "same": 0.75, "tiny": v * tiny, "steps": round(v * 4) / 4,
                 "large": v * large,
                 "channel": v * (100.0 if i % 7 == 0 else 0.01)}[kind]
                for i, v in enumerate(values)]

    def initializer(self, array, word="w", name=None):
        """Adds constant data as an initializer, or as a Constant node."""
        name = name or self.fresh(word)
        floating = array.dtype in (np.float16, np.float32)
        if (floating or self.opset >= 9) and self.chance(self.profile.constant_node):
            value = numpy_helper.from_array(array, "")
            self.nodes.append(helper.make_node("Constant", [], [name],
                                               self.node_name("Constant"), value=value))
            return name
        self.initializers.append(self.stored(array, name))
        if self.chance(self.profile.listed_input):
            self.inputs.append(helper.make_tensor_value_info(
                name, self.initializers[-1].data_type, array.shape))
        return name

    def stored(self, array, name):
        """A TensorProto in raw_data, or in the field of its type."""
        if array.size == 0 or not self.chance(self.profile.typed_storage):
            tensor = numpy_helper.from_array(array, name)
        else:
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            tensor = helper.make_tensor(name, kind, array.shape, array.ravel())
        if self.chance(self.profile.docs):
            tensor.doc_string = f"about {name}"
        return tensor

    def weight(self, shape, word="w"):
        """A float weight; sometimes one of the same shape that exists."""
        shape = tuple(shape)
        same = [t.name for t in self.weights
                if t.shape == shape and t.dtype == self.float_type]
        if same and self.chance(self.profile.shared):
            return self.choice(same)
        name = self.initializer(self.numbers(shape), word)
        self.weights.append(Tensor(name, shape, self.float_type))
        return name

    def bias(self, shape):
        """A bias, more often shared than other weights are."""
        same = [t.name for t in self.biases if t.shape == tuple(shape)]
        if same and self.chance(2 * self.profile.shared):
            return self.choice(same)
        name = self.initializer(self.numbers(shape), "b")
        self.biases.append(Tensor(name, tuple(shape), self.float_type))
        self.weights.append(self.biases[-1])
        return name

    def scalar(self, value, word="k"):
        return self.initializer(np.array(value, dtype=self.dtype()), word)

    def ints(self, values, word="i", dtype=np.int64):
        return self.initializer(np.array(values, dtype=dtype), word)

    # ---- tensors

    def input(self, shape, dtype=None):
        dtype = dtype or self.float_type
        name = self.fresh("x")
        dims = list(shape)
        if dims and self.chance(self.profile.symbolic):
            dims[0] = f"N{dims[0]}"
        self.inputs.append(helper.make_tensor_value_info(name, dtype, dims))
        tensor = Tensor(name, tuple(shape), dtype)
        if dtype == self.float_type:
            self.pool.append(tensor)
        return tensor

    def pick(self, *ranks, wanted=None):
        """A float tensor of one of the ranks; else a new graph input.

        Recent tensors are preferred, so that graphs become deep.
        """
        fits = [t for t in self.pool if t.dtype == self.float_type
                and (not ranks or len(t.shape) in ranks)
                and (wanted is None or wanted(t.shape))]
        if fits and not self.chance(0.05):
            recent = fits[-4:] if self.chance(0.7) else fits
            return self.choice(recent)
        while True:
            shape = self.shape(self.choice(ranks or (1, 2, 3, 4)))
            if wanted is None or wanted(shape):
                return self.input(shape)

    def like(self, shape):
        """A second operand of this shape: another tensor, or a constant."""
        fits = [t.name for t in self.pool
                if t.shape == tuple(shape) and t.dtype == self.float_type]
        if fits and self.chance(0.6):
            return self.choice(fits)
        keep = [d if self.chance(0.7) else 1 for d in shape]
        return self.weight(keep[self.rng.randint(0, len(keep)):] if self.chance(0.3)
                           else keep, "k")

    def add(self, op, inputs, shapes, domain=None, known=True, **attributes):
        """Adds a node with one float output for each shape; returns Tensors.

        A shape may be Typed, or None for an output left out.
        known: the outputs may be used by other nodes.
        """
        outputs = []
        for item in shapes:
            if item is None:
                outputs.append(Tensor("", (), 0))
                continue
            shape, dtype = item if isinstance(item, Typed) else (item, self.float_type)
            outputs.append(Tensor(self.fresh("t"), tuple(shape), dtype))
        node = helper.make_node(op, list(inputs), [t.name for t in outputs],
                                self.node_name(op), domain=domain, **attributes)
        if self.chance(self.profile.docs):
            node.doc_string = f"a {op}"
        self.nodes.append(node)
        if known:
            self.pool.extend(t for t in outputs if t.name and t.dtype == self.float_type)
        return outputs

    def declare(self, tensor):
        """Value info for an output that inference cannot know."""
        self.value_infos.append(
            helper.make_tensor_value_info(tensor.name, tensor.dtype, tensor.shape))

    def inner(self):
        """A graph inside this one: same names and profile, its own tensors."""
        profile = replace(self.profile, listed_input=0.0)
        graph = Graph(self.rng, self.opset, self.float_type, profile)
        graph.names = self.names
        graph.counter = self.counter + 1000
        return graph

    def opened(self, info):
        """An output's value info that leaves things out, as real models do."""
        shape = info.type.tensor_type.shape
        if not self.chance(self.profile.open_outputs):
            return info
        if self.chance(0.3):
            info.type.tensor_type.ClearField("shape")
        for dim in shape.dim if info.type.tensor_type.HasField("shape") else ():
            kind = self.rng.choice(["kept", "anonymous", "named"])
            if kind != "kept":
                dim.Clear()
            if kind == "named":
                dim.dim_param = "D"
        return info

    def produced(self):
        return {name for node in self.nodes for name in node.output if name}


def finish(graph, outputs, name="graph"):
    """GraphProto with these tensors as outputs."""
    infos = [helper.make_tensor_value_info(t.name, t.dtype, t.shape) for t in outputs]
    inputs = {value.name: value for value in graph.inputs}
    infos = [inputs.get(info.name, graph.opened(info)) for info in infos]
    proto = helper.make_graph(graph.nodes, name, graph.inputs, infos,
                              graph.initializers, value_info=graph.value_infos)
    proto.sparse_initializer.extend(graph.sparse)
    return proto


def check_runs(path):
    """Raises if ONNX Runtime cannot load and run a model on random inputs.

    Without optimizations: some of those fail on the parameters of random ranges.
    """
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(path, options,
                                   providers=["CPUExecutionProvider"])
    return session.run(None, random_feeds(session, np.random.default_rng(7)))


def random_feeds(session, rng):
    feeds = {}
    for value in session.get_inputs():
        shape = [d if isinstance(d, int) else int(d.strip("N")) for d in value.shape]
        kind = value.type
        if "float" in kind:
            dtype = np.float16 if "float16" in kind else np.float32
            feeds[value.name] = rng.normal(0, 1, shape).astype(dtype)
        elif "bool" in kind:
            feeds[value.name] = rng.integers(0, 2, shape).astype(bool)
        else:
            feeds[value.name] = np.zeros(shape, np.int64 if "int64" in kind else np.int32)
    return feeds

