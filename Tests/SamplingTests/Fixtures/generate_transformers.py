#!/usr/bin/env python3
"""Records what transformers' processors do, for SamplingTests. Run: generate_transformers.py > transformers.json

Needs transformers, torch and numpy. Cases in which rounding decides what is kept are drawn again: a neighbouring
parameter keeps the same. The cases "vllm" are not recorded from vLLM but from a statement of its formulas, here.
"""
import json

import numpy as np
import torch
import transformers
from transformers.generation import logits_process as lp

from cases import CASES, MARGIN, Draw, f32, logits_of, recorded, repetitive, softmax


def processed(processors, history, logits):
    ids = torch.tensor([history], dtype=torch.long)
    scores = torch.from_numpy(logits.copy())[None]
    for processor in processors:
        if torch.all(scores == -torch.inf):
            break
        scores = processor(ids, scores)
    return scores[0].numpy()


def neighbours(parameters, sensitive):
    for name in sensitive:
        for factor in (1 - MARGIN, 1 + MARGIN):
            if 0 < parameters.get(name, 0) * factor < 1:
                yield {**parameters, name: parameters[name] * factor}


class Recorder:
    def __init__(self, seed):
        self.draw = Draw(seed)
        self.rng = self.draw.rng

    def run(self, stage, largest, draw, apply, history=None, sensitive=(), exact=()):
        out = []
        edges = list(exact)
        while len(out) < CASES:
            if edges:
                case, parameters = edges.pop()
                case, drawn = dict(case), False
            else:
                case, drawn = self.draw.inputs(largest), True
                parameters = draw(self.rng, case["count"])
            logits = logits_of(case)
            case["parameters"] = parameters
            case["history"] = history(self.rng, len(logits)) if history else []
            after = apply(parameters, case["history"], logits)
            left = int(np.sum(after > -np.inf))
            # What bans everything is an error here, and no distribution there.
            if left == 0 or np.any(np.isnan(after)):
                continue
            others = [apply(p, case["history"], logits) for p in neighbours(parameters, sensitive)] if drawn else []
            if any(left != np.sum(other > -np.inf) for other in others):
                continue
            case.update(recorded(logits, range(len(logits)), after))
            out.append(case)
        return {"stage": stage, "cases": out}


def warper(make):
    return lambda p, history, logits: processed([make(p)], history, logits)


def at_least_one(p):
    return max(p["min_keep"], 1)


def warpers(p):
    """Those that `generate` makes of a configuration, in its order."""
    out = []
    if p["logit_bias"]:
        out.append(lp.SequenceBiasLogitsProcessor({(t,): b for t, b in p["logit_bias"]}))
    if p["repetition_penalty"] != 1:
        out.append(lp.RepetitionPenaltyLogitsProcessor(p["repetition_penalty"]))
    if p["no_repeat_ngram_size"] > 0:
        out.append(lp.NoRepeatNGramLogitsProcessor(p["no_repeat_ngram_size"]))
    if p["temperature"] != 1:
        out.append(lp.TemperatureLogitsWarper(p["temperature"]))
    if p["top_k"] != 0:
        out.append(lp.TopKLogitsWarper(p["top_k"]))
    if p["top_p"] < 1:
        out.append(lp.TopPLogitsWarper(p["top_p"]))
    if p["min_p"] > 0:
        out.append(lp.MinPLogitsWarper(p["min_p"]))
    if p["typical_p"] < 1:
        out.append(lp.TypicalLogitsWarper(p["typical_p"]))
    if p["epsilon_cutoff"] > 0:
        out.append(lp.EpsilonLogitsWarper(p["epsilon_cutoff"]))
    if p["eta_cutoff"] > 0:
        out.append(lp.EtaLogitsWarper(p["eta_cutoff"]))
    return out


def from_generate(p, history, logits):
    """The same through `generate`'s own choice and order of processors."""
    config = transformers.GenerationConfig(do_sample=True, **p)
    model = transformers.GenerationMixin()
    model.config = transformers.PretrainedConfig()
    made = model._get_logits_processor(config, input_ids_seq_length=len(history))
    return processed(made, history, logits)


def biases(rng, count):
    return [[t, f32(rng.uniform(-5, 5))] for t in rng.sample(range(count), min(count, rng.randint(0, 4)))]


def draw_chain(r, n):
    return {
        "logit_bias": biases(r, n), "repetition_penalty": r.choice([1.0, f32(r.uniform(0.8, 1.5))]),
        "no_repeat_ngram_size": r.choice([0, 2, 3]), "temperature": f32(r.uniform(0.3, 2)),
        "top_k": r.choice([0, 5, 50]), "top_p": r.choice([1.0, f32(r.uniform(0.5, 1))]),
        "min_p": r.choice([0.0, f32(r.uniform(0, 0.2))]), "typical_p": r.choice([1.0, f32(r.uniform(0.6, 1))]),
        "epsilon_cutoff": r.choice([0.0, f32(r.uniform(1e-4, 0.05))]),
        "eta_cutoff": r.choice([0.0, f32(r.uniform(1e-4, 0.1))]),
    }


def vllm(p, history, logits):
    """vLLM's order and formulas, written from its documentation ("vllm.v1.sample.sampler"): not its code's output.

    Bias; repetition over prompt and output, frequency and presence over the output; temperature; min_p; top_k, which
    keeps what equals the k-th; top_p over the ascending sums. `p["prompt"]` of the history are the prompt's.
    """
    x = logits.copy()
    for token, bias in p["logit_bias"]:
        x[token] = np.float32(x[token] + np.float32(bias))
    output = history[p["prompt"]:]
    for token in set(history):
        x[token] = x[token] / np.float32(p["repetition_penalty"]) if x[token] > 0 else x[token] * np.float32(
            p["repetition_penalty"])
    for token in set(output):
        x[token] -= np.float32(p["frequency_penalty"]) * np.float32(output.count(token))
        x[token] -= np.float32(p["presence_penalty"])
    x = x / np.float32(p["temperature"])
    if p["min_p"] > 0:
        probabilities = softmax(x)
        x[probabilities < p["min_p"] * probabilities.max()] = -np.inf
    if 0 < p["top_k"] < len(x):
        x[x < np.sort(x)[len(x) - p["top_k"]]] = -np.inf
    if p["top_p"] < 1:
        order = np.argsort(x, kind="stable")
        gone = np.cumsum(softmax(x[order])) <= 1 - p["top_p"]
        gone[-1] = False
        x[order[gone]] = -np.inf
    return x


def draw_vllm(r, n):
    return {
        "logit_bias": biases(r, n), "repetition_penalty": r.choice([1.0, f32(r.uniform(0.8, 1.5))]),
        "frequency_penalty": r.choice([0.0, f32(r.uniform(-0.5, 0.5))]),
        "presence_penalty": r.choice([0.0, f32(r.uniform(-0.5, 0.5))]), "temperature": f32(r.uniform(0.3, 2)),
        "top_k": r.choice([0, 5, 50]), "top_p": r.choice([1.0, f32(r.uniform(0.5, 1))]),
        "min_p": r.choice([0.0, f32(r.uniform(0, 0.2))]), "prompt": r.randint(0, 40),
    }


def equal(count):
    return {"seed": 1, "count": count, "spread": 0}


def spread(count, seed=5):
    return {"seed": seed, "count": count, "spread": 8}


def main():
    c = Recorder(20251101)
    keep = lambda r: r.choice([0, 0, 1, 2, 5, 1000])
    top_p = lambda p, k=0: {"top_p": f32(p), "min_keep": k}
    # SynthIA-7B-v1.3's card: temperature 0.75, top_k 50, top_p 1; Synatra's: do_sample only, so generate's own.
    synthia = {"temperature": 0.75, "top_k": 50, "top_p": 1.0}
    synatra = {"temperature": 1.0, "top_k": 50, "top_p": 1.0}
    stages = [
        c.run("temperature", 30, lambda r, n: {"temperature": r.choice([f32(r.uniform(0.05, 3)), 1e-3, 1e4])},
              warper(lambda p: lp.TemperatureLogitsWarper(p["temperature"])),
              exact=[(equal(5), {"temperature": 1e-7}), (spread(9), {"temperature": 1e6})]),
        c.run("top_k", 400, lambda r, n: {"top_k": r.choice([1, 2, 5, 40, 200, 500])},
              warper(lambda p: lp.TopKLogitsWarper(p["top_k"])),
              exact=[(equal(9), {"top_k": 4}), (spread(32000), {"top_k": 50}), (spread(3000), {"top_k": 400}),
                     ({**spread(3000), "step": 1}, {"top_k": 50}), ({**spread(3000), "step": 1}, {"top_k": 2000})]),
        c.run("top_p", 400, lambda r, n: top_p(r.uniform(0, 0.999), keep(r)),
              warper(lambda p: lp.TopPLogitsWarper(p["top_p"], min_tokens_to_keep=at_least_one(p))),
              sensitive=["top_p"],
              exact=[(equal(4), top_p(0.5)), (equal(8), top_p(0.125)), (equal(8), top_p(0.875, 3)), (spread(9), top_p(0)),
                     (spread(9), top_p(0, 4)), (spread(1), top_p(0)), (spread(6000), top_p(0.9))]),
        c.run("min_p", 400, lambda r, n: {"min_p": f32(r.uniform(0.001, 1)), "min_keep": keep(r)},
              warper(lambda p: lp.MinPLogitsWarper(p["min_p"], min_tokens_to_keep=at_least_one(p))),
              sensitive=["min_p"],
              exact=[(equal(4), {"min_p": 1.0, "min_keep": 0}), (spread(9), {"min_p": 1.0, "min_keep": 3})]),
        c.run("typ_p", 120, lambda r, n: {"typical_p": f32(r.uniform(0.05, 0.999)), "min_keep": keep(r)},
              warper(lambda p: lp.TypicalLogitsWarper(p["typical_p"], min_tokens_to_keep=at_least_one(p))),
              sensitive=["typical_p"]),
        c.run("epsilon_cutoff", 80, lambda r, n: {"epsilon_cutoff": f32(r.uniform(1e-4, 0.3)), "min_keep": keep(r)},
              warper(lambda p: lp.EpsilonLogitsWarper(p["epsilon_cutoff"], min_tokens_to_keep=at_least_one(p))),
              sensitive=["epsilon_cutoff"], exact=[(equal(4), {"epsilon_cutoff": 0.25, "min_keep": 0}),
                                                   (equal(4), {"epsilon_cutoff": 0.5, "min_keep": 0})]),
        c.run("eta_cutoff", 80, lambda r, n: {"eta_cutoff": f32(r.uniform(1e-4, 0.9)), "min_keep": keep(r)},
              warper(lambda p: lp.EtaLogitsWarper(p["eta_cutoff"], min_tokens_to_keep=at_least_one(p))),
              sensitive=["eta_cutoff"]),
        c.run("penalties", 40, lambda r, n: {"repetition_penalty": f32(r.uniform(0.5, 2))},
              warper(lambda p: lp.RepetitionPenaltyLogitsProcessor(p["repetition_penalty"])), repetitive),
        c.run("no_repeat_ngram", 30, lambda r, n: {"no_repeat_ngram_size": r.randint(1, 6)},
              warper(lambda p: lp.NoRepeatNGramLogitsProcessor(p["no_repeat_ngram_size"])), repetitive),
        c.run("logit_bias", 40, lambda r, n: {"logit_bias": biases(r, n) or [[0, 1.0]]},
              warper(lambda p: lp.SequenceBiasLogitsProcessor({(t,): b for t, b in p["logit_bias"]}))),
        c.run("chain", 200, draw_chain, lambda p, history, logits: processed(warpers(p), history, logits), repetitive,
              sensitive=["top_p", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff"]),
        c.run("synthia", 400, lambda r, n: synthia, from_generate, repetitive,
              exact=[(spread(32000, s), synthia) for s in range(4)] + [({**spread(3000), "step": 1}, synthia)]),
        c.run("synatra", 400, lambda r, n: synatra, from_generate, repetitive,
              exact=[(spread(32000, s), synatra) for s in range(4)]),
        c.run("vllm", 200, draw_vllm, vllm, repetitive, sensitive=["top_p", "min_p"]),
    ]
    source = f"transformers {transformers.__version__} on torch {torch.__version__}; vllm from a statement of its formulas"
    print(json.dumps({"source": source, "stages": stages}, separators=(",", ":")))


main()
