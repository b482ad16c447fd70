"""A graph of the second generator: tensors, constants of odd contents and names.

Nothing here asks whether the model makes sense: hidden models do what they like.
"""
from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

F32, F16, F64 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE
BF16, I64, BOOL = TensorProto.BFLOAT16, TensorProto.INT64, TensorProto.BOOL
NUMPY = {F32: np.float32, F16: np.float16, F64: np.float64, I64: np.int64, BOOL: np.bool_}

# The contents of a float constant: what is put over ordinary numbers.
CONTENTS = {
    "zero": lambda v: v * 0, "minus zero": lambda v: v * 0 * -1,
    "constant": lambda v: np.full_like(v, -1.25), "one value": lambda v: np.full_like(v, 3),
    "denormal": lambda v: v * np.asarray(1e-41), "tiny": lambda v: v * np.asarray(1e-30),
    "huge": lambda v: v * np.asarray(1e37), "largest": lambda v: np.sign(v) * np.asarray(3.4e38),
    "positive": abs, "negative": lambda v: -abs(v), "ties": lambda v: np.round(v * 8) / 8,
    "hot": lambda v: with_value(v, 1e6), "nan": lambda v: with_value(v, np.nan),
    "inf": lambda v: with_value(v, np.inf), "minus inf": lambda v: with_value(v, -np.inf),
}
RARE = ("nan", "inf", "minus inf")
# How a weight comes to its reader.
WAYS = ("Identity", "Constant", "Transpose", "Reshape", "Cast", "listed", "Dequantize")


def with_value(values, value):
    values = np.array(values)
    values.reshape(-1)[-1:] = value
    return values


@dataclass
class Tensor:
    name: str
    shape: tuple
    kind: int = F32
    of: str = "node"


@dataclass
class Habits:
    """Chances of this graph's oddities, drawn once."""
    contents: float = 0.2
    rare: float = 0.0
    ways: float = 0.0
    shared: float = 0.1
    taken: float = 0.0
    unnamed: float = 0.0
    repeated: float = 0.0
    strange: bool = False
    typed: float = 0.1
    listed: float = 0.0
    fresh: float = 0.3
    untyped: float = 0.0


STRANGE = ["a b", "ü", "x/y:0", "\\", "'q'", '"', "1", "-", "名前", "a.b.c", "_v_1", "_v_4",
           "x" * 90, "@f", "%s", "{}", "=", ">", "node:x", "*"]
TAKEN = ["_scale", "_zero_point", "_quantized", "_QuantizeLinear_Output", "_scale_convert",
         "_DequantizeLinear_Output", "_QuantizeLinear_Input", "_DequantizeLinear", "_convert",
         "_quantized_scale", "0", "1", "_1", "_intermediate", "_convert_QuantizeLinear_Input",
         "_QuantizeLinear_Output_1", "_DequantizeLinear_Output_2"]


@dataclass
class Graph:
    rng: object
    opset: int
    kind: int = F32
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self):
        self.nodes, self.inits, self.inputs, self.infos, self.sparse = [], [], [], [], []
        self.tensors, self.constants, self.functions = [], [], []
        self.used, self.domains, self.count = set(), set(), 0

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, *items):
        return self.rng.choice(items)

    # ---- names

    def name(self, hint):
        bases = [t.name for t in self.tensors + self.constants]
        if bases and self.chance(self.habits.taken):
            text = self.rng.choice(bases) + self.pick(*TAKEN)
            if text not in self.used:
                self.used.add(text)
                return text
        while True:
            text = f"{hint}_{self.count}"
            if self.habits.strange and self.chance(0.3):
                text = self.pick(*STRANGE) + (str(self.count) if self.chance(0.5) else "")
            self.count += 1
            if text not in self.used:
                self.used.add(text)
                return text

    def node_name(self, op):
        if self.chance(self.habits.unnamed):
            return ""
        old = [n.name for n in self.nodes if n.name]
        if old and self.chance(self.habits.repeated):
            return self.rng.choice(old)
        return self.name("n" + op)

    # ---- tensors

    def x(self, *shape, kind=None):
        """A graph input."""
        tensor = Tensor(self.name("in"), shape, kind or self.kind, "input")
        dims = [self.pick(d, "N", None) if self.chance(0.1) else d for d in shape]
        self.inputs.append(helper.make_tensor_value_info(tensor.name, tensor.kind, dims))
        self.tensors.append(tensor)
        return tensor

    def t(self, *ranks):
        """A tensor of the graph's type and one of these ranks."""
        fits = [t for t in self.tensors if t.kind == self.kind and t.shape is not None
                and (not ranks or len(t.shape) in ranks)]
        if not fits or self.chance(self.habits.fresh):
            rank = self.rng.choice(ranks or (1, 2, 3, 4))
            return self.x(*(self.rng.choice([1, 2, 3, 4]) for _ in range(rank)))
        return self.rng.choice(fits[-3:] if self.chance(0.6) else fits)

    def data(self, shape, kind=None):
        dtype = NUMPY[kind or self.kind]
        values = np.array([self.rng.gauss(0, 1) for _ in range(int(np.prod(shape)))])
        values = values * self.pick(0.01, 0.3, 1, 1, 20)
        if self.chance(self.habits.contents):
            names = [n for n in CONTENTS if n not in RARE or self.chance(self.habits.rare)]
            values = CONTENTS[self.rng.choice(names)](values)
        with np.errstate(over="ignore", invalid="ignore"):
            return values.astype(dtype).reshape(shape)

    def c(self, *shape, values=None, kind=None, plain=False):
        """Name of a float constant; of an old one of the shape now and then."""
        kind = kind or self.kind
        old = [t.name for t in self.constants if t.shape == shape and t.kind == kind]
        if values is None and old and self.chance(self.habits.shared):
            return self.rng.choice(old)
        array = self.data(shape, kind) if values is None else np.array(values, NUMPY[kind])
        way = "" if plain or not self.chance(self.habits.ways) else self.rng.choice(WAYS)
        return self.by(way, array, kind)

    def by(self, way, array, kind):
        name = self.name("c")
        if way == "Constant":
            self.nodes.append(helper.make_node(
                "Constant", [], [name], self.node_name("C"), value=numpy_helper.from_array(array)))
        elif way == "Dequantize" and kind == F32 and self.opset >= 10:
            self.quantized(array, name)
        else:
            self.inits.append(self.stored(array, name))
            if way == "listed" or self.chance(self.habits.listed):
                self.inputs.append(helper.make_tensor_value_info(
                    name, self.inits[-1].data_type, array.shape))
        self.constants.append(Tensor(name, array.shape, kind, "constant"))
        return self.behind(way, name, array, kind)

    def behind(self, way, name, array, kind):
        if way == "Identity":
            return self.raw("Identity", [name])
        if way == "Transpose":
            order = list(range(array.ndim))
            return self.raw("Transpose", [name], **({"perm": order} if order else {}))
        if way == "Reshape":
            return self.raw("Reshape", [name, self.i(array.shape)])
        if way == "Cast":
            return self.raw("Cast", [name], to=kind)
        return name

    def quantized(self, array, name):
        q, s, z = (self.name(h) for h in ("wq", "ws", "wz"))
        self.inits += [numpy_helper.from_array(np.zeros(array.shape, np.int8), q),
                       numpy_helper.from_array(np.array(0.25, np.float32), s),
                       numpy_helper.from_array(np.array(1, np.int8), z)]
        self.nodes.append(helper.make_node("DequantizeLinear", [q, s, z], [name],
                                           self.node_name("D")))

    def stored(self, array, name):
        if not self.chance(self.habits.typed) or array.size == 0:
            return numpy_helper.from_array(array, name)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        return helper.make_tensor(name, kind, array.shape, array.ravel())

    def i(self, values, dtype=np.int64):
        """Name of a constant of integers (or another type)."""
        array = np.array(values, dtype)
        name = self.name("i")
        if self.chance(self.habits.ways / 3):
            self.nodes.append(helper.make_node("Constant", [], [name], self.node_name("C"),
                                               value=numpy_helper.from_array(array)))
        else:
            self.inits.append(numpy_helper.from_array(array, name))
        return name

    # ---- nodes

    def raw(self, op, inputs, domain="", outputs=1, **attributes):
        """Adds a node; name of its first output."""
        names = [self.name("t") for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, self.node_name(op),
                                           domain=domain, **attributes))
        return names[0]

    def n(self, op, inputs, shape, domain="", outputs=1, declare=False, **attributes):
        """Adds a node whose first output may be read by others; the Tensor of it."""
        inputs = [i.name if isinstance(i, Tensor) else i for i in inputs]
        if domain:
            self.domains.add(domain)
        node_output = self.raw(op, inputs, domain, outputs, **attributes)
        tensor = Tensor(node_output, shape, self.kind)
        self.tensors.append(tensor)
        if declare and not self.chance(self.habits.untyped):
            self.infos.append(helper.make_tensor_value_info(tensor.name, self.kind, shape))
        return tensor

    def mark(self):
        return [len(part) for part in self.parts()]

    def reset(self, mark):
        """Forgets what was added since."""
        for part, length in zip(self.parts(), mark):
            del part[length:]

    def parts(self):
        return (self.nodes, self.inits, self.inputs, self.infos, self.tensors,
                self.constants, self.functions)

    def prune(self):
        """Drops constants and inputs that nobody reads: alternatives not taken."""
        read = {name for node in self.nodes for name in node.input}
        for node in self.nodes:
            for attribute in node.attribute:
                for graph in (attribute.g, *attribute.graphs):
                    read |= {name for inner in graph.node for name in inner.input}
        self.nodes = [n for n in self.nodes
                      if n.op_type != "Constant" or n.output[0] in read]
        self.inits = [t for t in self.inits if t.name in read]
        self.inputs = [v for v in self.inputs if v.name in read]
