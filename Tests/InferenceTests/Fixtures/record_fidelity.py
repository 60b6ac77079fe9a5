#!/usr/bin/env python3
"""Records what small networks of every weight type compute, for FidelityTests.

  pip install llama-cpp-python==0.3.36 gguf numpy
  ./record_fidelity.py > fidelity.json

The networks are made of the bytes of a generator, so that the test makes the same ones; FidelityModel.swift has the
same recipe. Recorded: the logits that numpy computes in double precision from the weights as the gguf package
dequantises them, and the mean KL divergence of llama.cpp's logits from them.
"""
import base64
import json
import os
import sys
import tempfile

import gguf
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../Benchmarks/Fidelity"))
import peer
import reference

WIDTH, HEADS, KV_HEADS, LAYERS, VOCABULARY, POSITIONS = 256, 4, 2, 2, 32, 64
# Floats: which random bits are kept, and which are set: sign and mantissa stay, magnitudes are from 2^-5 to 2^-3.
FLOATS = {"F32": ("<u4", 0x80ffffff, 0x3d000000), "F16": ("<u2", 0x87ff, 0x2800), "BF16": ("<u2", 0x80ff, 0x3d00)}
# Blocks: random bytes, but for halves at these offsets, which keep values at about 0.07.
BLOCKS = {
    "Q8_0": {0: 0.00095}, "Q4_0": {0: 0.0152}, "Q4_1": {0: 0.0152, 2: -0.114}, "Q5_0": {0: 0.0076},
    "Q5_1": {0: 0.0076, 2: -0.118}, "Q2_K": {80: 0.005, 82: 0.0075}, "Q3_K": {108: 0.0016},
    "Q4_K": {0: 0.00027, 2: 0.002}, "Q5_K": {0: 0.000135, 2: 0.0021}, "Q6_K": {208: 0.000062},
    "IQ4_NL": {0: 0.001}, "IQ4_XS": {0: 0.000062},
}


def random_bytes(seed, count):
    """The first bytes of SplitMix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, (count + 7) // 8 + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> np.uint64(31))).astype("<u8").view(np.uint8)[:count]


def matrix(seed, name, rows, columns):
    """The bytes of a matrix, a row of them for each of its rows."""
    values, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    data = random_bytes(seed, rows * columns // values * size)
    if name in FLOATS:
        word, kept, ones = FLOATS[name]
        data = (data.view(word) & kept | ones).astype(word).view(np.uint8)
    else:
        data = data.reshape(-1, size)
        for offset, value in BLOCKS[name].items():
            data[:, offset:offset + 2] = np.frombuffer(np.float16(value).tobytes(), np.uint8)
    return data.reshape(rows, -1)


def write(path, name):
    kind, narrow = gguf.GGMLQuantizationType[name], WIDTH // HEADS * KV_HEADS
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("no_vocab")
    tensors = [("token_embd", VOCABULARY)]
    for layer in range(LAYERS):
        tensors += [(f"blk.{layer}.{stem}", rows) for stem, rows in [
            ("attn_norm", 1), ("attn_q", WIDTH), ("attn_k", narrow), ("attn_v", narrow), ("attn_output", WIDTH),
            ("ffn_norm", 1), ("ffn_gate", WIDTH), ("ffn_up", WIDTH), ("ffn_down", WIDTH)]]
    for seed, (stem, rows) in enumerate(tensors + [("output_norm", 1)], 1):
        if rows == 1:
            writer.add_tensor(stem + ".weight", np.ones(WIDTH, np.float32))
        else:
            data = matrix(seed, name, rows, WIDTH)
            if name in ("F32", "F16"):
                data = data.view("<f4" if name == "F32" else "<f2")
            writer.add_tensor(stem + ".weight", data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    tokens = [int(byte) % VOCABULARY for byte in random_bytes(0, POSITIONS)]
    types = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in [*FLOATS, *BLOCKS]:
            path = os.path.join(folder, name + ".gguf")
            write(path, name)
            exact = reference.Network(path).logits(tokens)
            model = peer.Model(path, 512, 1)
            divergences, _ = reference.compare(exact, model.logits(tokens))
            model.close()
            types[name] = {"llama_cpp_divergence": float(divergences.mean()),
                           "logits": base64.b64encode(exact.astype("<f4").tobytes()).decode()}
            print(name, types[name]["llama_cpp_divergence"], exact.std(), file=sys.stderr)
    print(json.dumps({"tokens": tokens, "types": types}))


if __name__ == "__main__":
    main()
