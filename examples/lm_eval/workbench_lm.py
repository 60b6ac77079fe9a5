#!/usr/bin/env python3
"""The daemon workbenchd as a model of EleutherAI's lm-evaluation-harness, under the name "workbench".

  pip install -r requirements.txt && ../python/generate.sh python3 "$PWD/generated"
  ./workbench_lm.py run --model workbench --model_args model=smollm2 --tasks arc_easy --num_fewshot 25

Takes the arguments of `lm_eval`. --model_args:
  model             name of a model that the daemon has loaded
  address           the daemon's address (default: $WORKBENCH_ADDRESS, or the daemon's unix socket)
  template          template for --apply_chat_template (default: the model's)
  add_bos_token     true or false (default: as the tokenizer says)
  prefix_token_id   what a text is scored after that has nothing before it (default: BOS, or EOS without BOS)
  concurrency       calls at the same time (default: 8)
  max_gen_toks      tokens of an answer, where a task does not say (default: 256)

The daemon splits texts into tokens, cuts long ones into windows and applies templates; this file only passes requests on.
Texts longer than the model's context lose their beginning, as the harness has it: `workbench load --context-length`
chooses another one. $WORKBENCH_STUBS names another folder of the generated messages than `generated`.
"""
import os
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import grpc
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model
from tqdm import tqdm

sys.path.insert(0, os.environ.get("WORKBENCH_STUBS", os.path.join(os.path.dirname(os.path.abspath(__file__)), "generated")))
from workbench.v1 import generation_pb2 as generation  # noqa: E402
from workbench.v1 import generation_pb2_grpc, models_pb2, models_pb2_grpc  # noqa: E402
from workbench.v1 import templates_pb2, templates_pb2_grpc, tokenizers_pb2, tokenizers_pb2_grpc  # noqa: E402

# Of one call: a request holds at most 4 MiB, and a context is encoded once for each of its continuations.
CONTINUATIONS = 256
ATTEMPTS = 60
LENGTHS = ["max_gen_toks", "max_new_tokens", "max_tokens"]
SAMPLING = {"temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"}


def default_address():
    folder = os.environ.get("XDG_RUNTIME_DIR")
    folder = f"{folder}/workbench" if folder else f"/tmp/workbench-{os.getuid()}"
    return os.environ.get("WORKBENCH_ADDRESS", f"unix:{folder}/workbenchd.sock")


def flag(value):
    """A flag of the command line, or None."""
    if value is None or isinstance(value, bool):
        return value
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"'{value}' is neither true nor false")
    return str(value).lower() == "true"


@register_model("workbench")
class WorkbenchLM(LM):
    def __init__(self, model, address=None, template=None, add_bos_token=None, prefix_token_id=None, concurrency=8,
                 max_gen_toks=256, batch_size=None, max_batch_size=None, device=None):
        """`batch_size` and `device` are the daemon's business; the harness passes them to every model."""
        super().__init__()
        self.model = model
        self.template = template
        self.add_bos_token = flag(add_bos_token)
        self.prefix_token_id = None if prefix_token_id is None else int(prefix_token_id)
        self.concurrency = int(concurrency)
        self.max_gen_toks = int(max_gen_toks)
        self.address = address or default_address()
        channel = grpc.insecure_channel(self.address, options=[("grpc.max_receive_message_length", 256 << 20)])
        self.generation = generation_pb2_grpc.GenerationStub(channel)
        self.tokenizers = tokenizers_pb2_grpc.TokenizersStub(channel)
        self.templates = templates_pb2_grpc.TemplatesStub(channel)
        self.facts = self.ask(models_pb2_grpc.ModelsStub(channel).Get, models_pb2.GetModelRequest(name=model)).model
        empty = self.ask(
            self.tokenizers.Tokenize, tokenizers_pb2.TokenizeRequest(model=model, add_special=True))
        self.tokenizer_adds_bos = len(empty.tokens) > 0

    # Scores

    def loglikelihood(self, requests, disable_tqdm=False):
        """(sum of log-probabilities, whether every token is the most probable one) of each continuation."""
        groups = defaultdict(list)
        for index, request in enumerate(requests):
            groups[request.args[0]].append(index)
        calls = [(context, indices[start:start + CONTINUATIONS]) for context, indices in groups.items()
                 for start in range(0, len(indices), CONTINUATIONS)]
        results = [None] * len(requests)

        def score(call):
            context, indices = call
            message = generation.ScoredContinuations(
                continuations=[generation.TextOrTokens(text=requests[index].args[1]) for index in indices],
                truncate_context=True)
            if context or self.prefix_token_id is None:
                message.text = context
            else:
                message.tokens.ids.append(self.prefix_token_id)
            return [(indices[score.index], (score.logprob, score.greedy))
                    for score in self.scores(continuations=message)]

        for found in self.each(score, calls, "Scoring", disable_tqdm):
            for index, result in found:
                results[index] = result
                self.cache_hook.add_partial("loglikelihood", requests[index].args, result)
        return results

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        """The sum of log-probabilities of each text, every token after those before it in its window."""
        def score(request):
            text, = request.args
            if not text:
                return 0.0
            document = generation.ScoredDocument(text=generation.TextOrTokens(text=text))
            if self.prefix_token_id is not None:
                document.first_token = self.prefix_token_id
            return sum(score.logprob for score in self.scores(document=document))

        results = list(self.each(score, requests, "Scoring", disable_tqdm))
        for request, result in zip(requests, results):
            self.cache_hook.add_partial("loglikelihood_rolling", request.args, result)
        return results

    def scores(self, **input):
        request = generation.ScoreRequest(model=self.model, parse_special=True, **input)
        # The harness puts BOS into a document too if the tokenizer adds one.
        if self.add_bos_token is not None:
            request.add_bos = self.add_bos_token
        elif request.HasField("document"):
            request.add_bos = self.tokenizer_adds_bos
        return [score for response in self.call(self.generation.Score, request) for score in response.scores]

    # Answers

    def generate_until(self, requests, disable_tqdm=False):
        """The text that follows each context, up to the first of the texts that end it."""
        def answer(request):
            context, settings = request.args
            message = generation.GenerateRequest(
                model=self.model, parse_special=True, options=self.options(dict(settings)))
            if self.add_bos_token is not None:
                message.add_bos = self.add_bos_token
            room = self.facts.context_length - message.options.max_tokens
            ids = self.encode(context) if len(context.encode()) > room else []
            if len(ids) > room:
                message.tokens.ids.extend(ids[-max(room, 1):])
            else:
                message.text = context
            return "".join(response.text for response in self.call(self.generation.Generate, message))

        results = list(self.each(answer, requests, "Generating", disable_tqdm))
        for request, result in zip(requests, results):
            self.cache_hook.add_partial("generate_until", request.args, result)
        return results

    def options(self, settings):
        """Options of a request from the harness's settings; what it does not know is an error."""
        until = settings.pop("until", None) or []
        sampled = settings.pop("do_sample", None)
        lengths = [settings.pop(name) for name in LENGTHS if name in settings]
        options = generation.GenerationOptions(
            max_tokens=lengths[0] if lengths else self.max_gen_toks,
            stop=[until] if isinstance(until, str) else until)
        unknown = set(settings) - SAMPLING
        if unknown:
            raise ValueError(f"Workbench has no setting for {', '.join(sorted(unknown))} of generation_kwargs")
        if sampled or sampled is None and settings.get("temperature", 0) > 0:
            options.sampling.profile = "transformers"
            for name, value in settings.items():
                setattr(options.sampling, name, value)
        else:
            # Whatever preset the model has.
            options.sampling.chain.add(name="greedy")
        return options

    def encode(self, text):
        adds = self.tokenizer_adds_bos if self.add_bos_token is None else self.add_bos_token
        response = self.ask(self.tokenizers.Tokenize, tokenizers_pb2.TokenizeRequest(
            model=self.model, text=text.encode(), add_special=adds, parse_special=True))
        return [token.id for token in response.tokens]

    # Templates

    def apply_chat_template(self, chat_history, add_generation_prompt=True):
        """The daemon's rendering of messages; without a generation prompt, the last message is left open."""
        request = templates_pb2.RenderTemplateRequest(
            model=self.model, name=self.template, add_generation_prompt=add_generation_prompt,
            messages=[generation.Message(**message) for message in chat_history])
        text = self.ask(self.templates.Render, request).text
        if add_generation_prompt:
            return text
        last = chat_history[-1]["content"].strip()
        return text[:text.rindex(last) + len(last)]

    def chat_template(self, chat_template=False):
        if chat_template is False or chat_template is None:
            return None
        if isinstance(chat_template, str):
            self.template = chat_template
        name = self.template or self.facts.template
        return self.ask(
            self.templates.Get, templates_pb2.GetTemplateRequest(model=self.model, name=name)).source

    @property
    def tokenizer_name(self):
        return f"workbench-{self.facts.name}-{self.template or self.facts.template}".replace("/", "__")

    # Calls

    def each(self, work, items, title, disable_tqdm):
        """The results of `work`, in the order of `items`, some of them at the same time."""
        with ThreadPoolExecutor(self.concurrency) as pool:
            yield from tqdm(pool.map(work, items), total=len(items), desc=title, disable=disable_tqdm)

    def call(self, method, request):
        """Every message of an answer; waits and tries again where the daemon's queue is full."""
        for attempt in range(ATTEMPTS):
            try:
                return list(method(request))
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED or attempt + 1 == ATTEMPTS:
                    raise self.failure(error) from None
                time.sleep(1)

    def ask(self, method, request):
        """The one message of an answer."""
        try:
            return method(request)
        except grpc.RpcError as error:
            raise self.failure(error) from None

    def failure(self, error):
        """A failed call in words."""
        return RuntimeError(f"workbenchd at {self.address}: {error.details()} ({error.code().name})")


if __name__ == "__main__":
    from lm_eval.__main__ import cli_evaluate

    cli_evaluate()
