#!/usr/bin/env python3
"""Records what llama.cpp computes for a real model: greedy continuations, and the likelihood of a text.

  pip install llama-cpp-python gguf numpy
  ./record_llama_cpp.py MODEL.gguf > smollm2_llama_cpp.json

The continuations are of the same weights widened to F32, so that no activation is quantised; the likelihood is of the
file as it is.
"""
import json
import os
import sys
import tempfile

import gguf
import llama_cpp as L
import numpy as np

QUESTIONS = [
    "What is gravity?", "What is the capital of Italy?", "Name three primary colors.", "Who wrote Romeo and Juliet?",
    "How many days are there in a week?", "Translate 'good morning' to French.", "What do bees make?",
    "Write a Python function that adds two numbers.",
]
PROMPTS = [f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n" for question in QUESTIONS] + [
    "The capital of France is", "Once upon a time, in a small village by the sea,",
]
PREDICT, TOKENS = 16, 2000


def tokenize(vocab, text):
    data = text.encode()
    ids = (L.llama_token * (len(data) + 8))()
    return list(ids[:L.llama_tokenize(vocab, data, len(data), ids, len(ids), True, True)])


def decode(context, tokens, start, every):
    """Logits after each token, or after the last."""
    batch = L.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for i, token in enumerate(tokens):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, start + i, 1, 0
        batch.logits[i] = every or i == len(tokens) - 1
    assert L.llama_decode(context, batch) == 0
    rows = range(len(tokens)) if every else [len(tokens) - 1]
    size = L.llama_vocab_n_tokens(L.llama_model_get_vocab(L.llama_get_model(context)))
    logits = [np.ctypeslib.as_array(L.llama_get_logits_ith(context, i), (size,)).copy() for i in rows]
    L.llama_batch_free(batch)
    return logits


def greedy(context, ids):
    """The ids that follow when the likeliest is always taken."""
    out, start = [], 0
    for _ in range(PREDICT):
        logits = decode(context, ids, start, False)[0]
        start += len(ids)
        ids = [int(logits.argmax())]
        out += ids
    return out


def likelihood(context, ids):
    """The mean negative logarithm of the probability of each token after the first."""
    total = 0.0
    for start in range(0, len(ids), 500):
        part = ids[start:start + 500]
        for i, logits in enumerate(decode(context, part, start, True)):
            if start + i + 1 < len(ids):
                shifted = logits.astype(np.float64) - logits.max()
                total -= shifted[ids[start + i + 1]] - np.log(np.exp(shifted).sum())
    return total / (len(ids) - 1)


def widen(source, target):
    """Writes the weights of a file as F32."""
    reader, writer = gguf.GGUFReader(source), gguf.GGUFWriter(target, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind, *element = field.types
        writer.add_key_value(field.name, field.contents(), kind, sub_type=element[0] if element else None)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def open_model(path):
    """A model's vocabulary and a context for it."""
    model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
    settings = L.llama_context_default_params()
    settings.n_ctx = settings.n_batch = 2048
    settings.n_threads = settings.n_threads_batch = 1
    return L.llama_model_get_vocab(model), L.llama_init_from_model(model, settings)


def continuations(path):
    """The ids of each prompt, and those that follow it."""
    vocab, context = open_model(path)
    for prompt in PROMPTS:
        L.llama_memory_clear(L.llama_get_memory(context), True)
        ids = tokenize(vocab, prompt)
        yield {"prompt": prompt, "prompt_ids": ids, "exact_ids": greedy(context, ids)}


def main():
    silent = L.llama_log_callback(lambda *_: None)
    L.llama_log_set(silent, None)
    L.llama_backend_init()
    with tempfile.TemporaryDirectory() as folder:
        wide = os.path.join(folder, "f32.gguf")
        widen(sys.argv[1], wide)
        cases = list(continuations(wide))
    vocab, context = open_model(sys.argv[1])
    text = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "public_domain.txt")).read()
    ids = tokenize(vocab, text)[:TOKENS]
    assert len(ids) == TOKENS, len(ids)
    nll = likelihood(context, ids)
    print(json.dumps({"model": os.path.basename(sys.argv[1]), "greedy": cases, "text_ids": ids,
                      "mean_negative_log_likelihood": nll, "perplexity": float(np.exp(nll))}))


if __name__ == "__main__":
    main()
