#!/usr/bin/env python3
"""A Python client of the daemon workbenchd: lists templates, streams a chat and cancels one.

  pip install -r requirements.txt && ./generate.sh
  ./chat.py [--address unix:/path/of/workbenchd.sock] [--stubs generated] MODEL "Why is the sky blue?"
"""
import argparse
import os
import sys

import grpc


def default_address():
    folder = os.environ.get("XDG_RUNTIME_DIR")
    folder = f"{folder}/workbench" if folder else f"/tmp/workbench-{os.getuid()}"
    return os.environ.get("WORKBENCH_ADDRESS", f"unix:{folder}/workbenchd.sock")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default=default_address())
    parser.add_argument("--stubs", default=os.path.join(os.path.dirname(__file__), "generated"))
    parser.add_argument("model")
    parser.add_argument("question")
    arguments = parser.parse_args()

    sys.path.insert(0, arguments.stubs)
    from workbench.v1 import generation_pb2, generation_pb2_grpc, templates_pb2, templates_pb2_grpc

    with grpc.insecure_channel(arguments.address) as channel:
        templates = templates_pb2_grpc.TemplatesStub(channel).List(
            templates_pb2.ListTemplatesRequest(model=arguments.model))
        print("templates:", ", ".join(template.name for template in templates.templates))

        generation = generation_pb2_grpc.GenerationStub(channel)
        request = generation_pb2.ChatRequest(
            model=arguments.model,
            messages=[generation_pb2.Message(role="user", content=arguments.question)],
            options=generation_pb2.GenerationOptions(max_tokens=48, sampling={"temperature": 0}))

        print("answer: ", end="")
        for response in generation.Chat(request):
            print(response.text, end="", flush=True)
            if response.HasField("finish"):
                reason = generation_pb2.FinishReason.Name(response.finish.reason)
                print(f"\nfinish: {reason} after {response.finish.generated_tokens} tokens")

        request.options.max_tokens = 2000
        request.options.ignore_end = True
        call = generation.Chat(request)
        received = 0
        try:
            for response in call:
                received += len(response.tokens)
                if received >= 3:
                    call.cancel()
        except grpc.RpcError as error:
            print(f"cancelled: {error.code().name} after {received} tokens")


if __name__ == "__main__":
    main()
