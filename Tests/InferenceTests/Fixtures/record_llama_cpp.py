#!/usr/bin/env python3
"""Records what llama.cpp computes for a real model: greedy continuations, and the likelihood of a text.

  pip install llama-cpp-python numpy
  ./record_llama_cpp.py MODEL.gguf > smollm2_llama_cpp.json
"""
import json
import os
import sys

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
    """Ids, and at each step how far the best logit is above the second."""
    out, margins, start = [], [], 0
    for _ in range(PREDICT):
        logits = decode(context, ids, start, False)[0]
        start += len(ids)
        ids = [int(logits.argmax())]
        out += ids
        second, best = np.partition(logits, -2)[-2:]
        margins.append(round(float(best - second), 3))
    return out, margins


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


def main():
    silent = L.llama_log_callback(lambda *_: None)
    L.llama_log_set(silent, None)
    L.llama_backend_init()
    model = L.llama_model_load_from_file(sys.argv[1].encode(), L.llama_model_default_params())
    vocab = L.llama_model_get_vocab(model)
    settings = L.llama_context_default_params()
    settings.n_ctx = settings.n_batch = 2048
    settings.n_threads = settings.n_threads_batch = 1
    context = L.llama_init_from_model(model, settings)
    cases = []
    for prompt in PROMPTS:
        L.llama_memory_clear(L.llama_get_memory(context), True)
        ids = tokenize(vocab, prompt)
        out, margins = greedy(context, ids)
        cases.append({"prompt": prompt, "prompt_ids": ids, "ids": out, "margins": margins})
    text = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "public_domain.txt")).read()
    ids = tokenize(vocab, text)[:TOKENS]
    assert len(ids) == TOKENS, len(ids)
    L.llama_memory_clear(L.llama_get_memory(context), True)
    nll = likelihood(context, ids)
    print(json.dumps({"model": os.path.basename(sys.argv[1]), "greedy": cases, "text_ids": ids,
                      "mean_negative_log_likelihood": nll, "perplexity": float(np.exp(nll))}))


if __name__ == "__main__":
    main()
