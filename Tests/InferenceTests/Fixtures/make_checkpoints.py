#!/usr/bin/env python3
"""Writes tiny random Llama and Mistral checkpoints as the hub holds them, each with what transformers computes for it.

  pip install torch transformers safetensors numpy
  ./make_checkpoints.py [FOLDER]

Each folder has config.json and weights: safetensors or PyTorch files, single or in shards, in F32, F16 or BF16. The
older cases have config.json as transformers 4 wrote it. `reference.json` has 600 token ids, the likeliest token after
each, all logits after some of them, and 200 ids that a greedy generation adds: computed in F32 by the network that
transformers loads from the folder.
"""
import json
import os
import shutil
import sys

import torch
import transformers

POSITIONS = 600
GREEDY = 200
SHOWN = [0, 1, 62, 63, 64, 65, 127, 300, 598, 599]
SHAPE = dict(
    vocab_size=128, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=8,
    num_key_value_heads=2, head_dim=8, max_position_embeddings=1024, rms_norm_eps=1e-5)
PLAIN = dict(rope_type="default", rope_theta=10000.0)
CASES = {
    "mistral_safetensors": dict(dtype="float32", sliding_window=64, tie_word_embeddings=False, rope=PLAIN),
    "mistral_shards": dict(dtype="bfloat16", sliding_window=None, tie_word_embeddings=False,
                           rope=dict(PLAIN, rope_theta=1000000.0), shards=True),
    "mistral_bin": dict(dtype="float16", sliding_window=64, tie_word_embeddings=False, rope=PLAIN, bin=True),
    "mistral_bin_shards": dict(dtype="float32", sliding_window=64, tie_word_embeddings=True, rope=PLAIN, bin=True,
                               shards=True),
    "llama_safetensors": dict(
        dtype="float32", tie_word_embeddings=True,
        rope=dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                  original_max_position_embeddings=128)),
    "llama_shards": dict(dtype="float32", tie_word_embeddings=False, attention_bias=True, mlp_bias=True,
                         rope=dict(rope_type="linear", rope_theta=10000.0, factor=4.0), shards=True),
    "llama_bin": dict(
        dtype="bfloat16", tie_word_embeddings=False, num_key_value_heads=8, bin=True,
        rope=dict(rope_type="yarn", rope_theta=10000.0, factor=8.0, original_max_position_embeddings=128,
                  attention_factor=1.1)),
    "llama_bin_shards": dict(dtype="float16", tie_word_embeddings=True, rope=PLAIN, bin=True, shards=True,
                             parameters=True),
}


def network(case):
    settings = {key: value for key, value in case.items() if key not in ("dtype", "rope", "bin", "shards", "parameters")}
    family = "Mistral" if "sliding_window" in case else "Llama"
    config = getattr(transformers, family + "Config")(**dict(SHAPE, **settings), rope_parameters=case["rope"])
    model = getattr(transformers, family + "ForCausalLM")(config).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "norm" in name:
                value.uniform_(0.5, 1.5)
            else:
                value.normal_(0, 0.5 if "embed" in name else 0.25)
    return model.to(getattr(torch, case["dtype"]))


def write_older_config(folder, rope):
    """Spells config.json as transformers 4 did: rope_theta and rope_scaling, torch_dtype."""
    path = os.path.join(folder, "config.json")
    with open(path) as file:
        config = json.load(file)
    config.pop("rope_parameters")
    config["torch_dtype"] = config.pop("dtype", "float32")
    config["rope_theta"] = rope["rope_theta"]
    scaling = {key: value for key, value in rope.items() if key != "rope_theta"}
    config["rope_scaling"] = None if scaling["rope_type"] == "default" else scaling
    with open(path, "w") as file:
        json.dump(config, file, indent=2)


def write_bin(folder, model, shards, parameters):
    """The files that save_pretrained(safe_serialization=False) wrote; a tied output matrix is there too and shares.

    The values may be parameters, as in files of programs that save named_parameters().
    """
    state = model.state_dict()
    if parameters:
        state = {key: torch.nn.Parameter(value) for key, value in state.items()}
    if not shards:
        torch.save(state, os.path.join(folder, "pytorch_model.bin"))
        return
    names = list(state)
    parts = [names[:len(names) // 2], names[len(names) // 2:]]
    places = {}
    for number, part in enumerate(parts, start=1):
        name = f"pytorch_model-{number:05}-of-{len(parts):05}.bin"
        torch.save({key: state[key] for key in part}, os.path.join(folder, name))
        places.update({key: name for key in part})
    size = sum(value.numel() * value.element_size() for value in state.values())
    with open(os.path.join(folder, "pytorch_model.bin.index.json"), "w") as file:
        json.dump(dict(metadata=dict(total_size=size), weight_map=places), file, indent=1)


def write(folder, case):
    shutil.rmtree(folder, ignore_errors=True)
    model = network(case)
    if case.get("bin"):
        model.config.save_pretrained(folder)
        write_bin(folder, model, case.get("shards"), case.get("parameters"))
        write_older_config(folder, case["rope"])
    else:
        model.save_pretrained(folder, max_shard_size="30KB" if case.get("shards") else "1GB")
        generation = os.path.join(folder, "generation_config.json")
        if os.path.exists(generation):
            os.remove(generation)


def reference(folder):
    """Writes reference.json; false when two tokens of the greedy generation are so near that rounding may swap them."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokens = torch.randint(0, SHAPE["vocab_size"], (1, POSITIONS))
    with torch.no_grad():
        logits = model(tokens).logits[0]
        ids = tokens[:, :100]
        lead = float("inf")
        for _ in range(GREEDY):
            first, second = model(ids).logits[0, -1].topk(2).values.tolist()
            lead = min(lead, first - second)
            ids = torch.cat([ids, model(ids).logits[:, -1:].argmax(-1)], dim=1)
    with open(os.path.join(folder, "reference.json"), "w") as file:
        json.dump(dict(
            tokens=tokens[0].tolist(), likeliest=logits.argmax(-1).tolist(), positions=SHOWN,
            logits=[[round(value, 6) for value in logits[place].tolist()] for place in SHOWN],
            prompt=100, greedy=ids[0, 100:].tolist()), file)
    print(os.path.basename(folder), "smallest lead of a greedy token", lead, flush=True)
    return lead > 5e-4


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkpoints")
    for number, (name, case) in enumerate(CASES.items()):
        for attempt in range(100):
            torch.manual_seed(100 * number + attempt)
            write(os.path.join(target, name), case)
            if reference(os.path.join(target, name)):
                break


if __name__ == "__main__":
    main()
