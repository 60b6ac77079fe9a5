#!/usr/bin/env python3
"""Writes a file with made-up weights (Q4_0) in the shape of a model of 7 billion: a quarter of its layers and of its
vocabulary, so that the output matrix has its share of all work.

  shape.py OUT.gguf
"""
import sys

import gguf
import numpy as np

EMBEDDING, FEED_FORWARD, HEADS, KEY_VALUE_HEADS, LAYERS, VOCABULARY = 4096, 14336, 32, 8, 8, 8000
KEY_VALUE = EMBEDDING // HEADS * KEY_VALUE_HEADS
SCALE = 0.0034  # of a block: values then have a deviation of about 1/64


def weights(random, rows, columns):
    blocks = np.zeros((rows, columns // 32), dtype=[("scale", "<f2"), ("values", "u1", 16)])
    blocks["scale"] = SCALE
    blocks["values"] = random.integers(0, 256, (rows, columns // 32, 16), dtype=np.uint8)
    return blocks.view(np.uint8).reshape(rows, -1)


def main():
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(sys.argv[1], "llama")
    writer.add_context_length(4096)
    writer.add_embedding_length(EMBEDDING)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)

    def matrix(name, rows, columns):
        writer.add_tensor(name + ".weight", weights(random, rows, columns), raw_dtype=gguf.GGMLQuantizationType.Q4_0)

    def norm(name):
        writer.add_tensor(name + ".weight", np.ones(EMBEDDING, np.float32))

    matrix("token_embd", VOCABULARY, EMBEDDING)
    for layer in (f"blk.{index}." for index in range(LAYERS)):
        norm(layer + "attn_norm")
        matrix(layer + "attn_q", EMBEDDING, EMBEDDING)
        matrix(layer + "attn_k", KEY_VALUE, EMBEDDING)
        matrix(layer + "attn_v", KEY_VALUE, EMBEDDING)
        matrix(layer + "attn_output", EMBEDDING, EMBEDDING)
        norm(layer + "ffn_norm")
        matrix(layer + "ffn_gate", FEED_FORWARD, EMBEDDING)
        matrix(layer + "ffn_up", FEED_FORWARD, EMBEDDING)
        matrix(layer + "ffn_down", EMBEDDING, FEED_FORWARD)
    norm("output_norm")
    matrix("output", VOCABULARY, EMBEDDING)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
