#!/usr/bin/env python3
"""Records what llama.cpp and lm-evaluation-harness make of texts to score: the tokens of each pair and document as the
harness splits them, and the natural logarithm of each token's probability by llama.cpp: `logprobs` with the weights
widened to F32, so that no activation is quantised, and `file_logprobs` with the file as it is.

  pip install llama-cpp-python==0.3.36 gguf==0.19.0 numpy lm-eval==0.4.13
  ./record_scores.py MODEL.gguf > scores.json
"""
import json
import os
import sys
import tempfile

import llama_cpp as L
import numpy as np
from lm_eval.api.model import TemplateLM
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

FOLDER = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(FOLDER, "../../InferenceTests/Fixtures")
CHAT = "<|im_start|>user\nIs the sky blue?<|im_end|>\n<|im_start|>assistant\n"
PAIRS = [
    ("The capital of France is", " Paris"),
    ("The capital of France is", " London, which"),
    ("The capital of France is ", "Paris"),
    ("Question: What do bees make?\nAnswer:", " Honey."),
    ("Question: What do bees make?\nAnswer:", " Iron ore, mined in the mountains of the north."),
    ("def add(a, b):\n    ", "return a + b"),
    ("Twice two is\n\n", "four"),
    ("안녕하세요, 오늘은 ", "날씨가 좋네요."),
    ("A smile: 🙂 and another:", " 🙂"),
    ("cat", "alogue"),
    ("1, 2, 3, 4, 5,", " 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20"),
    ("", "Once upon a time"),
    ("", "<|im_start|>user\nHello"),
    (CHAT, "Yes, it is."),
    (CHAT, "No"),
]
DOCUMENT_BYTES = 1400
WINDOWS = [(None, 1), (128, 1), (128, 65), (100, 100), (9, 3)]


class Reference(TemplateLM):
    """The harness's own splitting, with llama.cpp's tokenizer and probabilities."""

    def __init__(self, path):
        super().__init__()
        self.model = L.llama_model_load_from_file(path.encode(), L.llama_model_default_params())
        self.vocab = L.llama_model_get_vocab(self.model)
        settings = L.llama_context_default_params()
        settings.n_ctx = settings.n_batch = 2048
        settings.n_threads = settings.n_threads_batch = 1
        self.context = L.llama_init_from_model(self.model, settings)
        self.size = L.llama_vocab_n_tokens(self.vocab)

    @property
    def eot_token_id(self):
        return L.llama_vocab_eos(self.vocab)

    @property
    def prefix_token_id(self):
        return L.llama_vocab_bos(self.vocab)

    def tok_encode(self, string, add_special_tokens=None, **kwargs):
        data = string.encode()
        ids = (L.llama_token * (len(data) + 8))()
        adds = L.llama_vocab_get_add_bos(self.vocab)
        return list(ids[:L.llama_tokenize(self.vocab, data, len(data), ids, len(ids), adds, True)])

    def logprobs(self, context, continuation):
        """The log-probability of each token of a continuation, and whether it is the most probable one."""
        tokens = context + continuation
        L.llama_memory_clear(L.llama_get_memory(self.context), True)
        batch = L.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens) - 1
        for i, token in enumerate(tokens[:-1]):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, i, 1, 0
            batch.logits[i] = i >= len(context) - 1
        assert L.llama_decode(self.context, batch) == 0
        found = []
        for i, token in enumerate(continuation, len(context) - 1):
            row = np.ctypeslib.as_array(L.llama_get_logits_ith(self.context, i), (self.size,)).astype(np.float64)
            shifted = row - row.max()
            found.append((float(shifted[token] - np.log(np.exp(shifted).sum())), bool(row.argmax() == token)))
        L.llama_batch_free(batch)
        return found

    def _loglikelihood_tokens(self, requests, **kwargs):
        return [(context, continuation) for _, context, continuation in requests]

    def loglikelihood_rolling(self, requests, **kwargs):
        raise NotImplementedError

    def generate_until(self, requests, **kwargs):
        raise NotImplementedError


class Request:
    def __init__(self, *args):
        self.args = args


def scored(exact, file, context, continuation):
    found = exact.logprobs(context, continuation)
    return {"context": context, "tokens": continuation, "logprobs": [round(value, 5) for value, _ in found],
            "file_logprobs": [round(value, 5) for value, _ in file.logprobs(context, continuation)],
            "greedy": [best for _, best in found]}


def without_context(exact, file, context, continuation):
    """The same with the number of tokens before the window's scored ones, which the document gives."""
    return {**scored(exact, file, context, continuation), "context": len(context)}


def main():
    sys.path.insert(0, FIXTURES)
    from record_llama_cpp import widen

    silent = L.llama_log_callback(lambda *_: None)
    L.llama_log_set(silent, None)
    L.llama_backend_init()
    with tempfile.NamedTemporaryFile(suffix=".gguf") as wide:
        widen(sys.argv[1], wide.name)
        exact = Reference(wide.name)
    file = Reference(sys.argv[1])
    pairs = exact.loglikelihood([Request(*pair) for pair in PAIRS], disable_tqdm=True)
    text = open(os.path.join(FIXTURES, "public_domain.txt")).read()
    document = text.encode()[:DOCUMENT_BYTES].decode(errors="ignore")
    tokens = exact.tok_encode(document)
    windows = []
    for length, overlap in WINDOWS:
        cut = get_rolling_token_windows(tokens, exact.prefix_token_id, length or 2048, overlap)
        windows.append({"length": length, "overlap": overlap,
                        "windows": [without_context(exact, file, *make_disjoint_window(pair)) for pair in cut]})
    print(json.dumps({
        "pairs": [{"context_text": context, "text": text, **scored(exact, file, *pair)}
                  for (context, text), pair in zip(PAIRS, pairs)],
        "document": document, "document_windows": windows}, ensure_ascii=False))


if __name__ == "__main__":
    main()
