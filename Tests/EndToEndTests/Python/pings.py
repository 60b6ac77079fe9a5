"""Keeps one idle connection and one waiting stream while pinging every 5 s. Usage: pings.py ADDRESS"""
import sys
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

# A server that counts pings ends the connection at the third one without data.
PINGS = 5
SECONDS = 5
OPTIONS = [
    ("grpc.keepalive_time_ms", SECONDS * 1000), ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_timeout_ms", 600_000), ("grpc.http2.max_pings_without_data", 0), ("grpc.use_local_subchannel_pool", 1),
]

with grpc.insecure_channel(sys.argv[1], OPTIONS) as idle, grpc.insecure_channel(sys.argv[1], OPTIONS) as busy:
    changes = []
    health = health_pb2_grpc.HealthStub(idle)
    health.Check(health_pb2.HealthCheckRequest())
    idle.subscribe(changes.append)
    watch = health_pb2_grpc.HealthStub(busy).Watch(health_pb2.HealthCheckRequest())
    next(watch)
    time.sleep(PINGS * SECONDS + 1)
    assert watch.is_active(), watch
    assert set(changes) == {grpc.ChannelConnectivity.READY}, changes
    health.Check(health_pb2.HealthCheckRequest())
    watch.cancel()
print("ok")
