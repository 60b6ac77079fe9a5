#!/usr/bin/env python3
"""Writes a small SentencePiece model as Llama checkpoints have it, and how transformers encodes texts with it.

  pip install 'transformers==4.57.*' sentencepiece protobuf
  ./record_llama_model.py

`llama/tokenizer.model` has byte-pair pieces with byte fallback and no normalization. `llama/reference.json` has, for
`legacy` true and false, a `tokenizer_config.json` with two added tokens, and texts with their ids.
"""
import io
import json
import os
import shutil
import tempfile

import sentencepiece
import transformers

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = """The quick brown fox jumps over the lazy dog. How much wood would a woodchuck chuck, if a woodchuck could?
It was the best of times, it was the worst of times. 바나나는 원래 하얀색이야? 하얀 바나나. 12345 67890 (a, b) [c]
Questions are asked, and answers are given; what the user says is not what the system says.
"""
CASES = [
    "", " ", "  ", "Hello", " Hello", "Hello world", "the  quick\n\nbrown", "<s>", "<s>Hello</s>", "<s> Hello </s> x",
    "a<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n", "<|im_end|> the dog", "바나나는 원래", "😀 smile", "▁the dog",
    "USER: what?\nASSISTANT:", "tab\tend ", "<unk>x", "x<s>the<s>dog",
]


def config(legacy):
    def token(content, special=True):
        return dict(content=content, lstrip=False, rstrip=False, normalized=False, single_word=False, special=special)
    return {
        "tokenizer_class": "LlamaTokenizer", "legacy": legacy, "add_bos_token": True, "add_eos_token": False,
        "bos_token": "<s>", "eos_token": "<|im_end|>", "unk_token": "<unk>", "clean_up_tokenization_spaces": False,
        "added_tokens_decoder": {
            "0": token("<unk>"), "1": token("<s>"), "2": token("</s>"),
            "400": token("<|im_end|>"), "401": token("<|im_start|>", False)},
    }


def main():
    target = os.path.join(HERE, "llama")
    os.makedirs(target, exist_ok=True)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter((TEXT * 20).splitlines()), model_writer=model, model_type="bpe", vocab_size=400,
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, character_coverage=0.98,
        minloglevel=2)
    with open(os.path.join(target, "tokenizer.model"), "wb") as file:
        file.write(model.getvalue())
    reference = []
    for legacy in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(os.path.join(target, "tokenizer.model"), folder)
            text = json.dumps(config(legacy))
            with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
                file.write(text)
            tokenizer = transformers.LlamaTokenizerFast.from_pretrained(folder)
            reference.append(dict(
                legacy=legacy, config=text, eos=tokenizer.eos_token_id, size=len(tokenizer),
                cases=[dict(text=case, ids=tokenizer.encode(case)) for case in CASES]))
    with open(os.path.join(target, "reference.json"), "w") as file:
        json.dump(reference, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
