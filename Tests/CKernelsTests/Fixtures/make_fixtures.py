#!/usr/bin/env python3
"""Writes <TYPE>.bin beside itself: rows of random blocks and what the `gguf` package makes of them.

pip install gguf numpy; python3 make_fixtures.py

Layout, little-endian: u32 type, u32 rows, u32 columns, u32 bytes a row; the rows' bytes; rows * columns floats.
The rows are random bytes except for the half-precision scales, which stay finite and small.
"""
import pathlib
import struct

import gguf
import numpy as np

ROWS, COLS = 6, 512
HALVES = {  # offsets of the halves in a block
    "Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0], "F32": [], "F16": [], "BF16": [],
}


def main() -> None:
    random = np.random.default_rng(20240)
    out = pathlib.Path(__file__).parent
    for name, halves in HALVES.items():
        kind = gguf.GGMLQuantizationType[name]
        values, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = ROWS * COLS // values
        if name in ("F32", "F16", "BF16"):
            floats = random.standard_normal(blocks).astype(np.float32)
            data = gguf.quants.quantize(floats, kind).view(np.uint8) if name != "F32" else floats.view(np.uint8)
        else:
            data = random.integers(0, 256, (blocks, size), dtype=np.uint8)
            for offset in halves:
                scales = (random.standard_normal(blocks) * 0.02).astype(np.float16)
                data[:, offset : offset + 2] = scales.view(np.uint8).reshape(blocks, 2)
        rows = np.ascontiguousarray(data).reshape(ROWS, COLS // values * size)
        floats = np.ascontiguousarray(gguf.quants.dequantize(rows, kind), dtype=np.float32).reshape(ROWS, COLS)
        header = struct.pack("<4I", int(kind), ROWS, COLS, rows.shape[1])
        (out / f"{name}.bin").write_bytes(header + rows.tobytes() + floats.tobytes())


if __name__ == "__main__":
    main()
