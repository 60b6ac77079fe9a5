"""The official OpenAI client, synchronous and asynchronous, against a gateway; texts are compared with gRPC's.

Usage: gateway_openai.py GATEWAY_URL DAEMON_ADDRESS STUBS MODEL
"""

import asyncio
import sys

import grpc
import openai

url, address, stubs, model = sys.argv[1:5]
sys.path.insert(0, stubs)
from workbench.v1 import generation_pb2 as api  # noqa: E402
from workbench.v1 import generation_pb2_grpc as services  # noqa: E402
from workbench.v1 import samplers_pb2 as samplers  # noqa: E402

client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
generation = services.GenerationStub(grpc.insecure_channel(address))
question = [{"role": "user", "content": "Name three rivers."}]


def grpc_chat(messages, tools=None, template=None, **options):
    sampling = {k: options.pop(k) for k in list(options) if k in samplers.SamplerSettings.DESCRIPTOR.fields_by_name}
    request = api.ChatRequest(
        model=model, messages=[api.Message(**m) for m in messages], template=template,
        options=api.GenerationOptions(sampling=samplers.SamplerSettings(**sampling), **options))
    return "".join(response.text for response in generation.Chat(request))


def grpc_generate(prompt, **options):
    sampling = {k: options.pop(k) for k in list(options) if k in samplers.SamplerSettings.DESCRIPTOR.fields_by_name}
    request = api.GenerateRequest(
        model=model, options=api.GenerationOptions(sampling=samplers.SamplerSettings(**sampling), **options))
    if isinstance(prompt, str):
        request.text = prompt
    else:
        request.tokens.ids.extend(prompt)
    return "".join(response.text for response in generation.Generate(request))


def chat(**more):
    more.setdefault("max_tokens", 24)
    return client.chat.completions.create(model=model, messages=question, **more)


def streamed(**more):
    text, chunks = "", []
    for chunk in chat(stream=True, **more):
        chunks.append(chunk)
        text += "".join(choice.delta.content or "" for choice in chunk.choices)
    return text, chunks


def check_models():
    names = [entry.id for entry in client.models.list()]
    assert model in names, names
    assert client.models.retrieve(model).owned_by == "workbench"
    try:
        client.models.retrieve("nobody")
        raise AssertionError("a model that is not there was found")
    except openai.NotFoundError as error:
        assert error.code == "model_not_found", error.code


def check_chat():
    want = grpc_chat(question, max_tokens=24, seed=7, temperature=0.8)
    answer = chat(seed=7, temperature=0.8)
    assert answer.choices[0].message.content == want, (answer.choices[0].message.content, want)
    assert answer.choices[0].message.role == "assistant" and answer.object == "chat.completion"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.choices[0].workbench["seed"] == 7 and answer.choices[0].workbench["settings"]
    text, chunks = streamed(seed=7, temperature=0.8, stream_options={"include_usage": True})
    assert text == want, (text, want)
    assert chunks[0].choices[0].delta.role == "assistant" and chunks[-1].choices == []
    assert chunks[-1].usage == answer.usage or chunks[-1].usage.completion_tokens == answer.usage.completion_tokens
    assert chunks[-2].choices[0].finish_reason == answer.choices[0].finish_reason


def check_settings():
    """Every setting has the effect that gRPC's has."""
    for here, there in [
        ({"temperature": 0}, {"temperature": 0}),
        ({"temperature": 1.2, "top_p": 0.5, "seed": 3}, {"temperature": 1.2, "top_p": 0.5, "seed": 3}),
        ({"presence_penalty": 1.5, "seed": 4}, {"presence_penalty": 1.5, "seed": 4}),
        ({"frequency_penalty": 1.5, "seed": 5}, {"frequency_penalty": 1.5, "seed": 5}),
        ({"logit_bias": {"5": 30}, "seed": 6}, {"logit_bias": {5: 30}, "seed": 6}),
        ({"extra_body": {"top_k": 5, "min_p": 0.05, "repetition_penalty": 1.3}, "seed": 8},
         {"top_k": 5, "min_p": 0.05, "repetition_penalty": 1.3, "seed": 8}),
        ({"extra_body": {"chain": [{"name": "top_k", "top_k": 3}, {"name": "temperature", "temperature": 0.7}]},
          "seed": 9}, None),
        ({"max_tokens": 3, "temperature": 0}, {"max_tokens": 3, "temperature": 0}),
        ({"extra_body": {"template": "chatml"}, "temperature": 0}, {"template": "chatml", "temperature": 0}),
    ]:
        got = chat(**here).choices[0].message.content
        if there is not None:
            want = grpc_chat(question, **{"max_tokens": 24, **there})
            assert got == want, (here, got, want)
    both = chat(max_completion_tokens=3, max_tokens=3, temperature=0)
    assert both.choices[0].finish_reason == "length" and both.usage.completion_tokens == 3


def check_stop():
    whole = chat(temperature=0, max_tokens=40).choices[0].message.content
    if len(whole) < 4:
        return
    stop = whole[len(whole) // 2:][:2]
    for given in (stop, [stop, "never there"]):
        answer = chat(temperature=0, max_tokens=40, stop=given).choices[0]
        assert answer.message.content == whole[:whole.index(stop)], (answer, whole, stop)
        assert answer.finish_reason == "stop" and answer.workbench["rule"] == stop


def check_choices():
    answer = chat(n=3, seed=11, temperature=1.5)
    texts = [choice.message.content for choice in answer.choices]
    assert texts == [grpc_chat(question, max_tokens=24, seed=11 + i, temperature=1.5) for i in range(3)], texts
    streams = {}
    for chunk in chat(n=3, seed=11, temperature=1.5, stream=True):
        for choice in chunk.choices:
            streams[choice.index] = streams.get(choice.index, "") + (choice.delta.content or "")
    assert [streams[i] for i in range(3)] == texts, streams


def check_logprobs():
    answer = chat(logprobs=True, top_logprobs=3, temperature=0)
    entries = answer.choices[0].logprobs.content
    assert len(entries) == answer.usage.completion_tokens, (len(entries), answer.usage)
    for entry in entries:
        assert entry.logprob <= 0 and len(entry.top_logprobs) == 3
        assert entry.top_logprobs[0].logprob >= entry.logprob - 1e-6
        assert bytes(entry.bytes).decode("utf-8", "replace") == entry.token
    _, chunks = streamed(logprobs=True, top_logprobs=3, temperature=0)
    again = [e for c in chunks for choice in c.choices if choice.logprobs for e in choice.logprobs.content]
    assert [e.token for e in again] == [e.token for e in entries]
    # The token that ends a turn has an entry too; it has no text.
    text = b"".join(bytes(e.bytes) for e in entries).decode("utf-8", "replace")
    assert text.startswith(answer.choices[0].message.content), (text, answer.choices[0].message.content)


def traces(chunks):
    facts = [choice.model_extra.get("workbench") or {} for chunk in chunks for choice in chunk.choices]
    return [entry for fact in facts for entry in fact.get("trace", [])]


def check_trace():
    answer = chat(max_tokens=3, seed=1, extra_body={"trace": True}).choices[0]
    trace = answer.workbench["trace"]
    assert len(trace) >= 1 and trace[0]["stages"] and trace[0]["stages"][0]["before"]["candidates"] > 1, trace


    chunks = list(chat(max_tokens=3, seed=1, stream=True, extra_body={"trace": True}))
    streamed_trace = traces(chunks)
    assert [t["token"] for t in streamed_trace] == [t["token"] for t in trace], (streamed_trace, trace)
    chunks = list(client.completions.create(
        model=model, prompt="Once", max_tokens=3, seed=1, stream=True, extra_body={"trace": True}))
    traced = traces(chunks)
    assert len([t for t in traced if t["token"] is not None]) == 3, traced


def check_tools():
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    expect("tools", 400, tools=tools)  # The template of this model has no place for them, which is told.
    assert chat(tools=tools, tool_choice="none", temperature=0).choices[0].message.content == \
        chat(temperature=0).choices[0].message.content


def check_completions():
    def complete(prompt, **more):
        return client.completions.create(model=model, prompt=prompt, **more)

    want = grpc_generate("Once upon a time", max_tokens=16, seed=5)
    answer = complete("Once upon a time", seed=5)
    assert answer.choices[0].text == want and answer.object == "text_completion", (answer, want)
    text = "".join(c.choices[0].text for c in complete("Once upon a time", seed=5, stream=True) if c.choices)
    assert text == want, (text, want)
    many = complete(["Once", "upon a"], n=2, seed=5, max_tokens=4)
    assert [c.index for c in many.choices] == [0, 1, 2, 3]
    assert many.choices[2].text == grpc_generate("upon a", max_tokens=4, seed=5)
    ids = complete([5, 6, 7], temperature=0, max_tokens=4)
    assert ids.choices[0].text == grpc_generate([5, 6, 7], temperature=0, max_tokens=4)
    echo = complete("Once upon", echo=True, logprobs=2, max_tokens=2, temperature=0)
    choice = echo.choices[0]
    assert choice.text.startswith("Once upon")
    tokens = choice.logprobs.tokens
    assert len(tokens) == len(choice.logprobs.token_logprobs) == len(choice.logprobs.text_offset) == \
        echo.usage.prompt_tokens + echo.usage.completion_tokens
    assert choice.logprobs.token_logprobs[0] is None and choice.logprobs.token_logprobs[-1] <= 0
    only = complete("Once upon", echo=True, logprobs=0, max_tokens=0)
    assert only.choices[0].text == "Once upon" and len(only.choices[0].logprobs.tokens) == only.usage.prompt_tokens


def expect(parameter, status, code=None, call=None, **more):
    """The call is refused with OpenAI's exception, which names the parameter."""
    try:
        (call or chat)(**more)
    except openai.APIStatusError as error:
        assert error.status_code == status, (more, error)
        assert error.param == parameter, (more, error.param, str(error))
        if code:
            assert error.code == code, (more, error.code)
        assert parameter is None or parameter.split(".")[-1] in str(error), str(error)
        return
    raise AssertionError(f"accepted: {more}")


def check_refusals():
    unsupported = {
        "response_format.type": {"response_format": {"type": "json_object"}},
        "store": {"store": True},
        "service_tier": {"service_tier": "flex"},
        "modalities": {"modalities": ["audio", "text"]},
        "audio": {"audio": {"voice": "alloy", "format": "wav"}},
        "parallel_tool_calls": {"parallel_tool_calls": False},
        "metadata": {"metadata": {"a": "b"}},
        "prediction": {"prediction": {"type": "content", "content": "x"}},
        "web_search_options": {"web_search_options": {}},
        "verbosity": {"verbosity": "low"},
        "functions": {"functions": [{"name": "f"}]},
        "function_call": {"function_call": "auto"},
        "tool_choice": {"tool_choice": "required"},
        "nonsense": {"extra_body": {"nonsense": 1}},
        "stream_options.include_obfuscation": {
            "stream": True, "stream_options": {"include_obfuscation": True}},
    }
    for parameter, more in unsupported.items():
        expect(parameter, 400, "unsupported_parameter", **more)
    wrong = {
        "temperature": {"temperature": -1},
        "top_p": {"top_p": 2},
        "n": {"n": 0},
        "max_tokens": {"max_tokens": 0},
        "top_logprobs": {"logprobs": True, "top_logprobs": 21},
        "seed": {"seed": -1},
        "logit_bias": {"logit_bias": {"no": 1}},
        "logit_bias.5": {"logit_bias": {"5": "much"}},
        "stream_options": {"stream_options": {"include_usage": True}},
    }
    for parameter, more in wrong.items():
        expect(parameter, 400, **more)
    expect("messages", 400, call=lambda: client.chat.completions.create(model=model, messages=[]))
    expect("messages", 400, call=lambda: client.chat.completions.create(model=model, messages=[{"role": 5}]))
    expect(None, 404, "model_not_found",
           call=lambda: client.chat.completions.create(model="nobody", messages=question))
    expect("model", 400, call=lambda: client.embeddings.create(model=model, input="x"))
    for more in ({"suffix": "end"}, {"best_of": 3}, {"max_tokens": 0}):
        expect(next(iter(more)), 400,
               call=lambda: client.completions.create(model=model, prompt="x", **more))


async def check_async():
    connection = openai.AsyncOpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
    want = grpc_chat(question, max_tokens=24, seed=7)
    answers = await asyncio.gather(*[
        connection.chat.completions.create(model=model, messages=question, max_tokens=24, seed=7)
        for _ in range(8)])
    assert all(answer.choices[0].message.content == want for answer in answers)

    async def stream():
        text = ""
        async for chunk in await connection.chat.completions.create(
                model=model, messages=question, max_tokens=24, seed=7, stream=True):
            text += chunk.choices[0].delta.content or ""
        return text

    assert set(await asyncio.gather(*[stream() for _ in range(8)])) == {want}
    assert [entry.id async for entry in connection.models.list()] == [model]
    answer = await connection.completions.create(model=model, prompt="Once", seed=2, max_tokens=5)
    assert answer.choices[0].text == grpc_generate("Once", seed=2, max_tokens=5)
    try:
        await connection.chat.completions.create(model=model, messages=question, store=True)
        raise AssertionError("accepted")
    except openai.BadRequestError as error:
        assert error.param == "store"
    await connection.close()


for check in (check_models, check_chat, check_settings, check_stop, check_choices, check_logprobs, check_trace,
              check_tools, check_completions, check_refusals):
    check()
asyncio.run(check_async())
print("ok")
