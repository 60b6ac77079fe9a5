"""Records what Hugging Face's tokenizers make of random texts under random added tokens, in all combinations of flags.

    pip install tokenizers==0.23.3
    RUST_BACKTRACE=0 python3 record_added.py 2> /dev/null

added.txt.xz   a line each: whether special tokens are text, the tokenizer.json, the numbers of the texts at which the
               reference fails, the hash of the ids of the other texts

The texts of a line are drawn by a linear congruential generator that begins with the number of the line; see `texts`. The
hash is 64 bits of FNV-1a over the ids as four bytes, little-endian, and FF FF FF FF behind each text. Fields are
separated by tabs.
"""

import json
import lzma
import random

from record_patterns import hashed
from tokenizers import Tokenizer

LINES, TEXTS = 600, 200
PARTS = ["a", "b", "A", " ", " ", "  ", "\n", "é", "<s>", "x", "_", "\u00a0", "ab", "B"]
CONTENTS = [" ", "  ", "A", "ab", "a", "b ", " b", "<s>", "<s>x", "\n", "é", "A b", "b", "\u00a0", "_", "aab", " \n", "B"]
NORMALIZERS = [
    None, None, {"type": "Lowercase"}, {"type": "Replace", "pattern": {"String": " "}, "content": "_"},
    {"type": "Prepend", "prepend": "_"},
]
PRE_TOKENIZERS = [None, {"type": "WhitespaceSplit"}, {"type": "Whitespace"}]


def texts(line: int) -> list[str]:
    state = line
    def draw(count: int) -> int:
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (state >> 16) % count
    return ["".join(PARTS[draw(len(PARTS))] for _ in range(draw(12))) for _ in range(TEXTS)]


def configuration(draw: random.Random) -> str:
    added = []
    # Of tokens that the normalizer makes the same, the reference takes one at random.
    contents = {content.lower(): content for content in draw.sample(CONTENTS, draw.randrange(1, 5))}
    for place, content in enumerate(contents.values()):
        flags = {f: draw.random() < 0.4 for f in ("single_word", "lstrip", "rstrip", "normalized", "special")}
        added.append({"id": 10 + place, "content": content, **flags})
    vocabulary = {p: i for i, p in enumerate(["<unk>", "a", "b", "ab", "x", "_", "é", "_a", "a b"])}
    return json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": draw.choice(NORMALIZERS), "pre_tokenizer": draw.choice(PRE_TOKENIZERS), "post_processor": None,
        "decoder": None, "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    }, ensure_ascii=True, separators=(",", ":"))


def main() -> None:
    draw, lines, failed = random.Random(20), [], 0
    for line in range(LINES):
        spec, is_text = configuration(draw), draw.random() < 0.5
        tokenizer = Tokenizer.from_str(spec)
        tokenizer.encode_special_tokens = is_text
        data, failures = b"", []
        for place, text in enumerate(texts(line)):
            try:
                ids = tokenizer.encode(text, add_special_tokens=False).ids
            except BaseException:
                failures.append(str(place))
                continue
            data += b"".join(i.to_bytes(4, "little") for i in ids) + b"\xff" * 4
        failed += len(failures)
        lines.append("\t".join([str(int(is_text)), spec, " ".join(failures), hashed(data)]))
    with open("added.txt.xz", "wb") as file:
        file.write(lzma.compress(("\n".join(lines) + "\n").encode(), preset=9 | lzma.PRESET_EXTREME))
    print(LINES * TEXTS, "texts, of which the reference fails at", failed)


if __name__ == "__main__":
    main()
