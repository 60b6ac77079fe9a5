"""Writes Sources/Tokenizers/Unicode/UnicodeRuns.swift: general categories and four scripts, as sorted runs.

Needs the PyPI package `regex`, whose tables follow the newest Unicode that it knows; the version is found
by probing one character that each recent version added, and goes into the file's head.

    python3 make_unicode_tables.py > ../../../Sources/Tokenizers/Unicode/UnicodeRuns.swift
"""

import regex

CATEGORIES = ("Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs").split()
SCRIPTS = ("Han", "Hiragana", "Katakana", "Hangul")
PROBES = (("18.0", 0x11DE0 + 0x100000), ("17.0", 0x11DE0), ("16.0", 0x105C0), ("15.1", 0x2FFC), ("15.0", 0x11F00))
COLUMNS = 8


def version() -> str:
    for name, scalar in PROBES:
        if scalar < 0x110000 and not regex.match(r"\p{Cn}", chr(scalar)):
            return name
    return "14.0 or older"


def category_of_all() -> list[int]:
    text = "".join(map(chr, range(0x110000)))
    result = [0] * 0x110000
    for number, name in enumerate(CATEGORIES):
        if name == "Cs":
            for scalar in range(0xD800, 0xE000):
                result[scalar] = number
            continue
        for match in regex.finditer(rf"\p{{{name}}}+", text):
            for scalar in range(match.start(), match.end()):
                result[scalar] = number
    return result


def rows(values: list[str]) -> str:
    return "\n".join(
        "    " + " ".join(v + "," for v in values[i : i + COLUMNS]) for i in range(0, len(values), COLUMNS)
    )


def main() -> None:
    categories = category_of_all()
    runs = [
        f"0x{(scalar << 8) | categories[scalar]:08X}"
        for scalar in range(0x110000)
        if scalar == 0 or categories[scalar] != categories[scalar - 1]
    ]
    print("// Made by Tests/TokenizersTests/Fixtures/make_unicode_tables.py; do not edit.")
    print("// swift-format-ignore-file")
    print()
    print("/// The Unicode Character Database as sorted runs.")
    print("enum UnicodeRuns {")
    print("  /// The version of the Unicode Character Database.")
    print(f'  static let version = "{version()}"')
    print()
    print("  /// The two-letter names of the general categories, in the order of their numbers below.")
    names = ", ".join(f'"{c}"' for c in CATEGORIES)
    print(f"  static let categoryNames: [String] = [\n    {names},\n  ]")
    print()
    print("  /// First scalar of a run times 256 plus the number of its category; a run ends where the next begins.")
    print(f"  static let categories: [UInt32] = [\n{rows(runs)}\n  ]")
    text = "".join(map(chr, range(0x110000)))
    for script in SCRIPTS:
        bounds = []
        for match in regex.finditer(rf"\p{{Script={script}}}+", text):
            bounds += [f"0x{match.start():05X}", f"0x{match.end() - 1:05X}"]
        print()
        print(f"  /// First and last scalar of every run of the script {script}.")
        print(f"  static let {script.lower()}: [UInt32] = [\n{rows(bounds)}\n  ]")
    print("}")


if __name__ == "__main__":
    main()
