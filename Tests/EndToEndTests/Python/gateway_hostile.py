"""Bodies, readers and connections that are wrong, slow or too many, while a good client is answered.

Usage: gateway_hostile.py HOST:PORT MODEL GATEWAY_PROCESS
"""

import http.client
import json
import socket
import sys
import threading
import time

place, model, process = sys.argv[1], sys.argv[2], int(sys.argv[3])
host, port = place.split(":")
chat = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4, "temperature": 0}


def request(method, path, body=None, headers=None, timeout=600):
    connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, dict((k.lower(), v) for k, v in response.getheaders()), data


def good():
    status, _, data = request("POST", "/v1/chat/completions", chat)
    assert status == 200 and json.loads(data)["choices"][0]["finish_reason"], (status, data)


def resident():
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * 4096


def error(status, body, path="/v1/chat/completions", headers=None, words=()):
    got, fields, data = request("POST", path, body, headers)
    assert got == status, (got, data[:300])
    assert "json" in fields["content-type"] and fields["x-content-type-options"] == "nosniff"
    told = json.loads(data)["error"]
    assert told["message"] and told["type"], told
    assert all(word in told["message"] for word in words), told
    return told


def check_bodies():
    error(400, "", words=["JSON"])
    error(400, "no json", words=["JSON", "line 1"])
    error(400, "[]", words=["object"])
    error(400, '{"model": "a", "model": "b"}', words=["JSON"])
    error(400, "{" * 20_000, words=["JSON"])
    error(400, '{"messages":' + "[" * 5_000 + "]" * 5_000 + "}")
    error(400, b'{"model": "\xff\xfe"}')
    error(400, {**chat, "messages": "Hi"}, words=["messages"])
    error(400, {**chat, "messages": [{"role": "user", "content": 5}]}, words=["content"])
    error(400, {**chat, "max_tokens": 1e300}, words=["max_tokens"])
    error(400, {**chat, "stop": {"a": 1}}, words=["stop"])
    error(413, b" " * (9 << 20), words=["8 MiB"])
    error(413, (b" " * (1 << 16) for _ in range(200)), headers={"Transfer-Encoding": "chunked"})
    error(404, {}, path="/v1/nothing", words=["/v1/nothing"])
    error(404, {}, path="/api/workbench.v1.Models/Nothing")
    error(400, '{"nothing": 1}', path="/api/workbench.v1.Models/List")
    error(403, "{}", path="/api/workbench.v1.Templates/Put", words=["manage"])
    good()


def check_origins():
    # A name that leads here, as an attacker's may, and a page of another origin.
    error(403, chat, headers={"Host": "attacker.example"}, words=["attacker.example"])
    error(403, chat, headers={"Origin": "https://attacker.example"}, words=["attacker.example"])
    status, fields, _ = request("OPTIONS", "/v1/chat/completions", headers={"Origin": "https://attacker.example"})
    assert status == 403 and "access-control-allow-origin" not in fields
    status, _, _ = request("POST", "/v1/chat/completions", chat, {"Origin": f"http://{place}"})
    assert status == 200, status


def active():
    _, _, data = request("POST", "/api/workbench.v1.Models/List", {})
    return json.loads(data)["models"][0].get("engine", {}).get("active_sequences", 0)


def until(condition, what):
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(what)


def open_stream(tokens=20_000):
    body = json.dumps({**chat, "max_tokens": tokens, "ignore_eos": True, "stream": True})
    client = socket.create_connection((host, int(port)))
    client.sendall(
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {place}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    assert client.recv(12) == b"HTTP/1.1 200"
    return client


def check_readers():
    """A client that goes away, mid-stream or while it waits for a whole answer, ends its generation."""
    client = open_stream()
    until(lambda: active() == 1, "the stream never ran")
    client.close()
    until(lambda: active() == 0, "the generation of a client that is gone goes on")
    body = json.dumps({**chat, "max_tokens": 20_000, "ignore_eos": True})
    client = socket.create_connection((host, int(port)))
    client.sendall(
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {place}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    until(lambda: active() == 1, "the answer never ran")
    client.close()
    until(lambda: active() == 0, "the generation of a client that is gone goes on")
    slow = [open_stream() for _ in range(4)]
    for _ in range(5):
        good()
    for client in slow:
        client.close()
    until(lambda: active() == 0, "the generations of readers that never read go on")


def check_slow_requests():
    """Requests that come byte by byte hold nobody up."""
    stop = threading.Event()

    def dribble():
        client = socket.create_connection((host, int(port)))
        for byte in f"POST /v1/chat/completions HTTP/1.1\r\nHost: {place}\r\nContent-Length: 100000\r\n\r\n".encode():
            if stop.is_set():
                break
            try:
                client.send(bytes([byte]))
            except OSError:
                break
            time.sleep(0.02)
        stop.wait()
        client.close()

    threads = [threading.Thread(target=dribble) for _ in range(50)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        good()
    stop.set()
    for thread in threads:
        thread.join()
    # A header that never ends is refused.
    client = socket.create_connection((host, int(port)))
    try:
        client.sendall(b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: %s\r\n" % (i, b"y" * 100) for i in range(5000)))
        assert client.recv(12) in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"")
    except OSError:
        pass
    client.close()
    good()


def check_idle():
    """More idle connections than the limit: the longest idle make room."""
    clients = []
    for _ in range(2000):
        clients.append(socket.create_connection((host, int(port))))
    for _ in range(10):
        good()
    for client in clients:
        client.close()
    good()


good()
before = resident()
for check in (check_bodies, check_origins, check_readers, check_slow_requests, check_idle):
    check()
grown = (resident() - before) >> 20
assert grown < 128, f"the gateway's memory grew by {grown} MiB"
print(f"grown by {grown} MiB")
print("ok")
