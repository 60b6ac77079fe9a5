#!/usr/bin/env python3
"""Records what llama.cpp's samplers do, for SamplingTests. Run: generate.py MODEL.gguf > stages.json

Needs llama-cpp-python and numpy. Any GGUF with a vocabulary will do; only its tokens are read, for the sequence
breakers of dry. Stages that llama.cpp lacks (epsilon, eta, n-grams) are computed here from transformers' definitions.

Logits are not stored: both sides make them from (seed, count) with SplitMix64. A result is the candidates left, by
id, and their probabilities.
"""
import ctypes
import json
import math
import random
import sys

import llama_cpp as lib
import numpy as np

CASES = 200
MASK = (1 << 64) - 1


def logits_of(seed, count, spread):
    state, out = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out.append(((z >> 40) / (1 << 24) - 0.5) * 2 * spread)
    return np.array(out, dtype=np.float32)


def apply(sampler, ids, logits):
    data = (lib.llama_token_data * len(ids))(*[(int(i), float(l), 0.0) for i, l in zip(ids, logits)])
    array = lib.llama_token_data_array(data, len(ids), -1, False)
    lib.llama_sampler_apply(sampler, ctypes.byref(array))
    rows = [(array.data[i].id, array.data[i].logit) for i in range(array.size)]
    selected = array.data[array.selected].id if 0 <= array.selected < array.size else None
    return rows, selected


def result(rows):
    rows = sorted((i, l) for i, l in rows if l != -math.inf)
    values = np.array([l for _, l in rows], dtype=np.float64)
    p = np.exp(values - values.max())
    p /= p.sum()
    return {"ids": [i for i, _ in rows], "p": [float(f"{x:.6g}") for x in p]}


def f32(x):
    return float(np.float32(x))


class Cases:
    def __init__(self, rng):
        self.rng = rng

    def inputs(self, largest):
        while True:
            count = self.rng.randint(1, 24) if self.rng.random() < 0.6 else self.rng.randint(25, largest)
            seed, spread = self.rng.getrandbits(63), self.rng.choice([1, 4, 8, 16])
            logits = logits_of(seed, count, spread)
            if len(set(logits.tolist())) == count:
                return {"seed": seed, "count": count, "spread": spread}, logits

    def run(self, stage, largest, draw, build, history=None):
        cases = []
        for _ in range(CASES):
            case, logits = self.inputs(largest)
            case["parameters"] = draw(self.rng, len(logits))
            case["history"] = history(self.rng, len(logits)) if history else []
            sampler = build(case["parameters"], len(logits))
            for token in case["history"]:
                lib.llama_sampler_accept(sampler, token)
            rows, _ = apply(sampler, range(len(logits)), logits)
            case.update(result(rows))
            lib.llama_sampler_free(sampler)
            cases.append(case)
        return {"stage": stage, "cases": cases}

    def series(self, stage, draw, build, is_defined=lambda *_: True, steps=5):
        """Stages that select and learn from it: every step has its own logits and llama.cpp's own pick."""
        cases = []
        while len(cases) < CASES // 4:
            count = self.rng.randint(2, 40)
            parameters = draw(self.rng, count)
            sampler = build(parameters, count)
            case = {"count": count, "parameters": parameters, "steps": []}
            for _ in range(steps):
                seed, spread = self.rng.getrandbits(63), self.rng.choice([1, 4, 8])
                rows, selected = apply(sampler, range(count), logits_of(seed, count, spread))
                lib.llama_sampler_accept(sampler, selected)
                case["steps"].append({"seed": seed, "spread": spread, "selected": selected, **result(rows)})
            lib.llama_sampler_free(sampler)
            if is_defined(case):
                cases.append(case)
        return {"stage": stage, "cases": cases}


def mirostat_is_defined(case):
    """llama.cpp converts k to a C int; beyond its range (or NaN) the conversion is undefined, and so is the step."""
    tau, rate = case["parameters"]["mirostat_tau"], case["parameters"]["mirostat_eta"]
    mu, n = 2 * tau, case["count"]
    for step in case["steps"]:
        p = np.sort(softmax(logits_of(step["seed"], n, step["spread"])))[::-1]
        t = np.log(np.arange(2, n + 1) / np.arange(1, n))
        s = float((t * np.log(p[:-1] / p[1:])).sum() / (t * t).sum())
        k = ((s - 1) * 2 ** mu / (1 - n ** (1 - s))) ** (1 / s)
        if not k < 2 ** 31 - 1 or abs(k - round(k)) < 1e-3:
            return False
        mu -= rate * (-math.log2(step["p"][step["ids"].index(step["selected"])]) - tau)
    return True


def repetitive(rng, count):
    """A history that repeats itself, so that penalties and dry have something to find."""
    out = []
    while len(out) < rng.randint(0, 90):
        if len(out) > 4 and rng.random() < 0.5:
            start = rng.randrange(len(out) - 2)
            out += out[start:start + rng.randint(2, 12)]
        else:
            out += [rng.randrange(count) for _ in range(rng.randint(1, 5))]
    return out


def breaker_sequences(model, vocab, words):
    """The token sequences that llama.cpp makes of sequence breakers (its get_overlapping_token_sequences)."""
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


def dry_with_breakers(rng, model, vocab, cases=60):
    words = [b"\n", b":", b". T"]
    texts = (ctypes.c_char_p * len(words))(*words)
    sequences = breaker_sequences(model, vocab, words)
    heads = [s for s in sequences]
    out = []
    for _ in range(cases):
        # A small world of tokens, some of which begin or end breakers.
        world = [rng.randrange(200, 4000) for _ in range(8)]
        some = rng.sample(heads, 4)
        longer = [s for s in heads if len(s) > 1]
        some += rng.sample(longer, min(2, len(longer)))
        world += [t for s in some for t in s]
        world = sorted(set(world))
        history = []
        while len(history) < 60:
            if len(history) > 4 and rng.random() < 0.6:
                start = rng.randrange(len(history) - 2)
                history += history[start:start + rng.randint(2, 12)]
            elif rng.random() < 0.3:
                history += rng.choice(some)
            else:
                history.append(rng.choice(world))
        p = {"dry_multiplier": f32(rng.uniform(0.1, 2)), "dry_base": f32(rng.uniform(1, 2)),
             "dry_allowed_length": rng.randint(1, 4), "dry_penalty_last_n": rng.choice([20, 64])}
        sampler = lib.llama_sampler_init_dry(
            vocab, p["dry_multiplier"], p["dry_base"], p["dry_allowed_length"], p["dry_penalty_last_n"], texts,
            len(words))
        for token in history:
            lib.llama_sampler_accept(sampler, token)
        seed = rng.getrandbits(63)
        rows, _ = apply(sampler, world, logits_of(seed, len(world), 4))
        lib.llama_sampler_free(sampler)
        used = [s for s in sequences if s[0] in world]
        out.append({"seed": seed, "count": len(world), "spread": 4, "world": world, "breakers": used,
                    "parameters": p, "history": history, **result(rows)})
    return {"stage": "dry_breakers", "cases": out}


def softmax(logits):
    e = np.exp(logits.astype(np.float64) - logits.max())
    return e / e.sum()


def computed(rng_cases, stage, largest, draw, keep, history=None):
    """Stages of transformers, from their definition."""
    cases = []
    for _ in range(CASES):
        case, logits = rng_cases.inputs(largest)
        case["parameters"] = draw(rng_cases.rng, len(logits))
        case["history"] = history(rng_cases.rng, len(logits)) if history else []
        kept = keep(case["parameters"], logits, case["history"])
        if not any(kept):
            continue
        case.update(result([(i, l) for i, l in enumerate(logits) if kept[i]]))
        cases.append(case)
    return {"stage": stage, "cases": cases}


def epsilon(p, logits, _):
    probs = softmax(logits)
    return [x >= p["epsilon_cutoff"] or x == probs.max() for x in probs]


def eta(p, logits, _):
    probs = softmax(logits)
    entropy = -sum(x * math.log(x) for x in probs)
    bound = min(p["eta_cutoff"], math.sqrt(p["eta_cutoff"]) * math.exp(-entropy))
    return [x >= bound or x == probs.max() for x in probs]


def ngrams(p, logits, history):
    n = p["no_repeat_ngram_size"]
    tail = history[len(history) - n + 1:] if n > 1 else []
    banned = {history[i + n - 1] for i in range(len(history) - n + 1) if history[i:i + n - 1] == tail}
    return [i not in banned for i in range(len(logits))]


def chain_of(p, count):
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    for sampler in [
        lib.llama_sampler_init_penalties(
            count, p["penalty_last_n"], p["repetition_penalty"], p["frequency_penalty"], p["presence_penalty"]),
        lib.llama_sampler_init_top_n_sigma(p["top_n_sigma"]), lib.llama_sampler_init_top_k(p["top_k"]),
        lib.llama_sampler_init_typical(p["typical_p"], p["min_keep"]),
        lib.llama_sampler_init_top_p(p["top_p"], p["min_keep"]),
        lib.llama_sampler_init_min_p(p["min_p"], p["min_keep"]),
        lib.llama_sampler_init_temp_ext(p["temperature"], p["dynatemp_range"], p["dynatemp_exponent"]),
    ]:
        lib.llama_sampler_chain_add(chain, sampler)
    return chain


def draw_bias(rng, count):
    tokens = rng.sample(range(count), min(count, 3))
    return {"logit_bias": [[t, f32(rng.uniform(-5, 5))] for t in tokens]}


def build_bias(p, count):
    entries = (lib.llama_logit_bias * len(p["logit_bias"]))(*[tuple(e) for e in p["logit_bias"]])
    return lib.llama_sampler_init_logit_bias(count, len(entries), entries)


def draw_chain(rng, _):
    # After top_n_sigma, llama.cpp's typical sampling takes the logarithm of 0, and its dynamic temperature counts
    # candidates that are gone: neither is drawn together with it.
    sigma = rng.choice([-1.0, f32(rng.uniform(1, 3))])
    return {
        "penalty_last_n": rng.choice([0, 8, 64]), "repetition_penalty": f32(rng.uniform(0.8, 1.5)),
        "frequency_penalty": f32(rng.uniform(0, 0.5)), "presence_penalty": f32(rng.uniform(0, 0.5)),
        "top_n_sigma": sigma, "top_k": rng.choice([0, 10, 40]),
        "typical_p": 1.0 if sigma > 0 else rng.choice([1.0, f32(rng.uniform(0.6, 1))]), "top_p": f32(rng.uniform(0.5, 1)),
        "min_p": f32(rng.uniform(0, 0.2)), "min_keep": rng.choice([0, 0, 1, 3]),
        "temperature": rng.choice([0.0, f32(rng.uniform(0.3, 2))]),
        "dynatemp_range": 0.0 if sigma > 0 else rng.choice([0.0, f32(rng.uniform(0, 0.3))]),
        "dynatemp_exponent": f32(rng.uniform(0.5, 2)),
    }


def main():
    quiet = lib.llama_log_callback(lambda *_: None)
    lib.llama_log_set(quiet, ctypes.c_void_p(0))
    lib.llama_backend_init()
    parameters = lib.llama_model_default_params()
    parameters.vocab_only = True
    model = lib.llama_model_load_from_file(sys.argv[1].encode(), parameters)
    vocab = lib.llama_model_get_vocab(model)
    rng = random.Random(20240817)
    c = Cases(rng)
    keep = lambda r: r.choice([0, 0, 1, 2, 5])
    stages = [
        c.run("top_k", 200, lambda r, n: {"top_k": r.choice([1, 2, 5, 40, 500])},
              lambda p, n: lib.llama_sampler_init_top_k(p["top_k"])),
        c.run("top_p", 300, lambda r, n: {"top_p": f32(r.uniform(0, 0.999)), "min_keep": keep(r)},
              lambda p, n: lib.llama_sampler_init_top_p(p["top_p"], p["min_keep"])),
        c.run("min_p", 300, lambda r, n: {"min_p": f32(r.uniform(0.001, 1)), "min_keep": keep(r)},
              lambda p, n: lib.llama_sampler_init_min_p(p["min_p"], p["min_keep"])),
        c.run("typ_p", 100, lambda r, n: {"typical_p": f32(r.uniform(0.05, 0.999)), "min_keep": keep(r)},
              lambda p, n: lib.llama_sampler_init_typical(p["typical_p"], p["min_keep"])),
        c.run("top_n_sigma", 60, lambda r, n: {"top_n_sigma": f32(r.uniform(0.1, 3))},
              lambda p, n: lib.llama_sampler_init_top_n_sigma(p["top_n_sigma"])),
        c.run("temperature", 30, lambda r, n: {"temperature": r.choice([0.0, f32(r.uniform(0.1, 3))])},
              lambda p, n: lib.llama_sampler_init_temp(p["temperature"])),
        c.run("temperature", 30,
              lambda r, n: {"temperature": f32(r.uniform(0.1, 2)), "dynatemp_range": f32(r.uniform(0.05, 1)),
                            "dynatemp_exponent": f32(r.uniform(0.3, 3))},
              lambda p, n: lib.llama_sampler_init_temp_ext(
                  p["temperature"], p["dynatemp_range"], p["dynatemp_exponent"])),
        c.run("xtc", 40, lambda r, n: {"xtc_probability": 1.0, "xtc_threshold": f32(r.uniform(0.01, 0.5)),
                                       "min_keep": keep(r)},
              lambda p, n: lib.llama_sampler_init_xtc(p["xtc_probability"], p["xtc_threshold"], p["min_keep"], 1)),
        c.run("penalties", 30,
              lambda r, n: {"penalty_last_n": r.choice([1, 5, 16, 64]), "repetition_penalty": f32(r.uniform(0.5, 2)),
                            "frequency_penalty": f32(r.uniform(-1, 1)), "presence_penalty": f32(r.uniform(-1, 1))},
              lambda p, n: lib.llama_sampler_init_penalties(
                  n, p["penalty_last_n"], p["repetition_penalty"], p["frequency_penalty"], p["presence_penalty"]),
              repetitive),
        c.run("dry", 30,
              lambda r, n: {"dry_multiplier": f32(r.uniform(0.1, 2)), "dry_base": f32(r.uniform(1, 3)),
                            "dry_allowed_length": r.randint(1, 5), "dry_penalty_last_n": r.choice([4, 16, 64, 200])},
              lambda p, n: lib.llama_sampler_init_dry(
                  vocab, p["dry_multiplier"], p["dry_base"], p["dry_allowed_length"], p["dry_penalty_last_n"], None, 0),
              repetitive),
        c.run("logit_bias", 30, draw_bias, build_bias),
        dry_with_breakers(rng, model, vocab),
        c.series("mirostat", lambda r, n: {"mirostat_tau": f32(r.uniform(0.5, 6)), "mirostat_eta": f32(r.uniform(0.01, 1))},
                 lambda p, n: lib.llama_sampler_init_mirostat(n, 7, p["mirostat_tau"], p["mirostat_eta"], 100),
                 mirostat_is_defined),
        c.series("mirostat_v2", lambda r, n: {"mirostat_tau": f32(r.uniform(0.5, 6)), "mirostat_eta": f32(r.uniform(0.01, 1))},
                 lambda p, n: lib.llama_sampler_init_mirostat_v2(7, p["mirostat_tau"], p["mirostat_eta"])),
        c.series("adaptive_p", lambda r, n: {"adaptive_target": f32(r.uniform(0, 1)), "adaptive_decay": f32(r.uniform(0, 0.99))},
                 lambda p, n: lib.llama_sampler_init_adaptive_p(p["adaptive_target"], p["adaptive_decay"], 7)),
        c.run("chain", 200, draw_chain, chain_of, repetitive),
        computed(c, "epsilon_cutoff", 60, lambda r, n: {"epsilon_cutoff": f32(r.uniform(1e-4, 0.3))}, epsilon),
        computed(c, "eta_cutoff", 60, lambda r, n: {"eta_cutoff": f32(r.uniform(1e-4, 0.9))}, eta),
        computed(c, "no_repeat_ngram", 30, lambda r, n: {"no_repeat_ngram_size": r.randint(1, 4)}, ngrams, repetitive),
    ]
    print(json.dumps({"source": f"llama.cpp through llama-cpp-python {lib.__version__}", "stages": stages},
                     separators=(",", ":")))


main()
