"""Writes splits.txt.xz: how each splitting rule cuts the first texts of the corpus, by Hugging Face's engine.

    pip install tokenizers
    python3 make_splits.py

A block is the name of a rule on a line of its own, then a line for each text with the bytes of each piece.
The patterns are those of the models' tokenizer.json files, written out here once more.
"""

import lzma

from make_corpus import texts
from tokenizers import Regex, pre_tokenizers

COUNT = 420
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
C = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
END = r"\s*[\r\n]+|\s+(?!\S)|\s+"
UP, LOW = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
LEAD = r"[^\r\n\p{L}\p{N}]?"
GPT4O = rf"{LEAD}{UP}*{LOW}+{C}?|{LEAD}{UP}+{LOW}*{C}?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{END}"
HAN_UP = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
HAN_LOW = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
PUNCTUATION_WORD = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
DEEPSEEK3 = rf"{PUNCTUATION_WORD}| ?[\p{{P}}\p{{S}}]+[\r\n]*|{END}"
KANA_HAN = "[一-龥\u3040-ゟ゠-ヿ]+"
BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+"


def words(digits: str) -> str:
    return rf"{C}|{LEAD}\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{END}"


RULES = {
    "default": [r"[\p{P}$+<=>\^~|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "falcon": [r"[\p{P}$+<=>\^~|`]+", GPT2, "[0-9][0-9][0-9]"],
    "llama-bpe": [words(r"\p{N}{1,3}")],
    "qwen2": [words(r"\p{N}")],
    "qwen35": [rf"{C}|{LEAD}[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|{END}"],
    "minicpm5": [r"\p{N}{1,3}", words(r"\p{N}+")],
    "laguna": [r"[^\n]+|[\n]+", words(r"\p{N}")],
    "ufakzeka": [rf"{LEAD}\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{END}"],
    "seed-coder": [rf"{C}|{LEAD}\p{{L}}+|\p{{N}}{{1}}| ?[^\s\p{{L}}\p{{N}}\r\n]+|{END}"],
    "bailingmoe": [
        rf"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{{L}}\p{{N}}]?+\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]++[\r\n]*"
        r"|\s*[\r\n]|\s+(?!\S)|\s+"
    ],
    "jais-2": [
        rf"{C}|{LEAD}\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|"
        + "|".join(rf"\s{{{n}}}(?!\S)" for n in ("512", "256", "128", "64", "32", "16", "8", "4", "1,2"))
        + r"|\s{1}"
    ],
    "exaone-moe": [
        rf"{C}|{LEAD}(?:\p{{L}}\p{{M}}*(?: \p{{L}}\p{{M}}*)*)+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]?"
        r"|\s*[\r\n]|\s+(?!\S)|\s+"
    ],
    "gpt-4o": [GPT4O],
    "tekken": [rf"{LEAD}{UP}*{LOW}+|{LEAD}{UP}+{LOW}*|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{END}"],
    "kimi-k2": [
        rf"[\p{{Han}}]+|{LEAD}{HAN_UP}*{HAN_LOW}+{C}?|{LEAD}{HAN_UP}+{HAN_LOW}*{C}?|\p{{N}}{{1,3}}"
        rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{END}"
    ],
    "youtu": [
        "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-\u303f\ufe30-\ufe4f]+|[ㄅ-ㄯ]+|[一-龥\u3040-ゟ゠-ヿ]+",
        rf"{LEAD}{UP}*{LOW}+{C}?|{LEAD}{UP}+{LOW}*{C}?|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{END}",
    ],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥\u0800-一가-\ud7ff]+", r"\p{N}"],
    "deepseek-v3": [r"\p{N}{1,3}", KANA_HAN, DEEPSEEK3],
    "spark2_5": [
        r"\p{N}{1,3}", KANA_HAN, rf"{PUNCTUATION_WORD}| ?[\p{{P}}\p{{S}}]+|[\r\n]|\s+(?!\S)|\s+", r"\p{N}",
    ],
    "bloom": [BLOOM],
    "viking": [BLOOM, r"\p{N}"],
    "chameleon": [
        "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", r"([\t\n]|    |  )", r"\p{N}",
        r"[\p{P}!-/:-@\[-`{-~]", GPT2,
    ],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
    "tiny_aya": [r"\d{1,3}(?=(?:\d{3})*\b)", GPT4O],
}


def main() -> None:
    rows = []
    for name, patterns in RULES.items():
        rows.append(name)
        steps = [pre_tokenizers.Split(Regex(p), "isolated") for p in patterns]
        made = pre_tokenizers.Sequence(steps)
        for text in texts()[:COUNT]:
            rows.append(" ".join(str(len(piece.encode())) for piece, _ in made.pre_tokenize_str(text)))
    with open("splits.txt.xz", "wb") as file:
        file.write(lzma.compress("\n".join(rows).encode() + b"\n", preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
