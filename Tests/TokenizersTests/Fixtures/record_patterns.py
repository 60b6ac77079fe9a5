"""Records how Hugging Face's engine cuts texts by patterns, and what its normalizers make of every scalar.

    pip install tokenizers==0.23.*
    python3 record_patterns.py

patterns.txt.xz   records that end with 1E: the pattern, 1F, and the hash of the cuts of all texts
unicode.txt       a line each: the normalizer, the hash over every scalar and that over every 61st

Hashes are 64 bits of FNV-1a. Of a text they take the byte counts of its pieces as four bytes, little-endian, and
FF FF FF FF; of a scalar what "a", the scalar and U+0301 become, and 1E.
"""

import lzma
import random

from make_corpus import texts
from tokenizers import Regex, normalizers as N, pre_tokenizers as P

SCALARS = [c for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]
NASTY = [
    "a\u0301b\u0327\u0301c", "👩‍👩‍👧‍👦 👍🏽 🇩🇪🇫🇷", "שלום עולם‏ \u202eabc", "\x00\x01\x02a\x7fb\x85", "a\r\nb\r\n\r\nc\n\n\r",
    "\t\ta\t b  \t\n", "\u0378\u0379 \U0003ffff \U00011de0", "x" * 300, "1234567890" * 9, "1,234,567.89 12 345",
    "don't DON'T we'LL I'Ve 'ſ 'S'", "fooBarBAZQux HTTPServer", "a\u200db\u200cc\ufeffd", "ǅ ǈ ǋ ᾈ", "①²³½Ⅷ〇",
    "\u0301\u0302 abc", "\n", "  ", " ", "\r", "a\n", "\n\na", "'s", "s'", "αβγ ΣΑΣ ς", "ｆｕｌｌ　ｗｉｄｔｈ", "ภาษาไทย ລາວ",
]
PATTERNS = [
    r"(?<=\s)\S+", r"(?<!\S)\w", r"(?<=[a-z])(?=[A-Z])", r"^", r"$", r"^\s*", r"\s+$", r"\b", r"\B", r"\bs\b",
    r"(?=(\d{3})+(?!\d))", r"\d{1,3}(?=(?:\d{3})*\b)", r"(?<=ab|c)d|x", r"(?<=a+)b", r"(?<!a\s*)b",
    r"\A.|.\z|.\Z", r"(?>a+)b|.", r"(?>a|ab)c|.", r"\w++\s|.", r"(?>\r\n|\n|\r)+|.", r"\R", r"(?:\p{L}\p{M}*)+",
    r"(?i)[a-z]+|(?-i)S", r"(?m).+", "(?x) [a-z]+ # words\n | \\d", r"[[:alpha:]]+|[[:^alpha:]]", r"[[:punct:]]+",
    r"\h+", r"\p{Latin}+|\p{^Latin}+", r"\p{Han}+|\p{Hiragana}+|\p{Katakana}+|\p{Hangul}+|\p{Thai}+",
    r"(?=\p{Lu})", r"(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})", r"a{2}{2}|b{,2}c|z{|x{y", r"\d{3}?|a+?b",
    r"(?<=\d)\p{L}|(?<=\p{L})\d", r"\p{Emoji}|\p{Extended_Pictographic}", r"(?<!\d)\d{1,3}(?=(\d{3})*(?!\d))",
    r"[^(\s|[.,!?…。，、।۔،])]+", r"\s?\p{L}+(?=\s|$)", r"(?=ab)", r"", r"x*", r"(?i:ſ|k|é)",
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
    r"|\s+(?!\S)|\s",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
    r"|[\p{Han}]+|\s+",
    r"[A-Za-z\d\-]+?(?=[^a-z]|$)", r"(?:(?<=^)|(?<=\s))#\w+", r"(?:(?!ab).)*", r".(?=.\b)", r"(?<=\W)\w(?=\w\b)",
    r"\p{Alphabetic}+|\p{Uppercase}", r"\p{Lowercase_Letter}+", r"\w", r"\p{L}", r"\p{M}", r"\p{N}", r"\p{P}", r"\p{S}",
    r"\p{Lu}", r"\p{Ll}", r"\p{Lt}", r"\p{Lm}", r"\p{Lo}",
]


def hashed(data: bytes) -> str:
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def all_texts() -> list[str]:
    draw = random.Random(7)
    letters = "aAbB zZ09 \n\r\t'sS._-,!/中文あアー한éÉ\u0301\u0327ßſ½²\u200d👍٣"
    drawn = ["".join(draw.choice(letters) for _ in range(draw.randrange(1, 60))) for _ in range(100)]
    every = "".join(map(chr, SCALARS[::61])).replace("\x1e", "")
    return [t.replace("\x1d", "") for t in texts()[::10] + NASTY + drawn + [every]]


def cuts(pattern: str, rows: list[str]) -> str:
    split = P.Split(Regex(pattern), "isolated")
    data = b""
    for text in rows:
        for piece, _ in split.pre_tokenize_str(text):
            data += len(piece.encode()).to_bytes(4, "little")
        data += b"\xff" * 4
    return hashed(data)


def main() -> None:
    rows = all_texts()
    records = [b"".join(t.encode() + b"\x1d" for t in rows)]
    records += [p.encode() + b"\x1f" + cuts(p, rows).encode() for p in PATTERNS]
    with open("patterns.txt.xz", "wb") as file:
        file.write(lzma.compress(b"".join(r + b"\x1e" for r in records), preset=9 | lzma.PRESET_EXTREME))
    steps = {n: getattr(N, n)() for n in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")}
    steps["BertNormalizer"] = N.BertNormalizer()
    with open("unicode.txt", "w") as file:
        for name, step in steps.items():
            made = [step.normalize_str(f"a{chr(c)}\u0301").encode() + b"\x1e" for c in SCALARS]
            print(name, hashed(b"".join(made)), hashed(b"".join(made[::61])), file=file)
    print(len(PATTERNS), "patterns,", len(rows), "texts,", len(steps), "normalizers")


if __name__ == "__main__":
    main()
