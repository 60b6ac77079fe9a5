#!/usr/bin/env python3
"""How far our logits and llama.cpp's are from those of the same weights computed exactly, for every weight type.

  fidelity.py MODEL.gguf --engine .build/release/InferenceBenchmark [--passages 8] [--text FILE] [--threads 2]
              [--types Q4_1,Q4_K]

Of each file and side: the mean and the 99th percentile over the tokens of all passages of the KL divergence from the
reference (nats, sum of p log p/q), and the share of tokens whose likeliest successor is the reference's. Each passage
starts afresh, because what is rounded at its first tokens is seen by all that follow: a passage is one observation. The
first line is MODEL itself; the others have its weights, dequantised, in a network of equal function whose rows are
padded to multiples of 256, and quantised by llama.cpp. Ends with status 1 when ours is further away than llama.cpp's
by more than noise.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np

import models
import peer
import reference

TEXT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../InferenceTests/Fixtures/public_domain.txt")
CHECKED = 64  # tokens on which the reference is compared with llama.cpp in F32
AGREEMENT = 1e-6  # mean KL divergence that the two may have
PASSAGE = 250  # tokens of a passage
# Ours may be above llama.cpp's mean by this many standard errors of the passages' differences: where both round
# activations to 8 bits, a passage's divergence is a draw from the same distribution, once for each.
STANDARD_ERRORS = 2


def described(divergences, agree):
    """Mean, 99th percentile and share of equal first choices."""
    return f"  {divergences.mean():9.2e} {np.percentile(divergences, 99):9.2e} {agree.mean():8.2%}"


def ours(options, path, tokens, folder):
    """Our logits after each token."""
    out = os.path.join(folder, "logits")
    subprocess.run([options.engine, path, "--threads", str(options.threads), "--tokens", ",".join(map(str, tokens)),
                    "--logits", out], check=True)
    logits = np.fromfile(out, dtype="<f4").reshape(len(tokens), -1)
    os.remove(out)
    return logits


def theirs(options, path, tokens, exact=False):
    model = peer.Model(path, max(512, len(tokens)), options.threads, exact)
    logits = model.logits(tokens)
    model.close()
    return logits


def check_reference(options, path, tokens, folder):
    """The reference beside llama.cpp on the same weights in F32: neither is ours."""
    wide = os.path.join(folder, "wide.gguf")
    models.widen(path, wide)
    exact = reference.Network(path).logits(tokens)
    other = theirs(options, wide, tokens, exact=True)
    os.remove(wide)
    divergences, agree = reference.compare(exact, other)
    mean = divergences.mean()
    print(f"reference beside llama.cpp on the F32 weights, {len(tokens)} tokens: mean KL {mean:.1e}, largest difference"
          f" of logits {np.abs(other - exact).max():.1e}, same first choice {agree.mean():.1%}")
    if not mean < AGREEMENT:
        sys.exit(f"the reference is not to be trusted: its mean KL divergence is not below {AGREEMENT}")


def row(options, name, path, passages, folder):
    """Prints one line; returns whether ours is as near as theirs."""
    network = reference.Network(path)
    own, other = [], []
    for tokens in passages:
        exact = network.logits(tokens)
        own.append(reference.compare(exact, ours(options, path, tokens, folder)))
        other.append(reference.compare(exact, theirs(options, path, tokens)))
    differences = np.array([a.mean() - b.mean() for (a, _), (b, _) in zip(own, other)])
    error = differences.std(ddof=1) / np.sqrt(len(passages))
    is_near = differences.mean() <= STANDARD_ERRORS * error
    own, other = ([np.concatenate(part) for part in zip(*side)] for side in (own, other))
    print(f"{name:8}{described(*own)}{described(*other)}  {own[0].mean() / other[0].mean():5.2f}"
          f" {error / other[0].mean():5.2f}{'' if is_near else '  further away'}", flush=True)
    return is_near


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("model")
    arguments.add_argument("--engine", required=True)
    arguments.add_argument("--passages", type=int, default=8)
    arguments.add_argument("--text", default=TEXT)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--types", default=",".join(peer.FILE_TYPES))
    options = arguments.parse_args()
    model = peer.Model(options.model, 512, options.threads)
    tokens = model.tokenize(open(options.text).read())
    model.close()
    passages = [tokens[start:start + PASSAGE] for start in range(0, len(tokens) - PASSAGE + 1, PASSAGE)]
    passages = passages[:options.passages]
    if len(passages) < 2:
        sys.exit(f"{options.text} has {len(tokens)} tokens; two passages of {PASSAGE} are the least")
    with tempfile.TemporaryDirectory() as folder:
        check_reference(options, options.model, passages[0][:CHECKED], folder)
        print(f"{len(passages)} passages of {PASSAGE} tokens; mean KL, 99th percentile, same first choice, of ours, then"
              " of llama.cpp; ratio of the means, and the standard error of their difference in the same unit")
        far = [] if row(options, "the file", options.model, passages, folder) else ["the file"]
        padded = os.path.join(folder, "padded.gguf")
        models.pad(options.model, padded)
        for name in options.types.split(","):
            path = os.path.join(folder, name + ".gguf")
            peer.quantize(padded, path, name, options.threads)
            if not row(options, name, path, passages, folder):
                far.append(name)
            os.remove(path)
    if far:
        sys.exit(f"further from the exact logits than llama.cpp: {', '.join(far)}")


if __name__ == "__main__":
    main()
