"""Records the ids that llama.cpp gives texts with "▁" among spaces, under small SentencePiece vocabularies.

    pip install llama-cpp-python==0.3.36 gguf numpy
    python3 record_marks.py

cases/marks.txt   a line for a vocabulary: "V", its normal pieces from the best score on; a line for each text: "T", the
                  text, its ids

Before the normal pieces a vocabulary has <unk>, <s>, </s> and 256 byte tokens. Fields are separated by tabs and the items
of a field by U+001F; "\\n" is an escape.
"""

import os
import random
import tempfile

import gguf
import llama_cpp as L

VOCABULARIES = [
    ["▁▁", "▁▁▁▁", "▁a", "ab", "▁ab", "▁", "a", "b", "é"],
    ["▁▁▁", "ab", "▁▁", "▁b", "▁", "a", "b"],
    ["a▁", "▁▁", "b▁a", "▁a", "▁", "a", "b", "▁▁▁▁"],
    ["▁a", "▁b", "ab", "a", "b"],
]


def write(path: str, pieces: list[str]) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)] + pieces)
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * len(pieces))
    writer.add_token_scores([0.0] * 259 + [-float(i) for i in range(len(pieces))])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def main() -> None:
    quiet = L.llama_log_callback(lambda *_: None)
    L.llama_log_set(quiet, None)
    draw = random.Random(20)
    with tempfile.TemporaryDirectory() as folder, open("cases/marks.txt", "w") as file:
        path = os.path.join(folder, "m.gguf")
        for pieces in VOCABULARIES:
            print("V", "\x1f".join(pieces), sep="\t", file=file)
            write(path, pieces)
            parameters = L.llama_model_default_params()
            parameters.vocab_only = True
            model = L.llama_model_load_from_file(path.encode(), parameters)
            vocab = L.llama_model_get_vocab(model)
            for _ in range(1000):
                text = "".join(draw.choice("aabé▁▁▁    \n") for _ in range(draw.randrange(0, 14)))
                data = text.encode()
                ids = (L.llama_token * 256)()
                count = L.llama_tokenize(vocab, data, len(data), ids, len(ids), False, False)
                assert count >= 0
                print("T", text.replace("\n", "\\n"), " ".join(map(str, ids[:count])), sep="\t", file=file)
            L.llama_model_free(model)


if __name__ == "__main__":
    main()
