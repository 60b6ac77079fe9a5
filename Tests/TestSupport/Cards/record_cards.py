"""Runs the code of the two model cards and records what it gives to the model, and what it makes of the answers.

    pip install torch 'transformers<5' sentencepiece mistral-common
    python3 record_cards.py | xz -9e > cards.json.xz

The code is that in the .md files here, run as it is, but for the device, and with a model that answers what the conversations
below say. The tokenizer is transformers' LlamaTokenizer of Mistral 7B's tokenizer.model.v1 (mistral-common). For each
step of each answer, the distribution is that of the processors that `generate` makes of the card's arguments, on
logits that both sides make from a seed (SplitMix64, uniform in ±spread). The cards' own texts are Apache-2.0 (SynthIA)
and CC-BY-NC-4.0 (Synatra, of which only the format and the code are here).
"""

import builtins
import io
import json
import os
import shutil
import tempfile
from unittest import mock

import mistral_common
import numpy as np
import torch
import transformers

STEPS = 3
COUNT = 32000
# Tokens of the distribution that many draws are made from.
DRAWN = 512
SPREAD = 8

CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

# What the user says, and what the model writes; four turns each.
CONVERSATIONS = [
    [
        ("How is a rocket launched from the surface of the earth to Low Earth Orbit?", " In stages: the first lifts it.\n"),
        ("And how fast must it be?", "About 7.8 km/s, sideways.  \n\nUSER: Thank you"),
        ("  Why sideways?  ", "\n\tBecause it must fall around the earth.\nUSER:"),
        ("Thanks!", "You are welcome. "),
    ],
    [
        ("바나나는 원래 하얀색이야?", "네, 바나나의 속은 하얀색이에요.\n"),
        ("그럼 껍질은 왜 노란색이야?", "익으면서 엽록소가 사라지기 때문이에요. USER: 또"),
        ("초록색 바나나는 먹어도 돼?", " 네, 하지만 떫어요. 🍌"),
        ("고마워!", "천만에요!"),
    ],
    [
        ("Translate to Korean: Good morning", "좋은 아침이에요"),
        ("그리고 \"Good night\"은?", "\"안녕히 주무세요\"예요.\n\n"),
        ("한 문장에 섞어 줘: code-switching", "오늘 meeting은 good morning 인사로 시작해요.USER:USER:"),
        ("\n두 줄로\n써 줘\n", "\u00a0첫 줄\n둘째 줄\u3000"),
    ],
    [
        ("def f(x):\n    return x ** 2", "It squares its argument:\n\n```python\nf(3)  # 9\n```\n"),
        ("What is f(-1)?", "1"),
        ("Write it as a lambda; tabs\tplease", "f = lambda x:\tx ** 2\r\n"),
        ("USER: is this a label?", "Yes, in this format. user: no"),
    ],
    [
        ("", "You said nothing."),
        ("é à ü ﬁ Ａ ①", "Those are é, à, ü and others."),
        ("가" * 40, "가나다라마바사"),
        ("1,234.5 + 1 =", "  1,235.5  "),
    ],
]


def tokenizer():
    folder = tempfile.mkdtemp()
    source = os.path.join(os.path.dirname(mistral_common.__file__), "data", "tokenizer.model.v1")
    shutil.copy(source, os.path.join(folder, "tokenizer.model"))
    made = transformers.LlamaTokenizer.from_pretrained(
        folder, add_bos_token=True, add_eos_token=False, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    made.chat_template = CHATML
    return made


# The cards were written for it. The LlamaTokenizer of transformers 5 splits runs of spaces unlike sentencepiece.
assert transformers.__version__.startswith("4.")
TOKENIZER = tokenizer()


class Model:
    """Answers with given texts, and notes what it was asked."""

    def __init__(self, answers):
        self.answers = answers
        self.calls = []

    def to(self, device):
        return self

    def generate(self, input_ids, **arguments):
        answer = self.answers[len(self.calls)]
        self.calls.append((input_ids[0].tolist(), arguments))
        new = TOKENIZER.encode(answer, add_special_tokens=False)
        return torch.tensor([input_ids[0].tolist() + new + [TOKENIZER.eos_token_id]])


def code(name):
    text = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8").read()
    return text.split("```python\n")[1].split("```")[0]


def run(source, model, **variables):
    """Runs a card's code with its model and tokenizer replaced."""
    auto = mock.patch.multiple(
        transformers,
        AutoModelForCausalLM=mock.Mock(from_pretrained=lambda *_, **__: model),
        AutoTokenizer=mock.Mock(from_pretrained=lambda *_, **__: TOKENIZER))
    with auto:
        exec(compile(source, "card", "exec"), variables)


def synthia(conversation):
    source = code("SynthIA-7B-v1.3.md").replace('.to("cuda")', '.to("cpu")')
    assert "cuda" not in source
    model = Model([raw for _, raw in conversation])
    prompts, questions, written = [], iter([user for user, _ in conversation]), io.StringIO()

    def ask(_):
        try:
            return next(questions)
        except StopIteration:
            raise EOFError

    encode = TOKENIZER.encode

    def noting(text, **arguments):
        if not arguments:
            prompts.append(text)
        return encode(text, **arguments)

    written.close = lambda: None
    with mock.patch.object(builtins, "input", ask), mock.patch.object(builtins, "print", lambda *_: None), \
            mock.patch.object(TOKENIZER, "encode", noting):
        try:
            run(source, model, open=lambda *_: written)
        except EOFError:
            pass
    answers = [json.loads(line)["answer"] for line in written.getvalue().splitlines()]
    return prompts, model.calls, answers


def synatra(conversation):
    """The card's code answers one message; the turns after it have its answers as messages."""
    source = code("Synatra-7B-v0.3-RP.md").replace('"cuda"', '"cpu"')
    begin, end = source.index("messages = ["), source.index("]\n") + 2
    source = source[:begin] + source[end:]
    messages, prompts, calls, answers = [], [], [], []
    head, tail = "<|im_start|>assistant\n", "<|im_end|>"
    for user, raw in conversation:
        messages.append({"role": "user", "content": user})
        model = Model([head + raw + tail + "\n"])
        with mock.patch.object(builtins, "print", lambda *_: None):
            run(source, model, messages=messages)
        prompts.append(TOKENIZER.apply_chat_template(messages, tokenize=False))
        calls += model.calls
        answers.append(raw)
        messages.append({"role": "assistant", "content": raw})
    return prompts, calls, answers


def mixed(seed, count):
    """The first outputs of SplitMix64."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def logits(seed, count):
    return (((mixed(seed, count) >> np.uint64(40)) / (1 << 24) - 0.5) * 2 * SPREAD).astype(np.float32)


def distribution(arguments, ids, seed, count=COUNT):
    """The probabilities that `generate` draws from, of the tokens that can be drawn."""
    names = ("temperature", "top_k", "top_p", "do_sample")
    config = transformers.GenerationConfig(**{name: arguments[name] for name in names if name in arguments})
    for name, value in transformers.GenerationConfig._get_default_generation_params().items() \
            if hasattr(transformers.GenerationConfig, "_get_default_generation_params") else []:
        if getattr(config, name, None) is None:
            setattr(config, name, value)
    generation = transformers.GenerationMixin()
    generation.config = transformers.PretrainedConfig()
    history = torch.tensor([ids])
    scores = torch.from_numpy(logits(seed, count).copy())[None]
    for processor in generation._get_logits_processor(config, input_ids_seq_length=len(ids)):
        scores = processor(history, scores)
    probabilities = torch.softmax(scores.double(), dim=-1)[0].numpy()
    kept = np.nonzero(probabilities)[0]
    return {str(int(i)): float(f"{probabilities[i]:.9g}") for i in kept}


def main():
    recorded, draws = {}, {}
    seed = 1
    for name, play in (("synthia-7b-v1.3", synthia), ("synatra-7b-v0.3-rp", synatra)):
        recorded[name] = []
        for conversation in CONVERSATIONS:
            prompts, calls, answers = play(conversation)
            assert len(prompts) == len(calls) == len(answers) == len(conversation)
            turns = []
            for (user, raw), prompt, (ids, arguments), answer in zip(conversation, prompts, calls, answers):
                limit = arguments.get("max_new_tokens") or arguments["max_length"] - len(ids)
                steps = []
                for _ in range(STEPS):
                    steps.append({"seed": seed, "probabilities": distribution(arguments, ids, seed)})
                    seed += 1
                turns.append({
                    "user": user, "raw": raw, "answer": answer, "prompt": prompt, "ids": ids, "limit": limit,
                    "steps": steps})
            recorded[name].append(turns)
        draws[name] = {"seed": seed, "probabilities": distribution(arguments, [1], seed, DRAWN)}
    source = f"transformers {transformers.__version__}, torch {torch.__version__}"
    print(json.dumps({"source": source, "count": COUNT, "spread": SPREAD, "cards": recorded, "drawn": DRAWN, "draws": draws}, ensure_ascii=False))


main()
