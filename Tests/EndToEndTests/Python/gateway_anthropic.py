"""The official Anthropic client, synchronous and asynchronous, against a gateway; texts are compared with gRPC's.

Usage: gateway_anthropic.py GATEWAY_URL DAEMON_ADDRESS STUBS MODEL
"""

import asyncio
import inspect
import sys

import anthropic
import grpc

url, address, stubs, model = sys.argv[1:5]
sys.path.insert(0, stubs)
from workbench.v1 import generation_pb2 as api  # noqa: E402
from workbench.v1 import generation_pb2_grpc as services  # noqa: E402
from workbench.v1 import samplers_pb2 as samplers  # noqa: E402

client = anthropic.Anthropic(base_url=url, api_key="none", max_retries=0)
generation = services.GenerationStub(grpc.insecure_channel(address))
question = [{"role": "user", "content": "Name three rivers."}]


def grpc_chat(messages, stop=(), max_tokens=24, **sampling):
    request = api.ChatRequest(
        model=model, messages=[api.Message(**m) for m in messages],
        options=api.GenerationOptions(
            sampling=samplers.SamplerSettings(**sampling), max_tokens=max_tokens, stop=stop))
    return "".join(response.text for response in generation.Chat(request))


# The client's own types have few of the settings that a body may have.
def create(messages=question, max_tokens=24, extra=None, **more):
    known = inspect.signature(client.messages.create).parameters
    body = {**(extra or {}), **{key: more.pop(key) for key in list(more) if key not in known}}
    return client.messages.create(
        model=model, messages=messages, max_tokens=max_tokens, extra_body=body or None, **more)


def check_messages():
    want = grpc_chat(question, seed=7, temperature=0.8)
    answer = create(seed=7, temperature=0.8)
    assert answer.type == "message" and answer.role == "assistant" and answer.content[0].type == "text"
    assert answer.content[0].text == want, (answer.content[0].text, want)
    assert answer.usage.output_tokens > 0
    assert answer.usage.input_tokens + answer.usage.cache_read_input_tokens == \
        client.messages.count_tokens(model=model, messages=question).input_tokens
    system = [{"role": "system", "content": "Be short."}] + question
    assert create(system="Be short.", temperature=0).content[0].text == grpc_chat(system, temperature=0)
    blocks = create(
        messages=[{"role": "user", "content": [{"type": "text", "text": "Name three rivers."}]}],
        system=[{"type": "text", "text": "Be short."}], temperature=0)
    assert blocks.content[0].text == grpc_chat(system, temperature=0)
    assert create(temperature=1, top_k=3, top_p=0.9, seed=4).content[0].text == \
        grpc_chat(question, temperature=1, top_k=3, top_p=0.9, seed=4)
    assert create(max_tokens=2, temperature=0).stop_reason == "max_tokens"


def check_stop():
    whole = create(temperature=0, max_tokens=40).content[0].text
    if len(whole) < 4:
        return
    stop = whole[len(whole) // 2:][:2]
    answer = create(temperature=0, max_tokens=40, stop_sequences=[stop])
    assert answer.stop_reason == "stop_sequence" and answer.stop_sequence == stop, answer
    assert answer.content[0].text == whole[:whole.index(stop)]


def check_stream():
    want = grpc_chat(question, seed=7)
    with client.messages.stream(
            model=model, messages=question, max_tokens=24, extra_body={"seed": 7}) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == want == final.content[0].text, (text, want, final)
    assert final.stop_reason in ("end_turn", "max_tokens") and final.usage.output_tokens > 0
    kinds = [event.type for event in create(temperature=0, stream=True)]
    assert kinds[:2] == ["message_start", "content_block_start"], kinds
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"], kinds


def refused(status, *words, **more):
    try:
        create(**more)
    except anthropic.APIStatusError as error:
        assert error.status_code == status, (more, error)
        assert error.body["type"] == "error" and error.body["error"]["type"], error.body
        assert all(word in str(error) for word in words), (words, str(error))
        return
    raise AssertionError(f"accepted: {more}")


def check_refusals():
    refused(400, "tool_choice", tools=[{"name": "f", "input_schema": {"type": "object"}}],
            tool_choice={"type": "any"})
    refused(400, "thinking", thinking={"type": "enabled", "budget_tokens": 1024})
    refused(400, "service_tier", extra={"service_tier": "priority"})
    refused(400, "mcp_servers", extra={"mcp_servers": []})
    refused(400, "image", messages=[{"role": "user", "content": [
        {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}}]}])
    refused(400, "nonsense", extra={"nonsense": 1})
    refused(400, "role", messages=[{"role": "system", "content": "x"}])
    refused(400, "temperature", temperature=-2)
    refused(400, "messages", messages=[])
    try:
        client.messages.create(model="nobody", messages=question, max_tokens=4)
        raise AssertionError("a model that is not there answered")
    except anthropic.NotFoundError as error:
        assert "nobody" in str(error)


async def check_async():
    connection = anthropic.AsyncAnthropic(base_url=url, api_key="none", max_retries=0)
    want = grpc_chat(question, seed=7)
    answers = await asyncio.gather(*[
        connection.messages.create(model=model, messages=question, max_tokens=24, extra_body={"seed": 7})
        for _ in range(8)])
    assert {answer.content[0].text for answer in answers} == {want}
    async with connection.messages.stream(
            model=model, messages=question, max_tokens=24, extra_body={"seed": 7}) as stream:
        assert "".join([text async for text in stream.text_stream]) == want
    count = await connection.messages.count_tokens(model=model, messages=question, system="Be short.")
    assert count.input_tokens > 0
    assert [entry.id async for entry in connection.models.list()] == [model]
    await connection.close()


for check in (check_messages, check_stop, check_stream, check_refusals):
    check()
assert [entry.id for entry in client.models.list()] == [model]
asyncio.run(check_async())
print("ok")
