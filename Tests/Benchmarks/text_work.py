#!/usr/bin/env python3
"""The longest gaps of a stream while clients tokenize long texts beside it.

Usage: text_work.py MODEL BINARIES [CLIENTS]
BINARIES is a folder with workbenchd and workbench; CLIENTS (8) tokenize a text of 2 MiB again and again. The gaps of the
stream's tokens are measured without them and beside them: the longest, the 99th percentile and the median, in milliseconds.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time

TOKENS = 300
TEXT = ("It was the best of times, it was the worst of times; 12,345 of them. " * 32000)[: 2 << 20]


def gaps(client):
    """The times between the pieces of a stream, in milliseconds, without the first."""
    process = subprocess.Popen(
        client("generate", "Once upon a time", "--max-tokens", str(TOKENS), "--ignore-end", "--temperature", "0"),
        stdout=subprocess.PIPE, bufsize=0)
    times = []
    while os.read(process.stdout.fileno(), 1 << 16):
        times.append(time.monotonic())
    process.wait()
    return sorted((b - a) * 1000 for a, b in zip(times[1:], times[2:]))


def show(name, values):
    print(f"{name:24}{values[-1]:12.1f}{values[len(values) * 99 // 100]:12.1f}{values[len(values) // 2]:12.1f}")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    model, binaries = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    with tempfile.TemporaryDirectory(prefix="workbench-bench.") as folder:
        address, text = f"{folder}/socket", f"{folder}/text"
        with open(text, "w") as file:
            file.write(TEXT)
        daemon = subprocess.Popen([f"{binaries}/workbenchd", "--socket", address, "--log-level", "error"],
                                  env={**os.environ, "XDG_STATE_HOME": folder})
        client = lambda *words: [f"{binaries}/workbench", *words, "--address", f"unix:{address}"]
        while not os.path.exists(address) and daemon.poll() is None:
            time.sleep(0.05)
        subprocess.run(client("load", model, "--name", "m"), check=True, stdout=subprocess.DEVNULL)
        gaps(client)
        alone = gaps(client)
        stop = threading.Event()

        def tokenize():
            while not stop.is_set():
                with open(text) as file:
                    subprocess.run(client("tokenize"), stdin=file, stdout=subprocess.DEVNULL, check=True)

        threads = [threading.Thread(target=tokenize) for _ in range(count)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        beside = gaps(client)
        stop.set()
        for thread in threads:
            thread.join()
        daemon.terminate()
        daemon.wait()
    print(f"{'milliseconds':24}{'longest':>12}{'99 %':>12}{'median':>12}")
    show("alone", alone)
    show(f"beside {count} clients", beside)


main()
