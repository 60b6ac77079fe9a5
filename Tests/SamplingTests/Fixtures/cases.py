"""What both recorders share: logits from a seed, how a case is drawn, and how a result is written down.

Logits are not stored: both sides make them from (seed, count, spread, step, banned) with SplitMix64. A result is the
candidates left, by id, and their logits where they differ from those that went in.
"""
import base64
import random

import numpy as np

CASES = 220
MARGIN = 2e-5


def mixed(seed, count):
    """The first outputs of SplitMix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def logits_of(case):
    """Uniform in ±spread; in steps (so that there are ties) and with banned ones, where the case says so."""
    z = mixed(case["seed"], case["count"])
    x = ((z >> np.uint64(40)) / (1 << 24) - 0.5) * 2 * case["spread"]
    if case.get("step"):
        x = np.floor(x / case["step"]) * case["step"]
    out = x.astype(np.float32)
    if case.get("banned"):
        gone = (z & np.uint64(7)) < np.uint64(case["banned"])
        gone[case["seed"] % case["count"]] = False
        out[gone] = -np.inf
    return out


def f32(x):
    return float(np.float32(x))


def softmax(logits):
    e = np.exp(logits.astype(np.float64) - np.max(logits))
    return e / e.sum()


class Draw:
    """Random inputs: mostly few candidates, some many; different logits, ties, all equal, some impossible."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def inputs(self, largest):
        r = self.rng
        kind = r.choices(["plain", "tied", "equal", "banned", "single"], [70, 10, 6, 10, 4])[0]
        count = r.randint(1, 24) if r.random() < 0.6 else r.randint(25, largest)
        case = {"seed": r.getrandbits(63), "count": 1 if kind == "single" else count,
                "spread": r.choice([1, 4, 8, 16])}
        if kind == "tied":
            case["step"] = r.choice([0.5, 1, 2])
        if kind == "equal":
            case["spread"] = 0
        if kind == "banned":
            case["banned"] = r.randint(1, 6)
        return case


def has_ties(logits):
    possible = logits[logits > -np.inf]
    return len(np.unique(possible)) < len(possible)


def recorded(before, ids, logits):
    """Candidates above -∞ by id; the field `ties` when another choice among equal logits would have been as right."""
    rows = sorted((int(i), np.float32(l)) for i, l in zip(ids, logits) if l > -np.inf)
    kept = [i for i, _ in rows]
    values = np.array([l for _, l in rows], dtype=np.float32)
    out = {}
    bits = np.zeros(len(before), dtype=np.uint8)
    bits[kept] = 1
    out["kept"] = kept if len(kept) * 3 < len(before) / 4 else np.packbits(bits, bitorder="little").tobytes().hex()
    if not np.array_equal(values.view(np.uint32), before[kept].view(np.uint32)):
        out["logits"] = base64.b64encode(values.astype("<f4").tobytes()).decode()
    gone = np.setdiff1d(np.nonzero(before > -np.inf)[0], kept)
    if np.intersect1d(before[gone], before[kept]).size:
        out["ties"] = True
    return out


def repetitive(rng, count):
    """A history that repeats itself, so that penalties, dry and n-grams have something to find; empty now and then."""
    if rng.random() < 0.05:
        return []
    length = rng.randint(1, 90)
    if rng.random() < 0.05:
        return [rng.randrange(count)] * length
    out = []
    while len(out) < length:
        if len(out) > 4 and rng.random() < 0.5:
            start = rng.randrange(len(out) - 2)
            out += out[start:start + rng.randint(2, 12)]
        else:
            out += [rng.randrange(count) for _ in range(rng.randint(1, 5))]
    return out
