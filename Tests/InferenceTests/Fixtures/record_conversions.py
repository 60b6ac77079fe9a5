#!/usr/bin/env python3
"""Records what llama.cpp makes of converted checkpoints: the tokens that it adds when the likeliest is always taken.

  pip install llama-cpp-python numpy
  ./record_conversions.py FOLDER > conversions.json

FOLDER has the files that `workbench convert CHECKPOINT FOLDER/CHECKPOINT.gguf --type f32` wrote of each folder in
`checkpoints`, with a tokenizer put beside the weights: F32, because llama.cpp rounds what it multiplies with halves.
llama.cpp has no sliding window in this architecture: with one, the texts end within it.
"""
import json
import os
import sys

import llama_cpp as L
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def decode(context, tokens, start):
    batch = L.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for i, token in enumerate(tokens):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, start + i, 1, 0
        batch.logits[i] = i == len(tokens) - 1
    assert L.llama_decode(context, batch) == 0
    size = L.llama_vocab_n_tokens(L.llama_model_get_vocab(L.llama_get_model(context)))
    logits = np.ctypeslib.as_array(L.llama_get_logits_ith(context, len(tokens) - 1), (size,)).copy()
    L.llama_batch_free(batch)
    return logits


def greedy(model, ids, count):
    parameters = L.llama_context_default_params()
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = 1024, 1024, 1024
    parameters.n_threads = parameters.n_threads_batch = 1
    parameters.type_k = parameters.type_v = L.GGML_TYPE_F32
    parameters.flash_attn_type = 0
    context = L.llama_init_from_model(model, parameters)
    out, start = [], 0
    for _ in range(count):
        logits = decode(context, ids, start)
        start += len(ids)
        ids = [int(logits.argmax())]
        out += ids
    L.llama_free(context)
    return out


def main():
    silent = L.llama_log_callback(lambda *_: None)
    L.llama_log_set(silent, None)
    result = {}
    for name in sorted(os.listdir(os.path.join(HERE, "checkpoints"))):
        with open(os.path.join(HERE, "checkpoints", name, "reference.json")) as file:
            reference = json.load(file)
        with open(os.path.join(HERE, "checkpoints", name, "config.json")) as file:
            window = json.load(file).get("sliding_window")
        parameters = L.llama_model_default_params()
        parameters.n_gpu_layers = 0
        model = L.llama_model_load_from_file(os.path.join(sys.argv[1], name + ".gguf").encode(), parameters)
        assert model, name
        lengths = [(10, (window or 200) - 14)] + ([] if window else [(reference["prompt"], len(reference["greedy"]))])
        result[name] = [
            dict(prompt=prompt, greedy=greedy(model, reference["tokens"][:prompt], count)) for prompt, count in lengths]
        L.llama_model_free(model)
    print("{" + ",\n ".join(f'"{name}": {json.dumps(value)}' for name, value in result.items()) + "}")


if __name__ == "__main__":
    main()
