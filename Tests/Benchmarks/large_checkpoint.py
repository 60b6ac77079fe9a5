#!/usr/bin/env python3
"""Writes a checkpoint of the shape of Mistral 7B with made-up weights in BF16: 14.5 GB in eight safetensors files.

  large_checkpoint.py FOLDER [LAYERS]
"""
import json
import os
import struct
import sys

HIDDEN, INNER, HEADS, KV_HEADS, VOCABULARY = 4096, 14336, 32, 8, 32000
SHARDS = 8
# Not a multiple of any row, so that no two tensors are alike.
BLOCK = (64 << 20) + 4242


def values():
    """A block of numbers of either sign between 2^-11 and 2^-7, as weights are."""
    upper = bytes(byte & 0x80 | 0x3A + byte % 2 for byte in range(256))
    block = bytearray(BLOCK)
    block[0::2] = os.urandom(BLOCK // 2)
    block[1::2] = os.urandom(BLOCK // 2).translate(upper)
    return bytes(block)


def tensors(layers):
    head = HIDDEN // HEADS
    yield "model.embed_tokens.weight", [VOCABULARY, HIDDEN]
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        yield prefix + "input_layernorm.weight", [HIDDEN]
        yield prefix + "self_attn.q_proj.weight", [HIDDEN, HIDDEN]
        yield prefix + "self_attn.k_proj.weight", [KV_HEADS * head, HIDDEN]
        yield prefix + "self_attn.v_proj.weight", [KV_HEADS * head, HIDDEN]
        yield prefix + "self_attn.o_proj.weight", [HIDDEN, HIDDEN]
        yield prefix + "post_attention_layernorm.weight", [HIDDEN]
        yield prefix + "mlp.gate_proj.weight", [INNER, HIDDEN]
        yield prefix + "mlp.up_proj.weight", [INNER, HIDDEN]
        yield prefix + "mlp.down_proj.weight", [HIDDEN, INNER]
    yield "model.norm.weight", [HIDDEN]
    yield "lm_head.weight", [VOCABULARY, HIDDEN]


def size(shape):
    count = 2
    for dimension in shape:
        count *= dimension
    return count


def write_weights(folder, layers):
    block, place = values(), 0
    everything = list(tensors(layers))
    share = sum(size(shape) for _, shape in everything) / SHARDS
    parts = [[] for _ in range(SHARDS)]
    done = 0
    for name, shape in everything:
        parts[min(SHARDS - 1, int(done / share))].append((name, shape))
        done += size(shape)
    places = {}
    for number, part in enumerate(parts, start=1):
        file_name = f"model-{number:05}-of-{SHARDS:05}.safetensors"
        header, offset = {}, 0
        for name, shape in part:
            header[name] = dict(dtype="BF16", shape=shape, data_offsets=[offset, offset + size(shape)])
            offset += size(shape)
            places[name] = file_name
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(os.path.join(folder, file_name), "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for _, shape in part:
                left = size(shape)
                while left:
                    piece = block[place:place + left]
                    file.write(piece)
                    left -= len(piece)
                    place = (place + len(piece)) % len(block)
            file.flush()
            os.fsync(file.fileno())
    with open(os.path.join(folder, "model.safetensors.index.json"), "w") as file:
        json.dump(dict(metadata=dict(total_size=done), weight_map=places), file)


def write_tokenizer(folder):
    pieces = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += ["\u2581"] + [chr(code) for code in range(0x21, 0x7F)]
    mark = "\u2581"
    tokenizer = {
        "version": "1.0",
        "added_tokens": [
            dict(id=number, content=pieces[number], special=True, normalized=False, lstrip=False, rstrip=False,
                 single_word=False) for number in range(3)],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": mark},
            {"type": "Replace", "pattern": {"String": " "}, "content": mark}]},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": mark}, "content": " "}, {"type": "ByteFallback"},
            {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True,
                  "vocab": {piece: number for number, piece in enumerate(pieces)}, "merges": []},
    }
    with open(os.path.join(folder, "tokenizer.json"), "w") as file:
        json.dump(tokenizer, file)
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
        json.dump(dict(tokenizer_class="LlamaTokenizer", bos_token="<s>", eos_token="</s>", unk_token="<unk>"), file)


def main():
    folder = sys.argv[1]
    layers = int(sys.argv[2]) if len(sys.argv) > 2 else 32
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(dict(
            architectures=["MistralForCausalLM"], model_type="mistral", vocab_size=VOCABULARY, hidden_size=HIDDEN,
            intermediate_size=INNER, num_hidden_layers=layers, num_attention_heads=HEADS, num_key_value_heads=KV_HEADS,
            max_position_embeddings=32768, sliding_window=4096, rms_norm_eps=1e-5, rope_theta=10000.0,
            hidden_act="silu", tie_word_embeddings=False, torch_dtype="bfloat16"), file)
    write_tokenizer(folder)
    write_weights(folder, layers)


if __name__ == "__main__":
    main()
