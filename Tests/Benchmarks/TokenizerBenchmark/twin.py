"""The twin of TokenizerBenchmark: the same text through Hugging Face's tokenizers or sentencepiece, one thread.

    python3 twin.py SmolLM2-135M-Instruct.gguf TEXT [--ids]     (pip install tokenizers)
    python3 twin.py tokenizer.json TEXT [--ids]                 (pip install tokenizers)
    python3 twin.py tokenizer.model TEXT [--ids]                (pip install sentencepiece)
"""

import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../TokenizersTests/Fixtures"))
os.environ["RAYON_NUM_THREADS"] = "1"
PART_BYTES, ROUNDS = 2048, 5


def parts(text: bytes) -> list[str]:
    result, start = [], 0
    while (end := text.find(b"\n", start + PART_BYTES - 1)) >= 0:
        result.append(text[start : end + 1].decode())
        start = end + 1
    if start < len(text):
        result.append(text[start:].decode())
    return result


def huggingface(path: str):
    from make_vocabularies import Reader
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    with open(path, "rb") as file:
        pairs = Reader(file.read()).pairs()
    tokens = [t.decode() for t in pairs["tokenizer.ggml.tokens"][2]]
    merges = [tuple(m.decode().split(" ")) for m in pairs["tokenizer.ggml.merges"][2]]
    pre = pairs["tokenizer.ggml.pre"][2].decode()
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pre != "llama-bpe")
    llama3 = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    steps = {
        "smollm": [pre_tokenizers.Digits(individual_digits=True), byte_level],
        "gpt-2": [byte_level],
        "llama-bpe": [pre_tokenizers.Split(Regex(llama3), "isolated"), byte_level],
    }[pre]
    vocab = {t: i for i, t in enumerate(tokens)}
    made = Tokenizer(models.BPE(vocab=vocab, merges=merges, ignore_merges=pre == "llama-bpe"))
    made.pre_tokenizer = pre_tokenizers.Sequence(steps)
    return lambda texts: [made.encode(t, add_special_tokens=False).ids for t in texts]


def json_file(path: str):
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(path)
    made.no_padding()
    made.no_truncation()
    return lambda texts: [made.encode(t, add_special_tokens=False).ids for t in texts]


def sentencepiece(path: str):
    import sentencepiece

    made = sentencepiece.SentencePieceProcessor(model_file=path)
    return lambda texts: [made.encode(t) for t in texts]


def main() -> None:
    kinds = {".model": sentencepiece, ".json": json_file}
    encode = kinds.get(os.path.splitext(sys.argv[1])[1], huggingface)(sys.argv[1])
    with open(sys.argv[2], "rb") as file:
        text = file.read()
    all_parts = parts(text)
    if len(sys.argv) > 3:
        for row in encode(all_parts):
            print(*row)
        return
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        rows = encode(all_parts)
        times.append(time.process_time() - start)
    print(f"{len(text)} bytes, {sum(map(len, rows))} tokens")
    print(f"encode: {len(text) / 1e6 / statistics.median(times):.2f} MB/s")


if __name__ == "__main__":
    main()
