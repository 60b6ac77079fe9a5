#!/usr/bin/env python3
"""Runs the harness's tasks on examples/lm_eval/samples with the daemon and with llama.cpp on the same file, and compares
every log-likelihood and every metric.

  agreement.py MODEL.gguf FOLDER_OF_BINARIES STUBS [TASK,TASK]
"""
import math
import os
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "../../..")
sys.path[:0] = [os.path.join(root, "examples/lm_eval"), os.path.join(root, "Tests/PipelineTests/Fixtures")]
os.environ["WORKBENCH_STUBS"] = os.path.abspath(sys.argv[3])
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import llama_cpp as L  # noqa: E402
import lm_eval.models  # noqa: E402, F401
import numpy as np  # noqa: E402
from lm_eval.api.registry import register_model  # noqa: E402
from record_scores import Reference  # noqa: E402

import samples  # noqa: E402

CONTEXT = 2048


@register_model("llama.cpp")
class LlamaCpp(Reference):
    """The harness's own splitting and llama.cpp's logits; what two requests begin with is computed once."""

    def __init__(self, path, **_):
        L.llama_backend_init()
        super().__init__(path)
        self.held = []

    def rows(self, tokens, wanted):
        """The logits after the last `wanted` of the tokens."""
        kept = 0
        while kept < min(len(self.held), len(tokens) - wanted) and self.held[kept] == tokens[kept]:
            kept += 1
        memory = L.llama_get_memory(self.context)
        L.llama_memory_seq_rm(memory, 0, kept, -1)
        batch = L.llama_batch_init(len(tokens) - kept, 0, 1)
        batch.n_tokens = len(tokens) - kept
        for i, token in enumerate(tokens[kept:]):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, kept + i, 1, 0
            batch.logits[i] = kept + i >= len(tokens) - wanted
        assert L.llama_decode(self.context, batch) == 0
        self.held = list(tokens)
        first = len(tokens) - wanted - kept
        rows = [np.ctypeslib.as_array(L.llama_get_logits_ith(self.context, first + i), (self.size,)).astype(np.float64)
                for i in range(wanted)]
        L.llama_batch_free(batch)
        return rows

    def _loglikelihood_tokens(self, requests, **_):
        results = []
        for _, context, continuation in requests:
            tokens = (context + continuation)[-(CONTEXT + 1):]
            total, greedy = 0.0, True
            for row, token in zip(self.rows(tokens[:-1], len(continuation)), continuation):
                shifted = row - row.max()
                total += shifted[token] - np.log(np.exp(shifted).sum())
                greedy = greedy and int(row.argmax()) == token
            results.append((float(total), greedy))
        return results

    def generate_until(self, requests, **_):
        return [self.generate(*request.args) for request in requests]

    def generate(self, context, settings):
        until = settings["until"]
        limit = settings.get("max_gen_toks", 256)
        tokens = self.tok_encode(context)[-(CONTEXT - limit):]
        data = b""
        for _ in range(limit):
            token = int(self.rows(tokens, 1)[0].argmax())
            if L.llama_vocab_is_eog(self.vocab, token):
                break
            buffer = (L.ctypes.c_char * 64)()
            data += buffer[:L.llama_token_to_piece(self.vocab, token, buffer, 64, 0, False)]
            tokens = tokens + [token]
            text = data.decode(errors="replace")
            if any(stop in text for stop in until):
                break
        text = data.decode(errors="replace")
        for stop in until:
            text = text.split(stop)[0]
        return text


def start(model, folder, scratch):
    """A daemon with the model, and its address."""
    socket = os.path.join(scratch, "d.sock")
    environment = dict(os.environ, WORKBENCH_ADDRESS=f"unix:{socket}")
    daemon = subprocess.Popen([f"{folder}/workbenchd", "--socket", socket, "--log-level", "error"], env=environment)
    while not os.path.exists(socket):
        assert daemon.poll() is None, "the daemon ended"
        time.sleep(0.1)
    subprocess.run([f"{folder}/workbench", "load", model, "--name", "m", "--context-length", str(CONTEXT)],
                   env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return daemon, f"unix:{socket}"


def compare(ours, peer):
    """Prints both sides; the mean difference per token is of log-likelihoods."""
    total, tokens, agree = 0.0, 0, True
    for task, found in ours["results"].items():
        for metric, value in found.items():
            other = peer["results"][task].get(metric)
            if isinstance(value, float) and not metric.startswith("sample_len") and not math.isnan(value):
                same = abs(value - other) < 1e-9 if "mc2" not in task else abs(value - other) < 0.02
                agree = agree and same
                print(f"{task:16} {metric:28} ours {value:.4f}  llama.cpp {other:.4f}  {'' if same else 'DIFFERENT'}")
    for task, rows in ours["samples"].items():
        for row, other in zip(rows, peer["samples"][task]):
            assert row["arguments"] == other["arguments"]
            for (_, continuation), mine, theirs in zip(row["arguments"], row["resps"], other["resps"]):
                if isinstance(mine[0], str):
                    if mine != theirs:
                        print(f"{task}: another answer:\n  ours      {mine[0]!r}\n  llama.cpp {theirs[0]!r}")
                    continue
                total += abs(float(mine[0][0]) - float(theirs[0][0]))
                tokens += max(1, len(reference.tok_encode(continuation)))
    print(f"log-likelihoods: mean difference {total / max(1, tokens):.5f} per token, {tokens} tokens")
    return agree and total / max(1, tokens) < 0.02


if __name__ == "__main__":
    model, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    names = sys.argv[4].split(",") if len(sys.argv) > 4 else None
    with tempfile.TemporaryDirectory() as scratch:
        daemon, address = start(model, folder, scratch)
        try:
            began = time.monotonic()
            ours = samples.evaluate("workbench", f"model=m,address={address}", names)
            ours_seconds = time.monotonic() - began
        finally:
            daemon.terminate()
            daemon.wait()
    L.llama_log_set(SILENT := L.llama_log_callback(lambda *_: None), None)
    reference = LlamaCpp(model)
    began = time.monotonic()
    peer = samples.evaluate("llama.cpp", f"path={model}", names)
    print(f"ours {ours_seconds:.1f} s, llama.cpp {time.monotonic() - began:.1f} s, start and harness included")
    sys.exit(0 if compare(ours, peer) else 1)
