"""Records which tokens of small random vocabularies llama.cpp takes for the ends of a generation, and for other roles.

    pip install llama-cpp-python==0.3.36 gguf numpy
    python3 record_roles.py

cases/roles.txt   a line each: `tokenizer.ggml.model`; the pieces, each behind the digit of its type; the ids in the file
                  as KEY=ID; the ids of the tokens that end a generation; BOS and EOS, -1 for none; the control tokens

Fields are separated by tabs and the items of a field by U+001F.
"""

import os
import random
import tempfile

import gguf
import llama_cpp as L

SPELLINGS = [
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
    "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>",
    "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[", "<|plamo:eos|>", "<|fim_pad|>", "<fim-pad>",
    "<fim_pad>", "<PAD>", "[PAD]", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>", "<|file_sep|>",
    "<|file_separator|>", "<|im_start|>", "<|EOT|>", "<eot>", "<|endofprompt|>", "<|eos|>", "[end]", "<s>", "<bos>",
]
# Of these llama.cpp takes one at random when a vocabulary has several.
ALONE = [
    {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"},
    {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"},
]
KEYS = ["bos", "eos", "eot", "eom", "unknown", "padding", "fim_pad", "fim_rep", "fim_sep"]
WORDS = [f"w{i}" for i in range(12)]


def draw(random: random.Random) -> tuple[str, list[tuple[str, int]], dict[str, int]]:
    model = random.choice(["llama", "llama", "gpt2", "gpt2", "t5"])
    chosen = random.sample(SPELLINGS, random.randrange(0, 9))
    for group in ALONE:
        several = [s for s in chosen if s in group][1:]
        chosen = [s for s in chosen if s not in several]
    pieces = WORDS[: random.choice([3, 8, 12])] + chosen
    random.shuffle(pieces)
    typed = [(piece, random.choice([1, 1, 3, 3, 4, 5])) for piece in pieces]
    size = len(typed)
    ids = {key: random.randrange(0, size + 4) for key in KEYS if random.random() < 0.3}
    for key in ids:
        if random.random() < 0.1:
            ids[key] = 0xFFFFFFFF
    return model, typed, ids


def write(path: str, model: str, pieces: list[tuple[str, int]], ids: dict[str, int]) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model(model)
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([piece for piece, _ in pieces])
    writer.add_token_types([kind for _, kind in pieces])
    writer.add_token_scores([0.0] * len(pieces))
    if model == "gpt2":
        writer.add_token_merges(["w 0"])
    for key, number in ids.items():
        writer.add_uint32(f"tokenizer.ggml.{key}_token_id", number)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def roles(path: str) -> tuple[list[int], int, int, list[int]]:
    parameters = L.llama_model_default_params()
    parameters.vocab_only = True
    model = L.llama_model_load_from_file(path.encode(), parameters)
    assert model, "llama.cpp refused a vocabulary"
    vocab = L.llama_model_get_vocab(model)
    every = range(L.llama_vocab_n_tokens(vocab))
    ends = [i for i in every if L.llama_vocab_is_eog(vocab, i)]
    controls = [i for i in every if L.llama_vocab_is_control(vocab, i)]
    result = (ends, L.llama_vocab_bos(vocab), L.llama_vocab_eos(vocab), controls)
    L.llama_model_free(model)
    return result


def main() -> None:
    quiet = L.llama_log_callback(lambda *_: None)
    L.llama_log_set(quiet, None)
    source = random.Random(19)
    with tempfile.TemporaryDirectory() as folder, open("cases/roles.txt", "w") as file:
        path = os.path.join(folder, "m.gguf")
        for _ in range(500):
            model, pieces, ids = draw(source)
            write(path, model, pieces, ids)
            ends, bos, eos, controls = roles(path)
            fields = [
                model, "\x1f".join(f"{kind}{piece}" for piece, kind in pieces),
                "\x1f".join(f"{key}={number}" for key, number in ids.items()),
                " ".join(map(str, ends)), f"{bos} {eos}", " ".join(map(str, controls)),
            ]
            print("\t".join(fields), file=file)


if __name__ == "__main__":
    main()
