"""A daemon of the soak's own, its API through reflection, and what it holds: descriptors, threads, memory."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

START_SECONDS = 120
MESSAGE_BYTES = 64 << 20


class Daemon:
    """workbenchd with one model, on a socket in a folder of its own."""

    def __init__(self, products, model, *options):
        self.folder = tempfile.mkdtemp(prefix="workbench-soak-")
        self.address = "unix:" + os.path.join(self.folder, "socket")
        self.log = open(os.path.join(self.folder, "log"), "w")
        self.client = os.path.join(products, "workbench")
        self.environment = dict(os.environ, HOME=self.folder, XDG_CONFIG_HOME=self.folder, XDG_STATE_HOME=self.folder,
                                WORKBENCH_ADDRESS=self.address)
        self.process = subprocess.Popen(
            [os.path.join(products, "workbenchd"), "--socket", self.address[5:], "--model", model, *options],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=self.environment)
        self.channel = self.connect()
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = descriptor_pool.DescriptorPool(database)
        self.services = sorted(database.get_services())
        self.name = self.wait_for_model()

    def connect(self):
        """A channel with a connection of its own."""
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", MESSAGE_BYTES)]
        channel = grpc.insecure_channel(self.address, options)
        grpc.channel_ready_future(channel).result(START_SECONDS)
        return channel

    def message(self, name, **fields):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName("workbench.v1." + name))(**fields)

    def call(self, service, method, channel=None):
        """A callable for a method of the API, by its names."""
        descriptor = self.pool.FindServiceByName("workbench.v1." + service).methods_by_name[method]
        make = message_factory.GetMessageClass(descriptor.output_type)
        kind = (channel or self.channel).unary_stream if descriptor.server_streaming else (channel or self.channel).unary_unary
        return kind(f"/workbench.v1.{service}/{method}", request_serializer=lambda m: m.SerializeToString(),
                    response_deserializer=make.FromString)

    def wait_for_model(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            models = self.call("Models", "List")(self.message("ListModelsRequest"), timeout=10).models
            if models:
                return models[0].name
            time.sleep(0.2)
        raise SystemExit(f"no model after {START_SECONDS} seconds; see {self.folder}/log")

    def processes(self):
        """The daemon's process and its workers', by their ids."""
        pids = [self.process.pid]
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if parent == self.process.pid:
                pids.append(int(status.parent.name))
        return sorted(pids)

    def holdings(self):
        """Descriptors, threads and resident KiB without file pages, of each process."""
        return {pid: holdings(pid) for pid in self.processes()}

    def stop(self):
        self.channel.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def holdings(pid):
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {"descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(fields["Threads"]),
            "KiB": int(fields["RssAnon"].split()[0])}
