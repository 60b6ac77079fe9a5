#!/usr/bin/env python3
"""Sends made-up and mutated messages to every method that reflection lists, and sees that nothing ends.

  messages.py FOLDER_OF_BINARIES MODEL.gguf [--count 100000] [--seed 1]

Half of the messages have valid fields with values at and beyond their ranges, half are such messages with bytes
changed. Ends with status 1 when the daemon or a worker has ended, or when an answer blames the server (INTERNAL,
UNKNOWN, DATA_LOSS).
"""
import argparse
import collections
import concurrent.futures
import random
import sys
import threading

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor as Field

from daemon import Daemon

THREADS = 8
DEADLINE_SECONDS = 2
RESPONSES = 4  # of a stream; then it is cancelled
VALID_SHARE = 0.8  # of the names of models and templates
SHARES = [0.05, 0.2, 0.6]  # of the fields of a message that are set
OWN_FAULTS = {"INTERNAL", "UNKNOWN", "DATA_LOSS"}
SKIPPED = {"Drain", "Unload"}  # would end the daemon or the model, as asked

TEXTS = ["", "a", "user", "assistant", "system", "tool", "Hello there", "chatml", "greedy", "temperature", "top_p", "é한국어",
         "\u202e\u0000\x1b[2J", "{{ messages", "{% for m in messages %}{{ m.content }}{% endfor %}", "x" * 5000, "../../etc/passwd",
         "/dev/zero", "/dev/full", "/", "[]", "{\"a\": 1e999}", "[" * 600, "-1", "name@1", "@", "workbench.v1.Models"]
NUMBERS = [0, 1, 2, 7, 255, 65535, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1, -1, -2**31, -2**63]
REALS = [0.0, -0.0, 0.7, 1.0, -1.0, 1e-38, 1e38, float("nan"), float("inf"), float("-inf")]
RANGES = {Field.TYPE_INT32: (-2**31, 2**31 - 1), Field.TYPE_SINT32: (-2**31, 2**31 - 1), Field.TYPE_UINT32: (0, 2**32 - 1),
          Field.TYPE_INT64: (-2**63, 2**63 - 1), Field.TYPE_SINT64: (-2**63, 2**63 - 1), Field.TYPE_UINT64: (0, 2**64 - 1)}


class Maker:
    """Messages from one seed."""

    def __init__(self, seed, model):
        self.random = random.Random(seed)
        self.model = model
        self.names = {}
        self.share = 0

    def request(self, method):
        """For a method: with few fields, so that many of them are right together, or with most of them."""
        name = self.model if method.containing_service.name == "Models" else "chatml"
        self.names = {"model": self.model, "template": "chatml", "name": name, "role": "user"}
        self.share = self.random.choice(SHARES)
        return self.message(method.input_type)

    def value(self, field, depth):
        pick = self.random
        if field.type == Field.TYPE_MESSAGE:
            return self.message(field.message_type, depth + 1)
        if field.type == Field.TYPE_STRING:
            if field.name in self.names and pick.random() < VALID_SHARE:
                return self.names[field.name]
            return pick.choice(TEXTS)
        if field.type == Field.TYPE_BYTES:
            return pick.randbytes(pick.choice([0, 1, 30, 3000]))
        if field.type == Field.TYPE_BOOL:
            return pick.random() < 0.5
        if field.type == Field.TYPE_ENUM:
            return pick.choice([v.number for v in field.enum_type.values] + [99])
        if field.type in (Field.TYPE_FLOAT, Field.TYPE_DOUBLE):
            return pick.choice(REALS)
        low, high = RANGES[field.type]
        return min(max(pick.choice(NUMBERS), low), high)

    def message(self, descriptor, depth=0):
        made = message_factory.GetMessageClass(descriptor)()
        for field in descriptor.fields:
            share = VALID_SHARE if depth == 0 and field.name in self.names else self.share if depth < 4 else 0.1
            if self.random.random() > share:
                continue
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                self.fill_map(made, field, depth)
            elif field.is_repeated:
                values = [self.value(field, depth) for _ in range(self.random.choice([1, 1, 2, 5]))]
                getattr(made, field.name).extend(values)
            elif field.type == Field.TYPE_MESSAGE:
                getattr(made, field.name).CopyFrom(self.value(field, depth))
            else:
                setattr(made, field.name, self.value(field, depth))
        return made

    def fill_map(self, made, field, depth):
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        entries = getattr(made, field.name)
        if value.type == Field.TYPE_MESSAGE:
            entries[self.value(key, depth)].CopyFrom(self.value(value, depth))
        else:
            entries[self.value(key, depth)] = self.value(value, depth)

    def changed(self, data):
        data = bytearray(data)
        for _ in range(self.random.choice([1, 1, 2, 8])):
            place = self.random.randrange(len(data) + 1)
            kind = self.random.randrange(3)
            if kind == 0 and place < len(data):
                data[place] = self.random.randrange(256)
            elif kind == 1:
                data[place:place] = self.random.randbytes(self.random.choice([1, 4, 40]))
            else:
                del data[place:place + self.random.choice([1, 4, 40])]
        return bytes(data)


class Run:
    """What has been sent, by method and status."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.statuses = collections.Counter()
        self.faults = []
        self.lock = threading.Lock()
        self.methods = [
            method for service in daemon.services for method in daemon.pool.FindServiceByName(service).methods
            if method.name not in SKIPPED]

    def send(self, channel, method, data):
        path = f"/{method.containing_service.full_name}/{method.name}"
        try:
            if method.client_streaming:
                self.read(channel.stream_stream(path)(iter([data]), timeout=DEADLINE_SECONDS))
            elif method.server_streaming:
                self.read(channel.unary_stream(path)(data, timeout=DEADLINE_SECONDS))
            else:
                channel.unary_unary(path)(data, timeout=DEADLINE_SECONDS)
            return "OK", ""
        except grpc.RpcError as error:
            return error.code().name, error.details()

    @staticmethod
    def read(stream):
        for count, _ in enumerate(stream, 1):
            if count == RESPONSES:
                stream.cancel()
                return

    def work(self, seed, count):
        channel = self.daemon.connect()
        maker = Maker(seed, self.daemon.name)
        for index in range(count):
            method = maker.random.choice(self.methods)
            data = maker.request(method).SerializeToString()
            if maker.random.random() < 0.5:
                data = maker.changed(data)
            status, details = self.send(channel, method, data)
            with self.lock:
                self.statuses[method.full_name, status] += 1
                if status in OWN_FAULTS:
                    self.faults.append(f"seed {seed} message {index} {method.full_name}: {status} {details}")
        channel.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("products")
    arguments.add_argument("model")
    arguments.add_argument("--count", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    daemon = Daemon(options.products, options.model)
    before = daemon.holdings()
    run = Run(daemon)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
        done = [threads.submit(run.work, options.seed * 1000 + i, options.count // THREADS) for i in range(THREADS)]
        for each in done:
            each.result()
    for (method, status), count in sorted(run.statuses.items()):
        print(f"{count:8} {status:20} {method}")
    after = daemon.holdings()
    print(f"before {before}\nafter  {after}")
    ended = [pid for pid in before if pid not in after]
    status = daemon.stop()
    for fault in run.faults[:20]:
        print(fault)
    print(f"{sum(run.statuses.values())} messages, seed {options.seed}: {len(run.faults)} blamed on the server,"
          f" {len(ended)} processes ended, the daemon's exit status {status}; its log: {daemon.folder}/log")
    sys.exit(1 if run.faults or ended or status != 0 else 0)


if __name__ == "__main__":
    main()
