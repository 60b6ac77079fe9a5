"""Checks health and reflection with the clients that grpcio ships. Usage: health_and_reflection.py ADDRESS"""
import sys

import grpc
from google.protobuf import descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

EXPECTED = [
    "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
    "workbench.v1.Conversations", "workbench.v1.Daemon", "workbench.v1.Generation", "workbench.v1.Models",
    "workbench.v1.Plugins", "workbench.v1.Profiles", "workbench.v1.Samplers", "workbench.v1.Templates",
    "workbench.v1.Tokenizers",
]

with grpc.insecure_channel(sys.argv[1]) as channel:
    database = ProtoReflectionDescriptorDatabase(channel)
    services = sorted(database.get_services())
    assert services == EXPECTED, services
    pool = descriptor_pool.DescriptorPool(database)
    for name in services:
        service = pool.FindServiceByName(name)
        assert service.methods, name
    chat = pool.FindMessageTypeByName("workbench.v1.ChatRequest")
    assert chat.fields_by_name["messages"].message_type.full_name == "workbench.v1.Message"

    health = health_pb2_grpc.HealthStub(channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    assert health.Check(health_pb2.HealthCheckRequest()).status == serving
    assert health.Check(health_pb2.HealthCheckRequest(service="workbench.v1.Generation")).status == serving
    try:
        health.Check(health_pb2.HealthCheckRequest(service="no.such.Service"))
        raise AssertionError("an unknown service has no health")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND, error
    watch = health.Watch(health_pb2.HealthCheckRequest())
    assert next(watch).status == serving
    watch.cancel()
print("ok")
