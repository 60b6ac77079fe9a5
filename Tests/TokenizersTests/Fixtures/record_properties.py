"""Records which scalars the pattern engine of Hugging Face's tokenizers has in each property, category and script.

    pip install tokenizers==0.23.3 regex
    python3 record_properties.py

properties.txt   a line each: the name, the number of runs of neighbouring scalars, and the hash of those runs

The hash is 64 bits of FNV-1a over "FIRST LAST;" of every run, in decimal. Surrogates are in no run.
"""

from make_unicode_tables import CATEGORIES, PROPERTIES, matching, script_names
from record_patterns import hashed

GROUPS = ["L", "M", "N", "P", "S", "Z", "C", "LC", "Uppercase_Letter", "Any", "ASCII", "Assigned"]


def runs(scalars: list[int]) -> list[tuple[int, int]]:
    result: list[list[int]] = []
    for c in scalars:
        if result and c == result[-1][1] + 1:
            result[-1][1] = c
        else:
            result.append([c, c])
    return [(first, last) for first, last in result]


def main() -> None:
    names = CATEGORIES + GROUPS + PROPERTIES
    for code, others in script_names():
        names += [code, *others[:1]]
    with open("properties.txt", "w") as file:
        for name in names:
            found = runs(matching(rf"\p{{{name}}}"))
            text = "".join(f"{first} {last};" for first, last in found)
            print(name, len(found), hashed(text.encode()), file=file)


if __name__ == "__main__":
    main()
