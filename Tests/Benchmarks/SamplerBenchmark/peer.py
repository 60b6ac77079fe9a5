"""llama.cpp's side of SamplerBenchmark: builds the same chains through llama-cpp-python's low-level API and times them.

Reads commands, a line each, and answers each with a line of JSON:
  rows FILE COUNT           rows of COUNT float logits
  chain [[NAME, VALUES]…]   the stages to time, as JSON; a pick is part of it
  run N                     nanoseconds a token, over N tokens that go through the rows in turn
"""
import ctypes
import json
import sys
import time

import llama_cpp as lib
import numpy as np

TOKEN = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])


def make(name, v, count, vocab):
    if name == "penalties":
        return lib.llama_sampler_init_penalties(
            count, v["penalty_last_n"], v["repetition_penalty"], v["frequency_penalty"], v["presence_penalty"])
    if name == "dry":
        return lib.llama_sampler_init_dry(
            vocab, v["dry_multiplier"], v["dry_base"], v["dry_allowed_length"], v["dry_penalty_last_n"], None, 0)
    if name == "top_n_sigma":
        return lib.llama_sampler_init_top_n_sigma(v["top_n_sigma"])
    if name == "top_k":
        return lib.llama_sampler_init_top_k(v["top_k"])
    if name == "typ_p":
        return lib.llama_sampler_init_typical(v["typical_p"], v["min_keep"])
    if name == "top_p":
        return lib.llama_sampler_init_top_p(v["top_p"], v["min_keep"])
    if name == "min_p":
        return lib.llama_sampler_init_min_p(v["min_p"], v["min_keep"])
    if name == "xtc":
        return lib.llama_sampler_init_xtc(v["xtc_probability"], v["xtc_threshold"], v["min_keep"], 1)
    if name == "temperature":
        return lib.llama_sampler_init_temp_ext(v["temperature"], v["dynatemp_range"], v["dynatemp_exponent"])
    if name == "mirostat":
        return lib.llama_sampler_init_mirostat(count, 1, v["mirostat_tau"], v["mirostat_eta"], 100)
    if name == "mirostat_v2":
        return lib.llama_sampler_init_mirostat_v2(1, v["mirostat_tau"], v["mirostat_eta"])
    if name == "adaptive_p":
        return lib.llama_sampler_init_adaptive_p(v["adaptive_target"], v["adaptive_decay"], 1)
    if name == "greedy":
        return lib.llama_sampler_init_greedy()
    return lib.llama_sampler_init_dist(1)


class Peer:
    def rows(self, file, count):
        logits = np.fromfile(file, dtype="<f4").reshape(-1, int(count))
        # One array of candidates a row, built once; what is timed starts from a copy, as llama_sampler_sample does.
        self.templates = []
        for row in logits:
            template = np.zeros(len(row), dtype=TOKEN)
            template["id"], template["logit"] = np.arange(len(row)), row
            self.templates.append(template)
        self.count = int(count)
        self.work = np.zeros(self.count, dtype=TOKEN)
        return True

    def chain(self, stages):
        self.sampler = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for name, values in stages:
            lib.llama_sampler_chain_add(self.sampler, make(name, values, self.count, self.vocab))
        for token in range(64):
            lib.llama_sampler_accept(self.sampler, token * 37 % self.count)
        return True

    def run(self, tokens):
        size = self.work.nbytes
        target = self.work.ctypes.data
        sources = [template.ctypes.data for template in self.templates]
        data = ctypes.cast(target, ctypes.POINTER(lib.llama_token_data))
        array = lib.llama_token_data_array(data, self.count, -1, False)
        pointer = ctypes.byref(array)
        move, apply, accept, sampler = ctypes.memmove, lib.llama_sampler_apply, lib.llama_sampler_accept, self.sampler
        rows = len(sources)
        start = time.thread_time_ns()
        for index in range(tokens):
            move(target, sources[index % rows], size)
            array.data, array.size, array.selected, array.sorted = data, self.count, -1, False
            apply(sampler, pointer)
            accept(sampler, array.data[array.selected].id)
        whole = time.thread_time_ns() - start
        # The same without a sampler: the copy and Python's own time.
        start = time.thread_time_ns()
        for index in range(tokens):
            move(target, sources[index % rows], size)
            array.data, array.size, array.selected, array.sorted = data, self.count, 0, False
            apply(None, pointer)
            accept(None, array.data[array.selected].id)
        copying = time.thread_time_ns() - start
        return {"whole": whole / tokens, "copying": copying / tokens}


def main():
    quiet = lib.llama_log_callback(lambda *_: None)
    lib.llama_log_set(quiet, ctypes.c_void_p(0))
    lib.llama_backend_init()
    peer = Peer()
    peer.vocab = None
    for line in sys.stdin:
        command, *rest = line.split(" ", 1)
        if command == "rows":
            answer = peer.rows(*rest[0].rsplit(None, 1))
        elif command == "chain":
            answer = peer.chain(json.loads(rest[0]))
        else:
            answer = peer.run(int(rest[0]))
        print(json.dumps(answer), flush=True)


main()
