"""Times TokenizerBenchmark beside Hugging Face's tokenizers or sentencepiece, one thread each, and prints the ratios.

    pip install tokenizers==0.23.* sentencepiece==0.2.3
    swift build -c release --product TokenizerBenchmark
    python3 Tests/Benchmarks/TokenizerBenchmark/twin.py [FILE ...] [--text TEXT] [--binary PATH] [--rounds N]

A FILE is a GGUF file of one of the fixtures' families, a tokenizer.json or a tokenizer.model, packed with xz or not.
Without one, fixtures of every family are taken, and without TEXT the corpus of the tests, twenty times. Both sides
get the text in parts of about 2 KB, take turns, and count processor time; the figures are medians. With --ids the
ids are compared instead of timed.
"""

import argparse
import lzma
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "../../TokenizersTests/Fixtures")
ROOT = os.path.join(HERE, "../../..")
sys.path.insert(0, FIXTURES)
os.environ["RAYON_NUM_THREADS"] = "1"
PART_BYTES, INNER = 2048, 3
DEFAULT = (
    "vocab/smollm2.gguf vocab/ggml-vocab-gpt-2.gguf vocab/ggml-vocab-llama-bpe.gguf files/bl-gpt4.json"
    " files/bl-nfc.json files/bl-clip.json files/sp-llama.json files/sp-meta-first.json files/uni-plain.json"
    " files/uni-pre.json files/wp-uncased.json files/wp-cased.json files/wl-space.json files/uni-nmt.model"
    " files/uni-nosplit.model files/bpe-nmt.model files/bpe-bytes.model"
).split()


def parts(text: bytes) -> list[str]:
    result, start = [], 0
    while (end := text.find(b"\n", start + PART_BYTES - 1)) >= 0:
        result.append(text[start : end + 1].decode())
        start = end + 1
    if start < len(text):
        result.append(text[start:].decode())
    return result


def gguf(path: str):
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
    # As the other side does without its option: the spelling of a special token is text.
    made.encode_special_tokens = True
    return lambda texts: [made.encode(t, add_special_tokens=False).ids for t in texts]


def sentencepiece(path: str):
    import sentencepiece

    made = sentencepiece.SentencePieceProcessor(model_file=path)
    return lambda texts: [made.encode(t) for t in texts]


def timed(body) -> tuple[float, object]:
    start = time.process_time()
    result = body()
    return time.process_time() - start, result


def measure(binary: str, path: str, text: str, rounds: int) -> None:
    kind = os.path.splitext(path)[1]
    make = {".json": json_file, ".model": sentencepiece}.get(kind, gguf)
    with open(text, "rb") as file:
        data = file.read()
    texts = parts(data)
    rows: dict[str, list[float]] = {k: [] for k in ("load", "encode", "their load", "their encode")}
    for _ in range(rounds):
        output = subprocess.run([binary, path, text], capture_output=True, text=True, check=True).stdout
        for key in ("load", "encode"):
            rows[key].append(float(re.search(rf"^{key}: ([\d.]+)", output, re.M).group(1)))
        seconds, encode = timed(lambda: make(path))
        rows["their load"].append(seconds * 1000)
        times = [timed(lambda: encode(texts))[0] for _ in range(INNER)]
        rows["their encode"].append(len(data) / 1e6 / statistics.median(times))
    load, speed, their_load, their_speed = (statistics.median(v) for v in rows.values())
    rest = f"{load:7.1f}  {their_load:7.1f}  {load / their_load:5.2f}" if make is not gguf else ""
    print(f"{os.path.basename(path):30} {speed:7.2f}  {their_speed:7.2f}  {speed / their_speed:5.2f}   {rest}", flush=True)


def compare(binary: str, path: str, text: str) -> None:
    make = {".json": json_file, ".model": sentencepiece}.get(os.path.splitext(path)[1], gguf)
    output = subprocess.run([binary, path, text, "--ids"], capture_output=True, text=True, check=True).stdout
    with open(text, "rb") as file:
        rows = make(path)(parts(file.read()))
    same = sum(" ".join(map(str, row)) == line for row, line in zip(rows, output.split("\n")))
    print(f"{os.path.basename(path):30} {same} of {len(rows)} parts have the same ids", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("files", nargs="*")
    options.add_argument("--text")
    options.add_argument("--binary", default=os.path.join(ROOT, ".build/release/TokenizerBenchmark"))
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--ids", action="store_true")
    chosen = options.parse_args()
    if not os.path.exists(chosen.binary):
        sys.exit(f"{chosen.binary} is not there: swift build -c release --product TokenizerBenchmark, or --binary")
    with tempfile.TemporaryDirectory() as folder:
        text = chosen.text
        if not text:
            text = os.path.join(folder, "corpus.txt")
            with lzma.open(os.path.join(FIXTURES, "corpus.txt.xz")) as packed, open(text, "wb") as file:
                file.write(packed.read().replace(b"\x1e", b"\n").replace(b"\0", b" ") * 20)
        if not chosen.ids:
            print(f"{'':30} encode, MB/s            load, ms\n{'':30}    ours   theirs  ratio      ours   theirs  ratio")
        for name in chosen.files or [os.path.join(FIXTURES, f + ".xz") for f in DEFAULT]:
            path = name
            if name.endswith(".xz"):
                path = os.path.join(folder, os.path.basename(name)[:-3])
                with lzma.open(name) as packed, open(path, "wb") as file:
                    file.write(packed.read())
            if chosen.ids:
                compare(chosen.binary, path, text)
            else:
                measure(chosen.binary, path, text, chosen.rounds)


if __name__ == "__main__":
    main()
