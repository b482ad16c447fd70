"""One model in the making, with inputs of shapes known, symbolic and missing, constants
and what only a run tells, for infer_cases.py."""
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

SYMBOLS = ("N", "M", "batch")
FLOAT, INT64, INT32 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32


class Case:
    """One model in the making."""

    def __init__(self, rng, opset, domain="", version=None):
        self.rng, self.opset, self.domain, self.ml = rng, opset, domain, version
        self.inputs, self.initializers, self.nodes = [], [], []
        self.count = 0
        self.mood = rng.choice(["known", "known", "symbolic", "open", "mixed", "mixed"])

    def name(self, prefix="t"):
        self.count += 1
        return f"{prefix}{self.count}"

    def chance(self, share):
        return self.rng.random() < share

    def dim(self):
        known = self.rng.choice([1, 2, 3, 4, 5, 6, 8])
        other = self.rng.choice(SYMBOLS) if self.mood != "open" else None
        if self.mood == "known":
            return known
        if self.mood == "mixed" and self.chance(0.2):
            other = None
        return known if self.chance(0.5) else other

    def shape(self, rank):
        return [self.dim() for _ in range(rank)]

    def tensor(self, shape, kind=FLOAT):
        """A graph input; a shape of None is not declared."""
        name = self.name("x")
        if shape is not None and self.chance(0.04):
            shape = None
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def value(self, type_proto):
        name = self.name("v")
        self.inputs.append(helper.make_value_info(name, type_proto))
        return name

    def constant(self, values, kind=numpy.int64, shape=None):
        """An initializer, now and then in a side file that is not there, a Constant, or
        an input of the same shape."""
        array = numpy.array(values, dtype=kind)
        if shape is not None:
            array = array.reshape(shape)
        way = self.rng.random()
        proto = helper.np_dtype_to_tensor_dtype(array.dtype)
        if way < 0.08:
            return self.tensor(list(array.shape), proto)
        if way < 0.12:
            return self.tensor(["L"] * array.ndim, proto)
        if way < 0.16:
            return self.tensor(None, proto)
        name = self.name("c")
        if way < 0.6:
            raw = self.chance(0.5)
            tensor = numpy_helper.from_array(array, name)
            if not raw and array.dtype in (numpy.int64, numpy.int32, numpy.float32):
                tensor = helper.make_tensor(name, proto, array.shape,
                                            array.flatten().tolist())
            if self.chance(0.05):
                tensor.data_location = TensorProto.EXTERNAL
                tensor.external_data.add(key="location", value="side")
                for field in ("raw_data", "int64_data", "int32_data", "float_data"):
                    tensor.ClearField(field)
            self.initializers.append(tensor)
            return name
        attributes = {"value": numpy_helper.from_array(array)}
        if self.opset >= 12 and self.chance(0.5) and array.ndim <= 1:
            field = {"int64": "value_int", "float32": "value_float"}.get(str(array.dtype))
            if field and array.ndim == 0:
                attributes = {field: array.item()}
            elif field and array.size:
                attributes = {field + "s": array.tolist()}
        self.nodes.append(helper.make_node("Constant", [], [name], **attributes))
        return name

    def axis(self, rank, wrong=0.06):
        if self.chance(wrong):
            return self.rng.choice([rank + 1, -rank - 2, rank])
        return self.rng.randrange(-rank, rank) if rank else 0

    def axes(self, rank):
        picked = self.rng.sample(range(rank), self.rng.randint(0, rank)) if rank else []
        picked = [a - rank if self.chance(0.3) else a for a in picked]
        if self.chance(0.04):
            picked.append(self.axis(rank, 0.5))
        return picked

    def ints(self, count, low, high):
        count = count + 1 if self.chance(0.03) else count
        return [self.rng.randint(low, high) for _ in range(count)]

    def add(self, op, inputs, outputs=1, domain="", **attributes):
        names = [self.name("y") for _ in range(outputs)]
        attributes = {k: v for k, v in attributes.items() if v is not None}
        node = helper.make_node(op, inputs, names, domain=domain)
        for key, val in attributes.items():
            node.attribute.append(
                helper.make_attribute(key, val, attr_type=onnx.AttributeProto.INTS)
                if val == [] else helper.make_attribute(key, val))
        self.nodes.append(node)
        return names

    def model(self):
        imports = [helper.make_opsetid("", self.opset)]
        if self.ml:
            imports.append(helper.make_opsetid(self.domain, self.ml))
        self.inputs.append(helper.make_tensor_value_info("dummy", FLOAT, [1]))
        self.nodes.append(helper.make_node("Identity", ["dummy"], ["end"]))
        graph = helper.make_graph(
            self.nodes, "g", self.inputs,
            [helper.make_tensor_value_info("end", FLOAT, [1])], self.initializers)
        return helper.make_model(graph, opset_imports=imports, ir_version=8)


def some(c, key, value, share=0.6):
    return {key: value} if c.chance(share) else {}


def rank(c, low=0, high=4):
    if c.chance(0.04):
        return c.rng.randint(0, 5)
    return c.rng.randint(low, high)


def varied(c, shape):
    """A shape that broadcasts with another, mostly."""
    cut = c.rng.randint(0, len(shape)) if c.chance(0.3) else 0
    result = []
    for d in shape[cut:]:
        way = c.rng.random()
        result.append(1 if way < 0.25 else c.dim() if way < 0.4 else d)
    return result
