#!/usr/bin/env python3
"""What a generated token costs on its way from the engine to the terminal: processor time of daemon and client.

Usage: token_path.py MODEL BINARIES [OTHER_BINARIES ...]
Each BINARIES is a folder with workbenchd and workbench. Several are measured in turn, round by round, and the medians
stand beside each other. The worker's time is left out: nearly all of it is the network.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 7
TOKENS = 600
OPTIONS = ["--max-tokens", str(TOKENS), "--ignore-end", "--temperature", "0"]


def nanoseconds(pid):
    """Time on a processor of every thread of a process, finer than the clock tick."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass
    return total


class Side:
    """A daemon with one model, and its client."""

    def __init__(self, binaries, model, extra):
        self.binaries = binaries
        self.folder = tempfile.TemporaryDirectory(prefix="workbench-bench.")
        self.address = f"{self.folder.name}/socket"
        self.daemon = subprocess.Popen(
            [f"{binaries}/workbenchd", "--socket", self.address, "--log-level", "error"],
            env={**os.environ, "XDG_STATE_HOME": self.folder.name})
        for _ in range(200):
            if os.path.exists(self.address):
                break
            time.sleep(0.05)
        else:
            self.stop()
            sys.exit(f"{binaries}/workbenchd does not listen")
        self.client("load", model, "--name", "m", *extra)
        self.cost = {"daemon": [], "client": [], "rate": []}

    def client(self, *arguments):
        subprocess.run(
            [f"{self.binaries}/workbench", *arguments, "--address", f"unix:{self.address}"], check=True,
            stdout=subprocess.DEVNULL)

    def measure(self):
        before, start = nanoseconds(self.daemon.pid), time.monotonic()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.client("generate", "Once upon a time", *OPTIONS)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cost["rate"].append(TOKENS / (time.monotonic() - start))
        self.cost["daemon"].append((nanoseconds(self.daemon.pid) - before) / 1000 / TOKENS)
        spent = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
        self.cost["client"].append(spent * 1e6 / TOKENS)

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait()
        self.folder.cleanup()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    model = sys.argv[1]
    extra = os.environ.get("TOKEN_PATH_LOAD", "").split()
    sides = [Side(folder, model, extra if index else []) for index, folder in enumerate(sys.argv[2:])]
    for side in sides:
        side.measure()
        side.cost = {key: [] for key in side.cost}
    for _ in range(ROUNDS):
        for side in sides:
            side.measure()
    print(f"{'µs of processor time a token':52}{'daemon':>9}{'client':>9}{'tok/s':>9}")
    for side in sides:
        medians = {key: statistics.median(values) for key, values in side.cost.items()}
        print(f"{side.binaries:52}{medians['daemon']:9.1f}{medians['client']:9.1f}{medians['rate']:9.1f}")
        side.stop()


main()
