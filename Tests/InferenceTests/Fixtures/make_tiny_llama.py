#!/usr/bin/env python3
"""Writes tiny random llama networks as GGUF files (F32, one of them quantised), each with the logits that transformers computes for it.

  pip install torch transformers gguf numpy
  ./make_tiny_llama.py [FOLDER]

A file carries its own reference: `reference.tokens` and `reference.logits` (tokens x vocabulary) in its metadata.
GGUF stores query and key rows so that the two halves of a rotation are neighbours; transformers keeps them half a
head apart, hence `interleave`. All is single precision.
"""
import os
import sys

import gguf
import numpy as np
import torch
import transformers

POSITIONS = 72
SHAPE = dict(
    vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, head_dim=16, max_position_embeddings=128, rms_norm_eps=1e-5,
    tie_word_embeddings=False,
)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32)
CASES = {
    "tied": dict(tie_word_embeddings=True, rope=dict(rope_type="default", rope_theta=100000.0)),
    "one_kv_head": dict(num_key_value_heads=1, head_dim=8, rope=dict(rope_type="default", rope_theta=10000.0)),
    "linear": dict(num_key_value_heads=4, head_dim=8,
                   rope=dict(rope_type="linear", factor=4.0, rope_theta=10000.0)),
    "llama3": dict(rope=dict(LLAMA3, rope_theta=500000.0)),
    "yarn": dict(rope=dict(YARN, rope_theta=10000.0)),
    "biases": dict(attention_bias=True, mlp_bias=True, rope=dict(rope_type="default", rope_theta=10000.0)),
    "quantised": dict(intermediate_size=64, quantised=True, rope=dict(rope_type="default", rope_theta=10000.0)),
    "window": dict(sliding_window=20, rope=dict(rope_type="default", rope_theta=10000.0)),
}


def interleave(weight, heads):
    """Rows of each head from (first halves, second halves) to neighbouring pairs."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def network(case):
    settings = dict(SHAPE, **{key: value for key, value in case.items() if key not in ("rope", "quantised")})
    settings["rope_parameters"] = case["rope"]
    family = "Mistral" if "sliding_window" in case else "Llama"
    config = getattr(transformers, family + "Config")(**settings)
    config._attn_implementation = "eager"
    model = getattr(transformers, family + "ForCausalLM")(config).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "norm" in name:
                value.uniform_(0.5, 1.5)
            else:
                value.normal_(0, 0.5 if "embed" in name else 0.25)
    return config, model


def quantised_type(name):
    """Two types in one projection, as real files mix them."""
    return gguf.GGMLQuantizationType.Q8_0 if "v_proj" in name or "down" in name else gguf.GGMLQuantizationType.Q4_1


def quantise(model):
    """Replaces each matrix by what is left of it after quantisation."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.dim() == 2:
                kind = quantised_type(name)
                value.copy_(torch.from_numpy(gguf.quants.dequantize(gguf.quants.quantize(value.numpy(), kind), kind)))


def write_metadata(writer, config, rope):
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    if getattr(config, "sliding_window", None):
        writer.add_sliding_window(config.sliding_window)
    if rope["rope_type"] in ("linear", "yarn"):
        writer.add_string("llama.rope.scaling.type", rope["rope_type"])
        writer.add_float32("llama.rope.scaling.factor", rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_uint32("llama.rope.scaling.original_context_length", rope["original_max_position_embeddings"])


def write_tensors(writer, config, model, rope, quantised):
    names = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
             "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for full, value in model.named_parameters():
        stem, kind = full.rsplit(".", 1)
        parts = stem.split(".")
        prefix = ""
        if parts[1:2] == ["layers"]:
            prefix, stem = f"blk.{parts[2]}.", ".".join(parts[3:])
        name, data = names[stem], value.detach().float().numpy()
        if name in heads:
            data = interleave(data, heads[name])
        data, raw = np.ascontiguousarray(data), None
        if quantised and data.ndim == 2:  # a second time: gives the same blocks
            raw = quantised_type(full)
            data = gguf.quants.quantize(data, raw)
        writer.add_tensor(f"{prefix}{name}.{kind}", data, raw_dtype=raw)
    if rope["rope_type"] == "llama3":
        plain = rope["rope_theta"] ** -(np.arange(0, config.head_dim, 2) / config.head_dim)
        scaled = model.model.rotary_emb.inv_freq.double().numpy()
        writer.add_tensor("rope_freqs.weight", (plain / scaled).astype(np.float32))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for seed, (name, case) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        config, model = network(case)
        if "quantised" in case:
            quantise(model)
        tokens = torch.randint(0, config.vocab_size, (1, POSITIONS))
        with torch.no_grad():
            logits = model(tokens).logits[0].float().numpy()
        path = os.path.join(folder, f"tiny_{name}.gguf")
        writer = gguf.GGUFWriter(path, "llama")
        write_metadata(writer, config, case["rope"])
        writer.add_array("reference.tokens", tokens[0].tolist())
        writer.add_array("reference.logits", [float(value) for value in logits.reshape(-1)])
        write_tensors(writer, config, model, case["rope"], "quantised" in case)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        print(name, os.path.getsize(path), "bytes, logits from", logits.min(), "to", logits.max())


if __name__ == "__main__":
    main()
