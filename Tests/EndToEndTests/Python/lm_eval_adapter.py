"""Runs examples/lm_eval/workbench_lm.py against a daemon, with the few classes of the harness that it is built on.

  lm_eval_adapter.py ADDRESS MODEL FOLDER_OF_THE_ADAPTER
"""
import sys
import types


def module(name, **members):
    made = types.ModuleType(name)
    for member, value in members.items():
        setattr(made, member, value)
    sys.modules[name] = made


class CacheHook:
    def __init__(self):
        self.seen = []

    def add_partial(self, attribute, request, result):
        self.seen.append((attribute, request, result))


class LM:
    def __init__(self):
        self.cache_hook = CacheHook()


class Request:
    def __init__(self, *arguments):
        self.args = arguments


module("lm_eval")
module("lm_eval.api")
module("lm_eval.api.model", LM=LM)
module("lm_eval.api.registry", register_model=lambda name: lambda model: model)
module("tqdm", tqdm=lambda items, **_: items)

address, model, folder = sys.argv[1:4]
sys.path.insert(0, folder)
from workbench_lm import WorkbenchLM, generation, tokenizers_pb2  # noqa: E402

lm = WorkbenchLM(model=model, address=address, batch_size=1, device="cpu")


def score(context, continuation):
    """The score of token ids."""
    message = generation.ScoredContinuations(tokens=generation.TokenIDs(ids=context))
    message.continuations.add().tokens.ids.extend(continuation)
    found, = lm.scores(continuations=message)
    return found.logprob, found.greedy


# Pairs, of which some share a context; the harness's rule, spelled out.
pairs = [("Hello the", " world"), ("Hello", " the world"), ("Hello the", "!"), ("Hello ", "the world"),
         ("Hello the", " world"), ("Hello\n\n", "a"), ("안녕 ", "하세요")]
expected = []
for context, continuation in pairs:
    stripped = context.rstrip()
    before = lm.encode(stripped)
    expected.append(score(before, lm.encode(context + continuation)[len(before):]))
found = lm.loglikelihood([Request(*pair) for pair in pairs])
assert found == expected, (found, expected)
assert sorted(request for _, request, _ in lm.cache_hook.seen) == sorted(pairs)
assert all(isinstance(value, float) and value < 0 and isinstance(greedy, bool) for value, greedy in found)

# Nothing before it: BOS.
bos = lm.encode("")
text = lm.tokenizers.Tokenize(tokenizers_pb2.TokenizeRequest(
    model=model, text=b"Hello", parse_special=True)).tokens
assert lm.loglikelihood([Request("", "Hello")]) == [score(bos, [token.id for token in text])]

# Too long: the beginning is left out.
limit = lm.facts.context_length
long = "Hello the world, " * limit
whole = lm.encode(long.rstrip() + " Hello")
after = whole[len(lm.encode(long.rstrip())):]
assert lm.loglikelihood([Request(long.rstrip(), " Hello")]) == [score(whole[-(limit + 1):-len(after)], after)]

# Rolling: every token once, in windows of the whole context.
tokens = lm.encode(long)
total, done = 0.0, 0
while done < len(tokens):
    count = min(limit, len(tokens) - done)
    before = bos if done == 0 else tokens[done + count - limit - 1:done]
    total += score(before, tokens[done:done + count])[0]
    done += count
rolling = lm.loglikelihood_rolling([Request(long), Request("")])
assert abs(rolling[0] - total) < 1e-6 * abs(total) and rolling[1] == 0.0, (rolling, total)

# Answers: greedy, up to a text that ends them; longer contexts than there is room for lose their beginning.
first, = lm.generate_until([Request("Hello the", {"until": [], "max_gen_toks": 24, "do_sample": False})])
letter = next(letter for letter in first if letter.isprintable())
stopped, = lm.generate_until([Request("Hello the", {"until": letter, "max_gen_toks": 24, "temperature": 0.0})])
assert stopped == first[:first.index(letter)], (first, stopped)
lm.generate_until([Request(long, {"until": ["\n\n"], "max_gen_toks": 8}),
                   Request("Hello", {"do_sample": True, "temperature": 0.7, "top_p": 0.9, "seed": 1})])
try:
    lm.generate_until([Request("Hello", {"num_beams": 4})])
    raise AssertionError("an unknown setting was taken")
except ValueError as error:
    assert "num_beams" in str(error)

# Templates: the daemon's; without a generation prompt the last message stays open.
history = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "The answer is"}]
assert lm.chat_template("chatml") and lm.chat_template(False) is None and "chatml" in lm.tokenizer_name
prompt = lm.apply_chat_template(history[:1])
assert prompt == "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", prompt
prompt = lm.apply_chat_template(history, add_generation_prompt=False)
assert prompt == "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nThe answer is", prompt
try:
    WorkbenchLM(model=model, address=address, add_bos_token="maybe")
    raise AssertionError("'maybe' was taken for a flag")
except ValueError:
    pass
for arguments, reason in [({"model": "none", "address": address}, "no model is named 'none'"),
                          ({"model": model, "address": "unix:/nowhere.sock"}, "failed to connect")]:
    try:
        WorkbenchLM(**arguments)
        raise AssertionError(f"{arguments} was taken")
    except RuntimeError as error:
        assert arguments["address"] in str(error) and reason in str(error), error
print("ok")
