"""Makes the tiny models that the tests of embed and embed/onnx run.

    python3 make.py        # needs numpy and onnx

tiny-embed.onnx, a batch of 1 fixed in its shapes and in a Reshape as real
exporters leave it: 112 x 112 pixels are averaged over 16 x 16 blocks and
multiplied by fixed numbers to 16 values.

tiny-detect.onnx, any batch and size, has YuNet's outputs: a cell of 32 x 32
pixels that is bright is a face of 64 x 64 pixels in its middle, with landmarks
like a face's; the finer strides never see one.

nan.onnx gives 16 times 0/0.
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent


def save(name, nodes, inputs, outputs, weights):
    graph = helper.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(v, k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model)
    (here / f"{name}.onnx").write_bytes(model.SerializeToString())


def value(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def embedder(name, tail):
    numbers = np.sin(np.arange(147 * 16, dtype=np.float32) * 12.9898).reshape(147, 16).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["image"], ["blocks"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Constant", [], ["target"], value=numpy_helper.from_array(np.array([1, -1], np.int64))),
        helper.make_node("Reshape", ["blocks", "target"], ["flat"]),
    ]
    weights = {"numbers": numbers}
    nodes += tail(weights)
    save(name, nodes, [value("image", [1, 3, 112, 112])], [value("vector", [1, 16])], weights)


def tiny(weights):
    return [helper.make_node("MatMul", ["flat", "numbers"], ["vector"])]


def nan(weights):
    weights["zero"] = np.zeros((147, 16), np.float32)
    return [
        helper.make_node("MatMul", ["flat", "zero"], ["zeros"]),
        helper.make_node("Div", ["zeros", "zeros"], ["vector"]),
    ]


def detector():
    nodes, outputs, weights = [], [], {}
    wide = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    # In units of the stride, from the cell's corner.
    kps = np.array([.1, .1, .9, .1, .5, .5, .2, .9, .8, .9], np.float32)
    bias = {"bbox": np.array([.5, .5, np.log(2), np.log(2)], np.float32), "kps": kps}
    for kind, n in wide.items():
        for stride in (8, 16, 32):
            tag = f"{kind}_{stride}"
            sees = kind == "cls" and stride == 32
            weights[f"w_{tag}"] = np.full((n, 3, 1, 1), .1 / 3 if sees else 0, np.float32)
            weights[f"b_{tag}"] = bias.get(kind, np.full(n, -20 if kind == "cls" else 20, np.float32))
            weights[f"t_{tag}"] = np.array([0, -1, n], np.int64)
            nodes += [
                helper.make_node("AveragePool", ["input"], [f"p_{tag}"], kernel_shape=[stride, stride], strides=[stride, stride]),
                helper.make_node("Conv", [f"p_{tag}", f"w_{tag}", f"b_{tag}"], [f"c_{tag}"]),
                helper.make_node("Transpose", [f"c_{tag}"], [f"h_{tag}"], perm=[0, 2, 3, 1]),
            ]
            last = tag if n > 1 else f"r_{tag}"
            nodes.append(helper.make_node("Reshape", [f"h_{tag}", f"t_{tag}"], [last]))
            if n == 1:
                nodes.append(helper.make_node("Sigmoid", [last], [tag]))
            outputs.append(value(tag, ["batch", f"cells_{stride}", n]))
    save("tiny-detect", nodes, [value("input", ["batch", 3, "height", "width"])], outputs, weights)


embedder("tiny-embed", tiny)
embedder("nan", nan)
detector()
