#!/usr/bin/env python3
"""The gaps of a stream while clients have texts worked on.

Usage: text_work.py MODEL BINARIES [CLIENTS [KIND...]], with the stubs of examples/python in PYTHONPATH.
BINARIES is a folder with workbenchd. For each KIND of work CLIENTS (8) ask for it again and again, and the gaps between the
tokens of a stream are measured without them and beside them: the longest, the 99th percentile and the median, in
milliseconds. The clients do not look at the answers, so that what is measured is the daemon's work.
"""

import os
import subprocess
import sys
import tempfile
import time

import grpc
from workbench.v1 import generation_pb2, generation_pb2_grpc, models_pb2, models_pb2_grpc, templates_pb2, tokenizers_pb2

TOKENS = 400
ROUNDS = 2
SETTLE_SECONDS = 3
TEXT = ("It was the best of times, it was the worst of times; 12,345 of them. " * 48000)[: 3 << 20]
LOOPS = "{% for i in range(100000) %}{% for j in range(100000) %}{% set x = i * j %}{% endfor %}{% endfor %}"
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]


def message(text):
    return generation_pb2.Message(role="user", content=text)


# What is asked for: the method, and a function that makes the request.
KINDS = {
    "tokenize": ("Tokenizers/Tokenize", lambda: tokenizers_pb2.TokenizeRequest(model="m", text=TEXT.encode())),
    "detokenize": ("Tokenizers/Detokenize", lambda: tokenizers_pb2.DetokenizeRequest(
        model="m", ids=[300 + number % 40000 for number in range(1200000)])),
    "render": ("Templates/Render", lambda: templates_pb2.RenderTemplateRequest(
        model="m", messages=[message(TEXT[:700])] * 4500)),
    "many messages": ("Templates/Render", lambda: templates_pb2.RenderTemplateRequest(
        model="m", messages=[message("a")] * 250000)),
    "endless loops": ("Templates/Render", lambda: templates_pb2.RenderTemplateRequest(
        model="m", source=LOOPS, messages=[message("a")])),
    "check": ("Templates/Check", lambda: templates_pb2.CheckTemplateRequest(
        model="m", source="{% if a %}b{% endif %}{{ messages[0].content }}" * 5500)),
    "short texts": ("Tokenizers/Tokenize", lambda: tokenizers_pb2.TokenizeRequest(model="m", text=TEXT[:60000].encode())),
}


def ask(address, kind):
    """Asks for one kind of work until the process is killed; refusals, as of endless loops, are answers too."""
    method, make = KINDS[kind]
    data = make().SerializeToString()
    call = grpc.insecure_channel(address, OPTIONS).unary_unary(f"/workbench.v1.{method}")
    while True:
        try:
            call(data)
        except grpc.RpcError:
            pass


def gaps(channel):
    """The times between the tokens of a stream, in milliseconds, without the first."""
    found = []
    request = generation_pb2.GenerateRequest(
        model="m", text="Once upon a time",
        options=generation_pb2.GenerationOptions(max_tokens=TOKENS, ignore_end=True))
    request.options.sampling.temperature = 0
    for _ in range(ROUNDS):
        times = [time.monotonic() for _ in generation_pb2_grpc.GenerationStub(channel).Generate(request)]
        found += [(b - a) * 1000 for a, b in zip(times[1:], times[2:])]
    return sorted(found)


def show(name, values):
    print(f"{name:28}{values[-1]:10.1f}{values[len(values) * 99 // 100]:10.1f}{values[len(values) // 2]:10.1f}", flush=True)


def wait_for_model(channel):
    models = models_pb2_grpc.ModelsStub(channel)
    while not any(model.state == models_pb2.MODEL_STATE_READY for model in models.List(
            models_pb2.ListModelsRequest(), wait_for_ready=True).models):
        time.sleep(0.2)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    model, binaries = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    with tempfile.TemporaryDirectory(prefix="workbench-bench.") as folder:
        address = f"unix:{folder}/socket"
        daemon = subprocess.Popen(
            [f"{binaries}/workbenchd", "--socket", address[5:], "--model", f"{model}=m", "--log-level", "error"],
            env={**os.environ, "XDG_STATE_HOME": folder})
        channel = grpc.insecure_channel(address, OPTIONS)
        wait_for_model(channel)
        gaps(channel)
        print(f"{'milliseconds':28}{'longest':>10}{'99 %':>10}{'median':>10}")
        for kind in sys.argv[4:] or KINDS:
            show("alone", gaps(channel))
            clients = [subprocess.Popen([sys.executable, __file__, "--ask", address, kind]) for _ in range(count)]
            time.sleep(SETTLE_SECONDS)
            show(f"beside {count}: {kind}", gaps(channel))
            for client in clients:
                client.kill()
            for client in clients:
                client.wait()
        daemon.terminate()
        daemon.wait()


if sys.argv[1:2] == ["--ask"]:
    ask(*sys.argv[2:])
else:
    main()
