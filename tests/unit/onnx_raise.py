"""Random models for model_raise_opset, and onnx's converter's results.

    onnx_raise.py make FOLDER SEED COUNT   CASE.onnx with CASE.want or CASE.refused
    onnx_raise.py one FOLDER FILE TARGET   the same for a file of one's own
    onnx_raise.py compare FOLDER           CASE.got with CASE.want; prints a summary
"""
import os
import random
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, version_converter

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
UNARY = ["Relu", "Abs", "Exp", "Sigmoid", "Tanh", "Identity", "Neg", "Softplus"]
REDUCE = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceL1", "ReduceL2",
          "ReduceLogSum", "ReduceLogSumExp", "ReduceMin", "ReduceProd",
          "ReduceSumSquare"]


class Builder:
    def __init__(self, rng, opset, ir, outer=None):
        self.rng, self.opset, self.ir = rng, opset, ir
        self.nodes, self.inputs, self.initializers, self.infos = [], [], [], []
        self.ranks = {}                 # float values of this graph
        self.outer = outer
        self.taken = outer.taken if outer else set()
        self.extra_inputs = []

    def name(self):
        rng = self.rng
        while True:
            pick = rng.random()
            if pick < 0.12:
                name = f"_v_{rng.randrange(1, 40)}"
            elif pick < 0.14:
                name = f"_v_0{rng.randrange(1, 9)}"
            else:
                name = f"t{len(self.taken)}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def pick(self, rank=None):
        names = [n for n, r in self.ranks.items() if rank is None or r == rank]
        if self.outer and self.rng.random() < 0.4:
            names += [n for n, r in self.outer.ranks.items()
                      if rank is None or r == rank]
        if not names:
            return self.input(rank)
        return self.rng.choice(names)

    def rank(self, name):
        return self.ranks.get(name) if name in self.ranks else self.outer.rank(name)

    def input(self, rank=None):
        rank = self.rng.randrange(1, 5) if rank is None else rank
        name = self.name()
        if self.outer:                  # a body takes an initializer instead
            return self.weight([2] * rank, name)
        shape = [self.rng.choice([name + "d", None]) for _ in range(rank)]
        self.inputs.append(helper.make_tensor_value_info(
            name, FLOAT, None if self.rng.random() < 0.15 else shape))
        self.ranks[name] = rank
        return name

    def constant(self, array, name=None):
        """An initializer or a Constant."""
        name = name or self.name()
        tensor = numpy_helper.from_array(np.asarray(array), name)
        if self.rng.random() < 0.5:
            tensor.name = ""
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            if self.rng.random() < 0.2:
                tensor = helper.make_tensor(name, tensor.data_type, tensor.dims,
                                            np.asarray(array).flatten().tolist())
            self.initializers.append(tensor)
            if (self.ir < 4 and not self.outer) or self.rng.random() < 0.1:
                if not self.outer:
                    self.extra_inputs.append(helper.make_tensor_value_info(
                        name, tensor.data_type, list(tensor.dims)))
        return name

    def weight(self, shape, name=None):
        """One that may also be an input of other nodes if all extents are 2."""
        name = self.constant(np.ones(shape, np.float32), name)
        if set(shape) <= {2}:
            self.ranks[name] = len(shape)
        return name

    def add(self, op, inputs, ranks, domain="", **attributes):
        outputs = [self.name() if r is not None else "" for r in ranks]
        node = helper.make_node(op, inputs, outputs, domain=domain, **attributes)
        if self.rng.random() < 0.7:
            node.name = f"n{len(self.taken)}_{len(self.nodes)}"
        if self.rng.random() < 0.1:
            node.doc_string = "doc"
        self.nodes.append(node)
        for name, rank in zip(outputs, ranks):
            if name:
                self.ranks[name] = rank
                if rank >= 0 and self.rng.random() < 0.1:
                    self.infos.append(helper.make_tensor_value_info(
                        name, FLOAT, [None] * rank))
        return outputs[0]

    def axis(self, rank, negative=True):
        return self.rng.randrange(-rank if negative and rank else 0, max(rank, 1))

    def step(self):
        rng, opset = self.rng, self.opset
        x = self.pick()
        r = max(self.rank(x), 0)
        kind = rng.choice(STEPS)
        if kind == "unary":
            self.add(rng.choice(UNARY), [x], [r])
        elif kind == "softmax":
            op = rng.choice(["Softmax", "LogSoftmax", "Hardmax"])
            more = {} if rng.random() < 0.3 else {"axis": self.axis(r, opset >= 11)}
            self.add(op, [x], [r], **more)
        elif kind == "clip":
            if opset < 11:
                more = {k: v for k, v in (("min", -1.5), ("max", 2.5))
                        if rng.random() < 0.6}
                self.add("Clip", [x], [r], **more)
        elif kind == "binary":
            y = self.pick()
            self.add(rng.choice(["Add", "Mul", "Sub", "Div", "Pow"]), [x, y],
                     [max(r, self.rank(y))])
        elif kind == "matmul":
            self.add("MatMul", [x, self.weight([2] * rng.randrange(1, 4))], [r])
        elif kind == "gemm":
            self.add("Gemm", [self.pick(2), self.weight([2, 2]), self.weight([2])], [2])
        elif kind == "transpose":
            self.add("Transpose", [x], [r])
        elif kind == "reshape":
            n = rng.randrange(1, 5)
            shape = self.constant(np.array([1] * (n - 1) + [-1]))
            if rng.random() < 0.2:
                shape = self.add("Shape", [self.pick(n)], [1])
                self.ranks.pop(shape)
            self.add("Reshape", [x, shape], [n])
        elif kind == "squeeze" and opset < 13:
            if rng.random() < 0.2:
                self.add("Squeeze", [x], [0])
            elif r:
                self.add("Squeeze", [x], [r - 1], axes=[self.axis(r, opset >= 11)])
        elif kind == "unsqueeze" and opset < 13:
            self.add("Unsqueeze", [x], [r + 2], axes=[0, r + 1])
        elif kind == "reduce":
            op, more = rng.choice(REDUCE), {}
            keep = rng.random() < 0.5
            if not keep or rng.random() < 0.3:
                more["keepdims"] = int(keep)
            axes = rng.random() < 0.7 and r and (
                opset < 13 or (opset < 18 and op != "ReduceSum"))
            if axes:
                more["axes"] = [self.axis(r, opset >= 11)]
            self.add(op, [x], [r if keep else r - 1 if axes else 0], **more)
        elif kind == "argmax":
            keep = rng.randrange(2)
            out = self.add("ArgMax", [x], [r if keep else r - 1], axis=0, keepdims=keep)
            self.ranks.pop(out)
        elif kind == "concat" and r:
            self.add("Concat", [x, x, self.pick(r)], [r], axis=self.axis(r, opset >= 11))
        elif kind == "split" and r:
            more = {"split": [1, 1]} if rng.random() < 0.5 and opset < 13 else {}
            self.add("Split", [x], [r, r], axis=self.axis(r, opset >= 11), **more)
        elif kind == "slice" and opset < 10 and r:
            more = {"axes": [0]} if rng.random() < 0.5 else {}
            self.add("Slice", [x], [r], starts=[0], ends=[1], **more)
        elif kind == "topk" and opset < 10 and r:
            self.add("TopK", [x], [r, None if rng.random() < 0.5 else r], k=1, axis=0)
        elif kind == "pad" and opset < 11 and r:
            more = {"mode": rng.choice(["constant", "edge", "reflect"])} \
                if rng.random() < 0.6 else {}
            if rng.random() < 0.4:
                more["value"] = 1.25
            self.add("Pad", [x], [r], pads=[1] * (2 * r), **more)
        elif kind == "upsample" and opset < 10 and r:
            more = {"mode": rng.choice(["nearest", "linear"])} \
                if rng.random() < 0.5 else {}
            if opset < 9:
                self.add("Upsample", [x], [r], scales=[1.0] * r, **more)
            else:
                self.add("Upsample", [x, self.constant(np.ones(r, np.float32))], [r],
                         **more)
        elif kind == "resize" and opset == 10:
            self.add("Resize", [x, self.constant(np.ones(r, np.float32))], [r])
        elif kind == "scatter" and 9 <= opset < 11 and r:
            i = self.constant(np.zeros([1] * r, np.int64))
            more = {"axis": 0} if rng.random() < 0.5 else {}
            self.add("Scatter", [x, i, self.weight([1] * r)], [r], **more)
        elif kind == "dropout" and opset < 12:
            more = {"ratio": 0.25} if rng.random() < 0.5 else {}
            self.add("Dropout", [x], [r], **more)
        elif kind == "batchnorm":
            more = {"spatial": 1} if opset < 9 and rng.random() < 0.5 else {}
            self.add("BatchNormalization",
                     [x] + [self.weight([3]) for _ in range(4)], [r], **more)
        elif kind == "flatten":
            self.add("Flatten", [x], [2], axis=self.axis(r, opset >= 11))
        elif kind == "gather" and r:
            i = self.constant(np.zeros([1] * rng.randrange(0, 3), np.int64))
            self.add("Gather", [x, i], [r])
        elif kind == "shape":
            s = self.add("Shape", [x], [1])
            self.ranks.pop(s)
            if opset >= 9:
                self.add("ConstantOfShape", [s], [r])
            if rng.random() < 0.5:
                n = self.constant(np.array([1]))
                c = self.add("Concat", [s, n], [1], axis=0)
                self.ranks.pop(c)
                self.add("Reshape", [x, c], [r + 1])
                if opset >= 8:
                    self.add("Expand", [x, c], [r + 1])
        elif kind == "conv":
            self.add("Conv", [self.pick(4), self.weight([1, 2, 1, 1])], [4])
        elif kind == "pool":
            self.add(rng.choice(["MaxPool", "AveragePool", "LpPool"]), [self.pick(4)],
                     [4], kernel_shape=[1, 1])
        elif kind == "recurrent":
            op, gates = rng.choice([("LSTM", 4), ("GRU", 3), ("RNN", 1)])
            self.add(op, [self.pick(3), self.weight([1, gates * 2, 2]),
                          self.weight([1, gates * 2, 2])], [4, 3], hidden_size=2)
        elif kind == "roialign" and opset >= 10:
            self.add("RoiAlign", [self.pick(4), self.weight([1, 4]),
                                  self.constant(np.array([0]))], [4])
        elif kind == "gridsample" and opset >= 16:
            more = {"mode": rng.choice(["bilinear", "nearest", "bicubic"])} \
                if rng.random() < 0.7 else {}
            self.add("GridSample", [self.pick(4), self.weight([1, 2, 2, 2])], [4],
                     padding_mode="zeros", **more)
        elif kind == "dft" and opset >= 17:
            more = {"axis": 1} if rng.random() < 0.5 else {}
            self.add("DFT", [self.pick(3)], [3], inverse=0, **more)
        elif kind == "groupnorm" and opset >= 18:
            self.add("GroupNormalization", [self.pick(3), self.weight([1]),
                                            self.weight([1])], [3], num_groups=1)
        elif kind == "other":
            self.add("Gelu", [x], [-1], domain="com.microsoft")
        elif kind == "cast":
            c = self.add("Cast", [x], [r], to=TensorProto.FLOAT)
            self.ranks[c] = r
        elif kind == "if" and (not self.outer or not self.outer.outer):
            self.branch()

    def branch(self):
        condition = self.constant(np.array(True))
        bodies = []
        for _ in range(2):
            body = Builder(self.rng, self.opset, self.ir, self)
            for _ in range(self.rng.randrange(1, 5)):
                body.step()
            bodies.append(body.graph("body"))
        n = min(len(b.output) for b in bodies)
        for b in bodies:
            del b.output[n:]
        first = self.add("If", [condition], [-1] * n, then_branch=bodies[0],
                         else_branch=bodies[1])
        if self.opset < 11 and first:   # extents that differ forget all ranks there
            for name in self.nodes[-1].output:
                self.ranks.pop(name)

    def graph(self, name):
        names = list(self.ranks) or [self.input(1)]
        outputs = self.rng.sample(names, min(len(names), self.rng.randrange(1, 4)))
        values = [helper.make_tensor_value_info(
            n, FLOAT, [None] * self.ranks[n] if self.ranks[n] >= 0 and
            self.rng.random() < 0.3 else None) for n in outputs]
        inputs = self.inputs + self.extra_inputs
        self.rng.shuffle(inputs)
        infos = [i for i in self.infos if i.name not in outputs]
        return helper.make_graph(self.nodes, name, inputs, values, self.initializers,
                                 value_info=infos)


STEPS = ("unary softmax softmax clip binary matmul gemm transpose reshape squeeze "
         "unsqueeze reduce argmax concat split slice topk pad upsample resize scatter "
         "dropout batchnorm flatten gather shape conv pool recurrent roialign "
         "gridsample dft groupnorm other cast if").split()


def make_case(seed):
    rng = random.Random(seed)
    opset = rng.choice([7, 8, 9, 10, 10, 11, 11, 12, 12, 13, 15, 16, 17, 17, 18, 19, 20])
    target = rng.choice([t for t in (11, 13, 17, 19, 21) if t > opset])
    ir = rng.choice([3, 4, 8, 8])
    builder = Builder(rng, opset, ir)
    for _ in range(rng.randrange(1, 12)):
        builder.step()
    imports = [helper.make_opsetid(rng.choice(["", "", "ai.onnx"]), opset)]
    if rng.random() < 0.97:
        imports.insert(rng.randrange(2), helper.make_opsetid("com.microsoft", 1))
    model = helper.make_model(builder.graph("main"), ir_version=ir,
                              opset_imports=imports, producer_name="p")
    model.doc_string = "doc"
    model.metadata_props.add(key="a", value="b")
    return model, target


def put_case(folder, name, model, target):
    path = os.path.join(folder, f"{name}-{target}")
    with open(path + ".onnx", "wb") as file:
        file.write(model.SerializeToString())
    try:
        want = version_converter.convert_version(model, target)
    except Exception as error:
        with open(path + ".refused", "w") as file:
            file.write(str(error))
        return
    with open(path + ".want", "wb") as file:
        file.write(want.SerializeToString())


def contradicts(model):
    """Shapes that clash are forgotten by the inference in ways of its own."""
    try:
        onnx.shape_inference.infer_shapes(model, strict_mode=True)
    except onnx.shape_inference.InferenceError:
        return True
    return False


def make(folder, seed, count):
    for i in range(int(count)):
        model, target = make_case(int(seed) * 1000003 + i)
        if not contradicts(model):
            put_case(folder, f"case{i}", model, target)


def one(folder, path, target):
    name = os.path.basename(path).rsplit(".", 1)[0]
    put_case(folder, name, onnx.load(path), int(target))


def strip(graph):
    """What the comparison leaves out: value infos and what a body declares."""
    del graph.value_info[:]
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                strip(attribute.g)
    for values in (graph.input, graph.output):
        for value in values:
            value.ClearField("type")
            value.ClearField("doc_string")


def difference(got, want):
    for model in (got, want):
        strip(model.graph)
    if got == want:
        return None
    a, b = str(got).splitlines(), str(want).splitlines()
    line = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"got {a[line - 12:line + 3]} want {b[line - 12:line + 3]}"


def compare(folder):
    cases, refused, bad = 0, 0, []
    for file in sorted(os.listdir(folder)):
        path, kind = os.path.splitext(os.path.join(folder, file))
        if kind != ".onnx":
            continue
        cases += 1
        if not os.path.exists(path + ".want"):
            refused += 1
            if os.path.exists(path + ".got"):
                bad.append(f"{file}: not refused: {open(path + '.refused').read()}")
        elif not os.path.exists(path + ".got"):
            bad.append(f"{file}: refused: {open(path + '.error').read()}")
        else:
            found = difference(onnx.load(path + ".got"), onnx.load(path + ".want"))
            if found:
                bad.append(f"{file}: {found}")
    print(f"{cases} cases, {refused} refused, {len(bad)} different")
    for text in bad[:8]:
        print(text[:1500])
    sys.exit(1 if bad or not cases else 0)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
