#!/usr/bin/env python3
"""Records what llama.cpp's samplers do, for SamplingTests. Run: generate_llama.py MODEL.gguf > llama.json

Needs llama-cpp-python and numpy. Any GGUF with a vocabulary will do; only its tokens are read, for the sequence
breakers of dry. Cases in which rounding decides what is kept are drawn again: a neighbouring parameter keeps the same.
"""
import ctypes
import json
import math
import sys

import llama_cpp as lib
import numpy as np

from cases import CASES, MARGIN, Draw, f32, has_ties, logits_of, recorded, repetitive, softmax


def apply(sampler, ids, logits):
    """Candidates left, in llama.cpp's order, and the place of the picked one."""
    data = np.zeros(len(ids), dtype=[("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])
    data["id"], data["logit"] = ids, logits
    array = lib.llama_token_data_array(
        ctypes.cast(data.ctypes.data, ctypes.POINTER(lib.llama_token_data)), len(ids), -1, False)
    lib.llama_sampler_apply(sampler, ctypes.byref(array))
    # xtc moves the pointer.
    start = (ctypes.addressof(array.data.contents) - data.ctypes.data) // data.itemsize
    left = data[start:start + array.size]
    return left["id"].copy(), left["logit"].copy(), array.selected


def chained(*samplers):
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    for sampler in samplers:
        lib.llama_sampler_chain_add(chain, sampler)
    return chain


def neighbours(parameters, sensitive):
    """The parameters with one of the sensitive ones a little smaller or larger."""
    for name in sensitive:
        for factor in (1 - MARGIN, 1 + MARGIN):
            if 0 < parameters[name] < 1 or "sigma" in name:
                yield {**parameters, name: parameters[name] * factor}


class Recorder:
    def __init__(self, seed):
        self.draw = Draw(seed)
        self.rng = self.draw.rng

    def result(self, build, parameters, history, logits, ids=None):
        sampler = build(parameters, len(logits))
        for token in history:
            lib.llama_sampler_accept(sampler, token)
        rows = apply(sampler, range(len(logits)) if ids is None else ids, logits)
        lib.llama_sampler_free(sampler)
        return rows

    def run(self, stage, largest, draw, build, history=None, sensitive=(), exact=(), cases=CASES, undefined=None):
        out = []
        edges = list(exact)
        while len(out) < cases:
            if edges:
                case, parameters = edges.pop()
                case = dict(case)
            else:
                case = self.draw.inputs(largest)
                parameters = draw(self.rng, case["count"])
                case["drawn"] = True
            logits = logits_of(case)
            if undefined and undefined(parameters, logits):
                continue
            case["parameters"] = parameters
            case["history"] = history(self.rng, len(logits)) if history else []
            ids, after, _ = self.result(build, parameters, case["history"], logits)
            if case.pop("drawn", False):
                kept = sorted(after[after > -np.inf])
                others = [self.result(build, p, case["history"], logits)[1] for p in neighbours(parameters, sensitive)]
                if any(len(kept) != np.sum(other > -np.inf) for other in others):
                    continue
            case.update(recorded(logits, ids, after))
            out.append(case)
        return {"stage": stage, "cases": out}

    def series(self, stage, draw, build, is_defined, steps=3):
        """Stages that select and learn from it: every step has its own logits and llama.cpp's own pick."""
        out = []
        while len(out) < CASES:
            first = self.draw.inputs(40)
            count = first["count"]
            parameters = draw(self.rng, count)
            sampler = build(parameters, count)
            case = {"count": count, "parameters": parameters, "steps": []}
            for _ in range(steps):
                step = {**self.draw.inputs(40), "count": count}
                logits = logits_of(step)
                ids, after, selected = apply(sampler, range(count), logits)
                step["selected"] = int(ids[selected])
                lib.llama_sampler_accept(sampler, step["selected"])
                step.update(recorded(logits, ids, after))
                case["steps"].append(step)
            lib.llama_sampler_free(sampler)
            if is_defined(case):
                out.append(case)
        return {"stage": stage, "cases": out}


def kept_of(step):
    if isinstance(step["kept"], list):
        return step["kept"]
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(step["kept"]), dtype=np.uint8), bitorder="little")
    return np.nonzero(bits)[0].tolist()


def mirostat_is_defined(case):
    """llama.cpp converts k to a C int; beyond its range (or NaN) the conversion is undefined, and so is the step."""
    tau, rate = case["parameters"]["mirostat_tau"], case["parameters"]["mirostat_eta"]
    mu, n = 2 * tau, case["count"]
    for step in case["steps"]:
        logits = logits_of(step)
        if n < 2 or step.get("ties") or has_ties(logits) or np.any(logits == -np.inf):
            return False
        p = np.sort(softmax(logits))[::-1]
        t = np.log(np.arange(2, n + 1) / np.arange(1, n))
        s = float((t * np.log(p[:-1] / p[1:])).sum() / (t * t).sum())
        k = ((s - 1) * 2 ** mu / (1 - n ** (1 - s))) ** (1 / s)
        if not k < 2 ** 31 - 1 or abs(k - round(k)) < 1e-3:
            return False
        kept = kept_of(step)
        q = softmax(logits[kept])
        mu -= rate * (-math.log2(q[kept.index(step["selected"])]) - tau)
    return True


def mirostat_v2_is_defined(case):
    """Not where rounding decides which candidate is the last, or which of equal ones it is."""
    tau, rate = case["parameters"]["mirostat_tau"], case["parameters"]["mirostat_eta"]
    mu = 2 * tau
    for step in case["steps"]:
        logits = logits_of(step)
        with np.errstate(divide="ignore"):
            surprises = -np.log2(softmax(logits))
        if step.get("ties") or np.any(np.abs(surprises - mu) < 1e-4):
            return False
        kept = kept_of(step)
        q = softmax(logits[kept])
        mu -= rate * (-math.log2(q[kept.index(step["selected"])]) - tau)
    return True


def breaker_sequences(vocab, words):
    """The token sequences that llama.cpp makes of sequence breakers."""
    def piece(token):
        buffer = ctypes.create_string_buffer(256)
        n = lib.llama_token_to_piece(vocab, token, buffer, 256, 0, True)
        return buffer.raw[:max(n, 0)]

    def tokenize(text):
        out = (lib.llama_token * 64)()
        n = lib.llama_tokenize(vocab, text, len(text), out, 64, False, False)
        return list(out[:n])

    found = []
    for token in range(lib.llama_vocab_n_tokens(vocab)):
        word = piece(token)
        for text in words:
            if text in word:
                found.append([token])
                continue
            for at in range(len(word)):
                i = 0
                while i < len(text) and at + i < len(word) and word[at + i] == text[i]:
                    i += 1
                if i > 0 and at + i == len(word):
                    entry = [token] + tokenize(text[i:])[:20]
                    if entry not in found:
                        found.append(entry)
    return found


def dry_with_breakers(recorder, vocab):
    rng = recorder.rng
    words = [b"\n", b":", b". T"]
    texts = (ctypes.c_char_p * len(words))(*words)
    sequences = breaker_sequences(vocab, words)
    longer = [s for s in sequences if len(s) > 1]

    def build(p, _):
        return lib.llama_sampler_init_dry(
            vocab, p["dry_multiplier"], p["dry_base"], p["dry_allowed_length"], p["dry_penalty_last_n"], texts,
            len(words))

    out = []
    for _ in range(CASES):
        # A small world of tokens, some of which begin or end breakers.
        some = rng.sample(sequences, 4) + rng.sample(longer, min(2, len(longer)))
        world = sorted({rng.randrange(200, 4000) for _ in range(8)} | {t for s in some for t in s})
        history = []
        length = rng.randint(0, 60)
        while len(history) < length:
            if len(history) > 4 and rng.random() < 0.6:
                start = rng.randrange(len(history) - 2)
                history += history[start:start + rng.randint(2, 12)]
            elif rng.random() < 0.3:
                history += rng.choice(some)
            else:
                history.append(rng.choice(world))
        p = {"dry_multiplier": f32(rng.uniform(0.1, 2)), "dry_base": f32(rng.uniform(1, 2)),
             "dry_allowed_length": rng.randint(1, 4), "dry_penalty_last_n": rng.choice([20, 64])}
        case = {"seed": rng.getrandbits(63), "count": len(world), "spread": 4}
        logits = logits_of(case)
        ids, after, _ = recorder.result(build, p, history, logits, world)
        places = [world.index(i) for i in ids]
        used = [s for s in sequences if s[0] in world]
        out.append({**case, "world": world, "breakers": used, "parameters": p, "history": history,
                    **recorded(logits, places, after)})
    return {"stage": "dry_breakers", "cases": out}


def draw_bias(rng, count):
    tokens = rng.sample(range(count), min(count, rng.randint(1, 6)))
    biases = [[t, f32(rng.uniform(-5, 5))] for t in tokens]
    if len(tokens) < count and rng.random() < 0.2:
        biases[0][1] = -1e6
    return {"logit_bias": biases}


def build_bias(p, count):
    entries = (lib.llama_logit_bias * len(p["logit_bias"]))(*[tuple(e) for e in p["logit_bias"]])
    return lib.llama_sampler_init_logit_bias(count, len(entries), entries)


def draw_penalties(r, _):
    return {"penalty_last_n": r.choice([1, 5, 16, 64, 200]),
            "repetition_penalty": r.choice([1.0, f32(r.uniform(0.5, 2))]),
            "frequency_penalty": r.choice([0.0, f32(r.uniform(-1, 1))]),
            "presence_penalty": r.choice([0.0, f32(r.uniform(-1, 1))])}


def build_penalties(p, n):
    return lib.llama_sampler_init_penalties(
        n, p["penalty_last_n"], p["repetition_penalty"], p["frequency_penalty"], p["presence_penalty"])


def draw_dry(r, _):
    return {"dry_multiplier": f32(r.uniform(0.1, 2)), "dry_base": r.choice([1.0, f32(r.uniform(1, 3)), 400.0]),
            "dry_allowed_length": r.choice([1, 1, 2, 2, 3, 5, 60]),
            "dry_penalty_last_n": r.choice([1, 4, 16, 64, 64, 200])}


def draw_chain(with_dry):
    """Parameters of a whole chain.

    llama.cpp's typical sampling takes the logarithm of 0 where a candidate has no probability left, and its order is
    undefined then: it is not drawn together with what does that. After top_n_sigma, llama.cpp's dynamic temperature
    and xtc's min_keep count candidates that are gone: neither is drawn together with it.
    """
    def draw(rng, count):
        sigma = rng.choice([-1.0, f32(rng.uniform(1, 3))])
        out = {
            "penalty_last_n": rng.choice([0, 8, 64]), "repetition_penalty": f32(rng.uniform(0.8, 1.5)),
            "frequency_penalty": f32(rng.uniform(0, 0.5)), "presence_penalty": f32(rng.uniform(0, 0.5)),
            "top_n_sigma": sigma, "top_k": rng.choice([0, 10, 40]),
            "typical_p": 1.0 if sigma > 0 else rng.choice([1.0, f32(rng.uniform(0.6, 1))]),
            "top_p": f32(rng.uniform(0.5, 1)), "min_p": f32(rng.uniform(0, 0.2)),
            "min_keep": 0 if sigma > 0 else rng.choice([0, 0, 1, 3]),
            "xtc_probability": rng.choice([0.0, 1.0]), "xtc_threshold": f32(rng.uniform(0.05, 0.5)),
            "temperature": rng.choice([0.0, f32(rng.uniform(0.3, 2))]),
            "dynatemp_range": 0.0 if sigma > 0 else rng.choice([0.0, f32(rng.uniform(0, 0.3))]),
            "dynatemp_exponent": f32(rng.uniform(0.5, 2)),
        }
        out.update(draw_bias(rng, count))
        out.update(with_dry(rng, count))
        if out["typical_p"] < 1:
            out["dry_multiplier"] = 0.0
            out["logit_bias"] = [[token, max(bias, -5.0)] for token, bias in out["logit_bias"]]
        return out
    return draw


def build_chain(vocab):
    """The order of llama.cpp's common_params_sampling, after the logit bias."""
    def build(p, count):
        return chained(
            build_bias(p, count), build_penalties(p, count), build_dry(vocab)(p, count),
            lib.llama_sampler_init_top_n_sigma(p["top_n_sigma"]), lib.llama_sampler_init_top_k(p["top_k"]),
            lib.llama_sampler_init_typical(p["typical_p"], p["min_keep"]),
            lib.llama_sampler_init_top_p(p["top_p"], p["min_keep"]),
            lib.llama_sampler_init_min_p(p["min_p"], p["min_keep"]),
            lib.llama_sampler_init_xtc(p["xtc_probability"], p["xtc_threshold"], p["min_keep"], 1),
            lib.llama_sampler_init_temp_ext(p["temperature"], p["dynatemp_range"], p["dynatemp_exponent"]))
    return build


def build_dry(vocab):
    return lambda p, n: lib.llama_sampler_init_dry(
        vocab, p["dry_multiplier"], p["dry_base"], p["dry_allowed_length"], p["dry_penalty_last_n"], None, 0)


# common_params_sampling's own values.
DEFAULTS = {
    "logit_bias": [], "penalty_last_n": 64, "repetition_penalty": 1.0, "frequency_penalty": 0.0,
    "presence_penalty": 0.0, "dry_multiplier": 0.0, "dry_base": 1.75, "dry_allowed_length": 2,
    "dry_penalty_last_n": 64, "top_n_sigma": -1.0, "top_k": 40, "typical_p": 1.0, "top_p": f32(0.95),
    "min_p": f32(0.05), "min_keep": 0, "xtc_probability": 0.0, "xtc_threshold": f32(0.1), "temperature": f32(0.8),
    "dynatemp_range": 0.0, "dynatemp_exponent": 1.0,
}


def equal(count):
    """All logits equal; powers of two have exact probabilities."""
    return {"seed": 1, "count": count, "spread": 0}


def spread(count, seed=5):
    return {"seed": seed, "count": count, "spread": 8}


def main():
    quiet = lib.llama_log_callback(lambda *_: None)
    lib.llama_log_set(quiet, ctypes.c_void_p(0))
    lib.llama_backend_init()
    parameters = lib.llama_model_default_params()
    parameters.vocab_only = True
    model = lib.llama_model_load_from_file(sys.argv[1].encode(), parameters)
    vocab = lib.llama_model_get_vocab(model)
    c = Recorder(20240817)
    keep = lambda r: r.choice([0, 0, 0, 1, 2, 5, 1000])
    tau = lambda r, n: {"mirostat_tau": f32(r.uniform(0.5, 6)), "mirostat_eta": f32(r.uniform(0.01, 1))}
    top_p = lambda p, k=0: {"top_p": f32(p), "min_keep": k}
    min_p = lambda p, k=0: {"min_p": f32(p), "min_keep": k}
    typical = lambda p, k=0: {"typical_p": f32(p), "min_keep": k}
    temperature = lambda t, r=0.0, e=1.0: {"temperature": f32(t), "dynatemp_range": f32(r), "dynatemp_exponent": f32(e)}
    build_temperature = lambda p, n: lib.llama_sampler_init_temp_ext(
        p["temperature"], p["dynatemp_range"], p["dynatemp_exponent"])
    bad_entropy = lambda p, logits: np.any(softmax(logits) < 1e-40)
    stages = [
        c.run("top_k", 400, lambda r, n: {"top_k": r.choice([-1, 0, 1, 2, 5, 40, 200, 500, 100000])},
              lambda p, n: lib.llama_sampler_init_top_k(p["top_k"]),
              exact=[(spread(5000), {"top_k": 300}), (spread(5000), {"top_k": 4999}), (spread(32000), {"top_k": 40}),
                     (spread(1), {"top_k": 1}), (equal(9), {"top_k": 4})]),
        c.run("top_p", 400, lambda r, n: top_p(r.uniform(0, 0.999), keep(r)),
              lambda p, n: lib.llama_sampler_init_top_p(p["top_p"], p["min_keep"]), sensitive=["top_p"],
              exact=[(equal(4), top_p(0.5)), (equal(8), top_p(0.125)), (equal(8), top_p(0.875, 3)), (spread(9), top_p(0)),
                     (spread(9), top_p(0, 4)), (spread(9), top_p(1)), (spread(9), top_p(1, 4)), (spread(1), top_p(0)),
                     (spread(6000), top_p(0.9)), ({**spread(6000), "spread": 1}, top_p(0.31))]),
        c.run("min_p", 400, lambda r, n: min_p(r.uniform(0.001, 1), keep(r)),
              lambda p, n: lib.llama_sampler_init_min_p(p["min_p"], p["min_keep"]), sensitive=["min_p"],
              exact=[(equal(4), min_p(1)), (spread(9), min_p(1)), (spread(9), min_p(1, 3)), (spread(9), min_p(0)),
                     (spread(9), min_p(1e-30)), (spread(1), min_p(1))]),
        c.run("typ_p", 120, lambda r, n: typical(r.uniform(0.05, 0.999), keep(r)),
              lambda p, n: lib.llama_sampler_init_typical(p["typical_p"], p["min_keep"]), sensitive=["typical_p"],
              exact=[(spread(9), typical(0)), (spread(9), typical(0, 4)), (spread(9), typical(1)), (spread(1), typical(0.5))],
              undefined=bad_entropy),
        c.run("top_n_sigma", 100, lambda r, n: {"top_n_sigma": r.choice([-1.0, 0.0, f32(r.uniform(0.1, 3))])},
              lambda p, n: lib.llama_sampler_init_top_n_sigma(p["top_n_sigma"]), sensitive=["top_n_sigma"],
              exact=[(equal(7), {"top_n_sigma": 1.0}), (spread(1), {"top_n_sigma": 1.0}), (spread(30), {"top_n_sigma": 100.0})]),
        c.run("temperature", 30, lambda r, n: temperature(r.choice([0.0, f32(r.uniform(0.05, 3)), 1e-3, 1e4])),
              build_temperature, exact=[(spread(9), temperature(1)), (spread(9), temperature(1e-9)),
                                        (equal(5), temperature(1e-7)), (spread(9), temperature(1e6))]),
        c.run("temperature", 30, lambda r, n: temperature(r.uniform(0.1, 2), r.uniform(0.05, 2), r.uniform(0.3, 3)),
              build_temperature, exact=[(spread(9), temperature(1, 1, 0)), (spread(1), temperature(0.5, 0.5)),
                                        (spread(9), temperature(0, 0.5)), (equal(6), temperature(0.4, 0.4))]),
        c.run("xtc", 60, lambda r, n: {"xtc_probability": r.choice([0.0, 1.0, 1.0, 1.0]),
                                       "xtc_threshold": f32(r.uniform(0.01, 0.6)), "min_keep": keep(r)},
              lambda p, n: lib.llama_sampler_init_xtc(p["xtc_probability"], p["xtc_threshold"], p["min_keep"], 1),
              sensitive=["xtc_threshold"],
              exact=[(equal(4), {"xtc_probability": 1.0, "xtc_threshold": 0.25, "min_keep": 0}),
                     (equal(4), {"xtc_probability": 1.0, "xtc_threshold": 0.25, "min_keep": 2}),
                     (equal(2), {"xtc_probability": 1.0, "xtc_threshold": 0.5, "min_keep": 0}),
                     (spread(9), {"xtc_probability": 1.0, "xtc_threshold": 0.0, "min_keep": 0})]),
        c.run("penalties", 40, draw_penalties, build_penalties, repetitive),
        c.run("dry", 26, draw_dry, build_dry(vocab), repetitive),
        c.run("logit_bias", 40, draw_bias, build_bias),
        dry_with_breakers(c, vocab),
        c.series("mirostat", tau, lambda p, n: lib.llama_sampler_init_mirostat(
            n, 7, p["mirostat_tau"], p["mirostat_eta"], 100), mirostat_is_defined),
        c.series("mirostat_v2", tau, lambda p, n: lib.llama_sampler_init_mirostat_v2(
            7, p["mirostat_tau"], p["mirostat_eta"]), mirostat_v2_is_defined),
        c.series("adaptive_p", lambda r, n: {"adaptive_target": f32(r.uniform(0, 1)),
                                             "adaptive_decay": f32(r.uniform(0, 0.99))},
                 lambda p, n: lib.llama_sampler_init_adaptive_p(p["adaptive_target"], p["adaptive_decay"], 7),
                 lambda case: True),
        c.run("chain", 200, draw_chain(draw_dry), build_chain(vocab), repetitive,
              sensitive=["top_p", "min_p", "typical_p", "top_n_sigma", "xtc_threshold"],
              undefined=lambda p, logits: p["typical_p"] < 1 and np.any(softmax(logits) < 1e-10)),
        c.run("default_chain", 400, lambda r, n: DEFAULTS, build_chain(vocab), repetitive, sensitive=["top_p", "min_p"],
              exact=[(spread(32000, s), DEFAULTS) for s in range(4)]),
    ]
    print(json.dumps({"source": f"llama.cpp through llama-cpp-python {lib.__version__}", "stages": stages},
                     separators=(",", ":")))


main()
