#!/usr/bin/env python3
"""What the gateway costs: tokens a second through it beside those of gRPC, from the same daemon, in turns.

Usage: gateway.py MODEL BINARIES [STREAMS [TOKENS]], with the Python of `make python`
Both clients are one process that reads bytes and parses nothing, so that what differs is the way. BINARIES is a folder
with workbenchd, workbench and workbench-gateway. The last line is the ratio of the pairs' medians.
"""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import grpc
import grpc.aio

ROUNDS = int(os.environ.get("ROUNDS", "7"))
PROMPT = "Once upon a time, in a small village by a river, there lived"


def start(binaries, model, folder):
    address = f"unix:{folder}/socket"
    environment = {**os.environ, "XDG_STATE_HOME": folder}
    daemon = subprocess.Popen(
        [f"{binaries}/workbenchd", "--socket", f"{folder}/socket", "--log-level", "error"], env=environment)
    for _ in range(400):
        if os.path.exists(f"{folder}/socket"):
            break
        time.sleep(0.05)
    subprocess.run(
        [f"{binaries}/workbench", "load", model, "--name", "m", "--address", address], check=True,
        stdout=subprocess.DEVNULL)
    gateway = subprocess.Popen(
        [f"{binaries}/workbench-gateway", "--listen", "127.0.0.1:0", "--address", address, "--log-level", "error"],
        stdout=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)/", gateway.stdout.readline()).group(1))
    return daemon, gateway, address, port


def stubs(folder):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    subprocess.run([f"{root}/examples/python/generate.sh", sys.executable, folder], check=True, stdout=subprocess.DEVNULL)
    sys.path.insert(0, folder)
    from workbench.v1 import generation_pb2
    return generation_pb2


async def over_grpc(address, request, streams):
    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.unary_stream("/workbench.v1.Generation/Generate")

        async def one():
            async for _ in call(request):
                pass

        await one()
        begin = time.monotonic()
        await asyncio.gather(*[one() for _ in range(streams)])
        return time.monotonic() - begin


async def over_http(port, body, streams):
    head = f"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n\r\n"

    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        last = b""
        while b"[DONE]" not in last:
            data = await reader.read(1 << 16)
            if not data:
                raise SystemExit(f"the gateway ended the stream: {last[-300:]}")
            last = last[-16:] + data
        writer.close()

    await one()
    begin = time.monotonic()
    await asyncio.gather(*[one() for _ in range(streams)])
    return time.monotonic() - begin


def main():
    model, binaries = sys.argv[1:3]
    streams = int(sys.argv[3]) if len(sys.argv) > 3 else 16
    tokens = int(sys.argv[4]) if len(sys.argv) > 4 else 200
    with tempfile.TemporaryDirectory(prefix="workbench-bench.") as folder:
        api = stubs(folder + "/stubs")
        daemon, gateway, address, port = start(binaries, model, folder)
        try:
            request = api.GenerateRequest(
                model="m", text=PROMPT,
                options=api.GenerationOptions(max_tokens=tokens, ignore_end=True, sampling={"temperature": 0}))
            body = json.dumps({
                "model": "m", "prompt": PROMPT, "max_tokens": tokens, "ignore_eos": True, "temperature": 0,
                "stream": True}).encode()
            rates = {"gRPC": [], "gateway": []}
            for _ in range(ROUNDS):
                seconds = asyncio.run(over_grpc(address, request.SerializeToString(), streams))
                rates["gRPC"].append(streams * tokens / seconds)
                seconds = asyncio.run(over_http(port, body, streams))
                rates["gateway"].append(streams * tokens / seconds)
        finally:
            gateway.terminate()
            daemon.terminate()
            daemon.wait()
    for side, values in rates.items():
        print(f"{side:8} {statistics.median(values):9.1f} tokens a second, {streams} streams of {tokens}")
    ratios = [a / b for a, b in zip(rates["gateway"], rates["gRPC"])]
    print(f"ratio of pairs: median {statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}")


main()
