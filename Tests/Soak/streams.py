#!/usr/bin/env python3
"""Streams with cancels and killed clients, beside tokenizing and rendering; nothing may be lost or kept.

  streams.py FOLDER_OF_BINARIES MODEL.gguf [--streams 64] [--seconds 120] [--seed 1]

Each stream that is read to its end has the text that the same request gave on an idle daemon. Ends with status 1 when
one has not, when a call fails, or when descriptors, threads or memory of the daemon or a worker have grown by more
than the limits below.
"""
import argparse
import random
import subprocess
import sys
import threading
import time

import grpc

from daemon import Daemon

PROMPTS = 12
TOKENS = 48
CLIENT_SHARE = 0.05  # of the streams that a client of its own asks for, which is killed
CANCEL_SHARE = 0.4
SIDE_THREADS = 4
SETTLE_SECONDS = 10
WARM_UP_ROUNDS = 10
STEADY_KIB = 1024  # more than this from one round to the next, and there was still something to fill
# The Swift runtime keeps a pool of threads, which grows and shrinks by itself.
GROWTH = {"descriptors": 0, "threads": 4, "KiB": 4096}


class Soak:
    def __init__(self, daemon, options):
        self.daemon = daemon
        self.end = 0.0
        self.seed = options.seed
        self.done = {"whole": 0, "cancelled": 0, "killed": 0, "texts": 0}
        self.wrong = []
        self.lock = threading.Lock()
        self.twins = {}

    def request(self, number):
        return self.daemon.message("GenerateRequest", **{
            "model": self.daemon.name, "text": f"Chapter {number}. In the year {1800 + 7 * number},",
            "options": {"max_tokens": TOKENS, "sampling": {"seed": number}}})

    @staticmethod
    def text(stream):
        return "".join(response.text for response in stream)

    def count(self, what):
        with self.lock:
            self.done[what] += 1

    def fail(self, message):
        with self.lock:
            self.wrong.append(message)

    def stream(self, index):
        pick = random.Random(self.seed * 1000 + index)
        channel = self.daemon.connect()
        generate = self.daemon.call("Generation", "Generate", channel)
        while time.monotonic() < self.end:
            number = pick.randrange(PROMPTS)
            draw = pick.random()
            try:
                if draw < CLIENT_SHARE:
                    self.kill_client(pick, number)
                elif draw < CLIENT_SHARE + CANCEL_SHARE:
                    self.cancel(pick, generate(self.request(number)))
                else:
                    if (text := self.text(generate(self.request(number)))) != self.twins[number]:
                        self.fail(f"prompt {number}: {text!r} instead of {self.twins[number]!r}")
                    self.count("whole")
            except grpc.RpcError as error:
                self.fail(f"prompt {number}: {error.code().name} {error.details()}")
        channel.close()

    def cancel(self, pick, stream):
        for _ in range(pick.randrange(TOKENS)):
            if next(stream, None) is None:
                break
        stream.cancel()
        self.count("cancelled")

    def kill_client(self, pick, number):
        client = subprocess.Popen(
            [self.daemon.client, "generate", self.daemon.name, f"Chapter {number}.", "--max-tokens", "200"],
            env=self.daemon.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pick.random())
        client.kill()
        client.wait()
        self.count("killed")

    def texts(self, index):
        pick = random.Random(self.seed * 2000 + index)
        channel = self.daemon.connect()
        tokenize = self.daemon.call("Tokenizers", "Tokenize", channel)
        render = self.daemon.call("Templates", "Render", channel)
        while time.monotonic() < self.end:
            try:
                if pick.random() < 0.5:
                    tokenize(self.daemon.message("TokenizeRequest", model=self.daemon.name,
                                                 text=b"words and words " * pick.randrange(2000)))
                else:
                    render(self.daemon.message("RenderTemplateRequest", model=self.daemon.name,
                                               messages=[{"role": "user", "content": "hello " * pick.randrange(500)}]))
                self.count("texts")
            except grpc.RpcError as error:
                self.fail(f"beside: {error.code().name} {error.details()}")
        channel.close()

    def warm_up(self, streams, seconds):
        """Fills caches and pools, which then stay; on a busy machine that takes more than one round."""
        holdings = None
        for _ in range(WARM_UP_ROUNDS):
            last, holdings = holdings, (self.run(streams, seconds), self.daemon.holdings())[1]
            if last and all(holdings[pid]["KiB"] <= last[pid]["KiB"] + STEADY_KIB for pid in last):
                break
        return holdings

    def run(self, streams, seconds):
        self.end = time.monotonic() + seconds
        threads = [threading.Thread(target=self.stream, args=(i,)) for i in range(streams)]
        threads += [threading.Thread(target=self.texts, args=(i,)) for i in range(SIDE_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(SETTLE_SECONDS)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("products")
    arguments.add_argument("model")
    arguments.add_argument("--streams", type=int, default=64)
    arguments.add_argument("--seconds", type=float, default=120)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    daemon = Daemon(options.products, options.model)
    soak = Soak(daemon, options)
    generate = daemon.call("Generation", "Generate")
    soak.twins = {number: soak.text(generate(soak.request(number))) for number in range(PROMPTS)}
    before = soak.warm_up(options.streams, min(20, options.seconds))
    soak.run(options.streams, options.seconds)
    after = daemon.holdings()
    grown = []
    for pid in before:
        for what, limit in GROWTH.items():
            if pid not in after or after[pid][what] > before[pid][what] + limit:
                grown.append(f"process {pid}: {what}")
    status = daemon.stop()
    print(f"{soak.done}\nbefore {before}\nafter  {after}")
    for message in soak.wrong[:10] + grown:
        print("wrong:", message)
    print(f"{len(soak.wrong)} wrong or failed, {len(grown)} grown, the daemon's exit status {status};"
          f" its log: {daemon.folder}/log")
    sys.exit(1 if soak.wrong or grown or status != 0 else 0)


if __name__ == "__main__":
    main()
