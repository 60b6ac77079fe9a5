"""Records which scalars Hugging Face's pattern engine has in each class, in every spelling, with and without ignore-case.

    pip install tokenizers==0.23.3 regex
    python3 record_classes.py          (some minutes)

classes.txt   a line each: the pattern, the number of runs of neighbouring scalars, and the hash of those runs

The hash is 64 bits of FNV-1a over "FIRST LAST;" of every run, in decimal. Surrogates are in no run.
"""

from make_unicode_tables import CATEGORIES, PROPERTIES, SCALARS
from record_patterns import hashed
from record_properties import runs
from tokenizers import Regex, pre_tokenizers as P

POSIX = "alnum alpha ascii blank cntrl digit graph lower print punct space upper xdigit word".split()
LITERALS = ["ſ", "s", "k", "\u212a", "ß", "ẞ", "i", "I", "İ", "ı", "é", "ǆ", "ǅ", "µ", "ς", "\u0345", "Ω", "Ꮿ", "ꭰ", "ﬅ", "ŉ"]
OTHERS = [
    "[a-z]", "[^a-z]", "[à-ÿ]", "[^à-ÿ]", "[α-ω]", r"[^[^a]]", r"[a[^b]]", r"[a-z&&[^k]]", r"[\p{Lu}&&a-z]",
    r"[^\W\d_]", r"[^\w½]", r"[\w&&[^_]]", r"[^\s\p{L}\p{N}]", r"[\p{Lu}\p{Nd}]", r"[[:upper:][:digit:]]", r"[^[:lower:]]",
    r"[\x{17f}-\x{180}]", r"[^\p{^L}]", r"[\P{L}&&[^\d]]", r"[K-T]", r"[\p{Latin}&&[:upper:]]", ".",
]
# In descending order, so that no two neighbours are together the same as a third scalar.
TEXT = "".join(map(chr, reversed(SCALARS)))
COUNT = len(SCALARS)


def found(pattern: str) -> list[int]:
    split = P.Split(Regex(f"(?:{pattern})+"), "removed", invert=True)
    places = [SCALARS[COUNT - 1 - i] for _, (a, b) in split.pre_tokenize_str(TEXT) for i in range(a, b)]
    return sorted(places)


def patterns() -> list[str]:
    result = []
    for letter in "wWdDsShH":
        result += [rf"\{letter}", rf"[\{letter}]", rf"[^\{letter}]"]
    for name in POSIX:
        result += [f"[[:{name}:]]", f"[[:^{name}:]]", f"[^[:{name}:]]"]
    for name in CATEGORIES + ["L", "M", "N", "P", "S", "Z", "C", "Greek", "Cherokee"] + PROPERTIES:
        result += [rf"\p{{{name}}}", rf"\P{{{name}}}", rf"[\p{{{name}}}]", rf"[^\p{{{name}}}]", rf"[\p{{^{name}}}]"]
    result += OTHERS
    return result + ["(?i)" + p for p in result] + ["(?i)" + c for c in LITERALS] + [f"(?i)[{c}]" for c in LITERALS]


def main() -> None:
    with open("classes.txt", "w") as file:
        for pattern in patterns():
            ranges = runs(found(pattern))
            text = "".join(f"{first} {last};" for first, last in ranges)
            print(pattern, len(ranges), hashed(text.encode()), file=file)


if __name__ == "__main__":
    main()
