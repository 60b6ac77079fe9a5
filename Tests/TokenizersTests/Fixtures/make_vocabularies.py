"""Writes the vocabulary files and the ids that the reference tokenizers give for the corpus.

    pip install sentencepiece mistral-common tokenizers protobuf
    python3 make_vocabularies.py PATH/OF/SmolLM2-135M-Instruct.Q4_1.gguf

vocab/mistral-v1.gguf.xz  Mistral 7B's pieces (mistral-common, data/tokenizer.model.v1, Apache-2.0)
mistral-v1.ids.xz         what sentencepiece makes of each text: no special tokens
vocab/smollm2.gguf.xz     the tokenizer keys of SmolLM2-135M-Instruct (Apache-2.0)
smollm2.ids.xz            what Hugging Face's tokenizers makes of each text: no special tokens
smollm2-special.ids.xz    the same with special tokens wherever they are spelled
Each line of an .ids file is one text.
"""

import lzma
import os
import struct
import sys

from make_corpus import texts

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}


def packed(name: str, data: bytes) -> None:
    with open(name, "wb") as file:
        file.write(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def string(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def array(kind: int, values: list) -> bytes:
    items = b"".join(string(v) if kind == STRING else struct.pack(SCALARS[kind], v) for v in values)
    return struct.pack("<IQ", kind, len(values)) + items


def gguf(pairs: list[tuple[str, int, bytes]]) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs))
    return head + b"".join(string(k.encode()) + struct.pack("<I", t) + v for k, t, v in pairs)


class Reader:
    """Reads the key-value part of a GGUF file."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, layout: str):
        value = struct.unpack_from(layout, self.data, self.at)[0]
        self.at += struct.calcsize(layout)
        return value

    def string(self) -> bytes:
        size = self.take("<Q")
        self.at += size
        return self.data[self.at - size : self.at]

    def value(self, kind: int):
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            inner, count = self.take("<I"), self.take("<Q")
            return [self.value(inner) for _ in range(count)]
        return self.take(SCALARS[kind])

    def pairs(self) -> dict[str, tuple[int, bytes, object]]:
        assert self.data[:4] == b"GGUF"
        self.at = 4
        self.take("<I"), self.take("<Q")
        result = {}
        for _ in range(self.take("<Q")):
            key, kind = self.string().decode(), self.take("<I")
            start = self.at
            value = self.value(kind)
            result[key] = (kind, self.data[start : self.at], value)
        return result


def lines(rows) -> bytes:
    return b"".join(" ".join(map(str, row)).encode() + b"\n" for row in rows)


def mistral() -> None:
    import mistral_common
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    path = os.path.join(os.path.dirname(mistral_common.__file__), "data", "tokenizer.model.v1")
    model = sentencepiece_model_pb2.ModelProto()
    with open(path, "rb") as file:
        model.ParseFromString(file.read())
    pieces = [p.piece.encode() for p in model.pieces]
    packed(
        "vocab/mistral-v1.gguf.xz",
        gguf([
            ("general.architecture", STRING, string(b"llama")),
            ("tokenizer.ggml.model", STRING, string(b"llama")),
            ("tokenizer.ggml.tokens", ARRAY, array(STRING, pieces)),
            ("tokenizer.ggml.scores", ARRAY, array(FLOAT32, [p.score for p in model.pieces])),
            ("tokenizer.ggml.token_type", ARRAY, array(INT32, [p.type for p in model.pieces])),
            ("tokenizer.ggml.bos_token_id", UINT32, struct.pack("<I", 1)),
            ("tokenizer.ggml.eos_token_id", UINT32, struct.pack("<I", 2)),
            ("tokenizer.ggml.unknown_token_id", UINT32, struct.pack("<I", 0)),
            ("tokenizer.ggml.add_bos_token", BOOL, struct.pack("<?", True)),
            ("tokenizer.ggml.add_eos_token", BOOL, struct.pack("<?", False)),
        ]),
    )
    reference = sentencepiece.SentencePieceProcessor(model_file=path)
    packed("mistral-v1.ids.xz", lines(reference.encode(texts())))


def smollm2(path: str) -> None:
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

    with open(path, "rb") as file:
        pairs = Reader(file.read(16 << 20)).pairs()
    kept = [
        (k, t, raw) for k, (t, raw, _) in pairs.items()
        if k == "general.architecture" or (k.startswith("tokenizer.") and "chat_template" not in k)
    ]
    packed("vocab/smollm2.gguf.xz", gguf(kept))
    tokens = [t.decode() for t in pairs["tokenizer.ggml.tokens"][2]]
    kinds = pairs["tokenizer.ggml.token_type"][2]
    merges = [tuple(m.decode().split(" ")) for m in pairs["tokenizer.ggml.merges"][2]]
    assert pairs["tokenizer.ggml.pre"][2] == b"smollm"

    def reference(special: bool) -> Tokenizer:
        made = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
        made.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ])
        for token, kind in zip(tokens, kinds):
            if special and kind == 3:
                made.add_special_tokens([AddedToken(token, normalized=False, special=True)])
        return made

    for name, special in (("smollm2.ids.xz", False), ("smollm2-special.ids.xz", True)):
        made = reference(special)
        packed(name, lines(made.encode(t, add_special_tokens=False).ids for t in texts()))


if __name__ == "__main__":
    mistral()
    smollm2(sys.argv[1])
