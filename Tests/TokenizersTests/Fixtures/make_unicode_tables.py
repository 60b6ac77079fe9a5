"""Writes the Unicode tables of Sources/Tokenizers/Unicode as Hugging Face's tokenizers have them.

The parts of that library carry tables of several versions of Unicode (its pattern engine, its normal forms, its
punctuation), and ids are equal only if each part has its own. So the tables are asked of the library itself.

    pip install tokenizers==0.23.* regex          (regex only for the names of scripts)
    python3 make_unicode_tables.py runs > ../../../Sources/Tokenizers/Unicode/UnicodeRuns.swift
    python3 make_unicode_tables.py sets > ../../../Sources/Tokenizers/Unicode/UnicodeSets.swift
    python3 make_unicode_tables.py decompositions > ../../../Sources/Tokenizers/Unicode/UnicodeDecompositions.swift
"""

import sys
import unicodedata

from tokenizers import Regex, __version__
from tokenizers import normalizers as N
from tokenizers import pre_tokenizers as P

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs".split()
PROPERTIES = (
    "Alphabetic Word Alnum Uppercase Lowercase Punct Space Blank Cntrl Graph Print XDigit Emoji Emoji_Presentation"
    " Emoji_Modifier Emoji_Modifier_Base Emoji_Component Extended_Pictographic Ideographic Math"
    " Default_Ignorable_Code_Point Grapheme_Extend ID_Start ID_Continue"
).split()
ALIASES = {"Alphabetic": "alpha", "Uppercase": "upper", "Lowercase": "lower", "Space": "whitespace"}
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, SCALARS))
HEAD = """// Made by Tests/TokenizersTests/Fixtures/make_unicode_tables.py; do not edit.
// swift-format-ignore-file
"""


def ranges(scalars) -> list[tuple[int, int]]:
    """Runs of neighbours; the surrogates, which no text has, are no gap."""
    result: list[list[int]] = []
    for c in sorted(scalars):
        if result and (c == result[-1][1] + 1 or c == 0xE000 and result[-1][1] == 0xD7FF):
            result[-1][1] = c
        else:
            result.append([c, c])
    return [tuple(r) for r in result]


def matching(pattern: str) -> list[tuple[int, int]]:
    """The runs of scalars that the pattern engine has in a class."""
    split = P.Split(Regex(f"{pattern}+"), "removed", invert=True)
    runs = [(SCALARS[a], SCALARS[b - 1]) for _, (a, b) in split.pre_tokenize_str(TEXT)]
    return runs


def runs_of_categories() -> None:
    category = [CATEGORIES.index("Cs")] * 0x110000
    for number, name in enumerate(CATEGORIES):
        if name == "Cs":
            continue
        for low, high in matching(rf"\p{{{name}}}"):
            for c in range(low, high + 1):
                if not 0xD800 <= c < 0xE000:
                    category[c] = number
    runs = [
        f"0x{(c << 8) | category[c]:08X},"
        for c in range(0x110000)
        if c == 0 or category[c] != category[c - 1]
    ]
    print(HEAD)
    print(f"/// The general categories as the pattern engine of Hugging Face's tokenizers {__version__} has them.")
    print("enum UnicodeRuns {")
    print("  /// The two-letter names of the general categories, in the order of their numbers below.")
    print("  static let categoryNames: [String] = [\n    " + ", ".join(f'"{c}"' for c in CATEGORIES) + ",\n  ]\n")
    print("  /// First scalar of a run times 256 plus the number of its category; a run ends where the next begins.")
    print("  static let categories: [UInt32] = [")
    for i in range(0, len(runs), 8):
        print("    " + " ".join(runs[i : i + 8]))
    print("  ]\n}")


def scripts() -> list[tuple[str, str]]:
    """Long and short names of the scripts that the pattern engine knows."""
    import regex._regex_core as core

    by_id: dict[int, list[str]] = {}
    for name, number in core.PROPERTIES["SCRIPT"][1].items():
        by_id.setdefault(number, []).append(name)
    result = []
    for names in by_id.values():
        known = []
        for name in names:
            try:
                Regex(rf"\p{{{name}}}")
                known.append(name.lower())
            except Exception:
                pass
        if known:
            result.append(sorted(set(known), key=lambda name: (-len(name), name)))
    return sorted(result)


def other_sets() -> dict[str, list[tuple[int, int]]]:
    """The classes of parts that are not patterns."""
    alone = lambda step: [c for c in SCALARS if step.normalize_str(chr(c)) == ""]
    plain = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    words = P.Whitespace()
    return {
        "punctuation of pre-tokenizers": ranges(
            c for c in SCALARS if not P.Punctuation("removed").pre_tokenize_str(chr(c))
        ),
        "removed by BertNormalizer": ranges(alone(N.BertNormalizer(**{**plain, "clean_text": True}))),
        "accents of BertNormalizer": ranges(alone(N.BertNormalizer(**{**plain, "strip_accents": True}))),
        "accents of StripAccents": ranges(alone(N.StripAccents())),
        "words of Whitespace": ranges(c for c in SCALARS if len(words.pre_tokenize_str(f"a{chr(c)}")) == 1
                                      and words.pre_tokenize_str(chr(c))),
        "numbers of Digits": ranges(c for c in SCALARS if len(P.Digits(True).pre_tokenize_str(f"a{chr(c)}")) == 2),
    }


def scripts_of_splitting() -> list[list[tuple[int, int]]]:
    """For every script of UnicodeScripts its runs; what never splits is in none."""
    step = P.UnicodeScripts()
    runs: list[tuple[int, int]] = []
    for _, (a, b) in step.pre_tokenize_str(TEXT):
        runs.append((a, b))
    found: list[tuple[str, list[int]]] = []
    kept = lambda t: len(step.pre_tokenize_str(t)) == 1
    for a, b in runs:
        # A run has one script and, anywhere, scalars without one: those vanish when they are alone.
        own = [c for c in TEXT[a:b] if step.pre_tokenize_str(c)]
        for first, members in found:
            if kept(first + own[0]):
                members.extend(map(ord, own))
                break
        else:
            found.append((own[0], list(map(ord, own))))
    return [ranges(members) for _, members in found]


def coded(runs: list[tuple[int, int]]) -> list[str]:
    """Gap and length less one of every run, in hexadecimal, the length left out when it is one."""
    words, end = [], 0
    for low, high in runs:
        words.append(f"{low - end:X}" + (f".{high - low:X}" if high > low else ""))
        end = high + 1
    return words


def wrapped(words: list[str], separator: str, width: int) -> list[str]:
    """Words in lines of at most `width` characters, a separator at the end of a line included."""
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] += (separator if lines[-1] else "") + word
    return lines


def printed(words: list[str]) -> None:
    lines = wrapped(words, " ", 100)
    for i, line in enumerate(lines):
        print("    " + line + (" \\" if i + 1 < len(lines) else ""))
    print('    """,', end="")


def sets() -> None:
    print(HEAD)
    print(f"/// Classes of scalars as the parts of Hugging Face's tokenizers {__version__} have them.")
    print("///")
    print("/// Each is the gap before a run and, behind a dot, its length less one, in hexadecimal.")
    print("enum UnicodeSets {")

    def table(doc: str, name: str, rows: list[tuple[list[str], list[tuple[int, int]]]]) -> None:
        print(f"  /// {doc}")
        print(f"  static let {name}: [(names: [String], runs: StaticString)] = [")
        for names, runs in rows:
            print("    ([" + ", ".join(f'"{n}"' for n in names) + '], """')
            printed(coded(runs))
            print("),")
        print("  ]")

    rows = []
    for name in PROPERTIES:
        names = [name.lower().replace("_", "")] + ([ALIASES[name]] if name in ALIASES else [])
        rows.append((names, matching(rf"\p{{{name}}}")))
    table("Properties of patterns, by name without underscores.", "properties", rows)
    rows = [([n.replace("_", "") for n in names], matching(rf"\p{{{names[0]}}}")) for names in scripts()]
    table("Scripts of patterns, by name without underscores.", "scripts", rows)
    table("What other parts ask for.", "others", [([k], v) for k, v in other_sets().items()])
    table("The scripts that UnicodeScripts keeps apart.", "apart", [([], r) for r in scripts_of_splitting()])
    print("}")


def decompositions() -> None:
    full = {form: {} for form in ("NFD", "NFKD")}
    for form, table in full.items():
        step = getattr(N, form)()
        for c in SCALARS:
            if 0xAC00 <= c < 0xAC00 + 11172:
                continue
            text = step.normalize_str(chr(c))
            if text != chr(c):
                table[c] = text
    compose = N.NFC()
    lines = []
    for c in sorted(full["NFKD"].keys() | full["NFD"].keys()):
        parts = unicodedata.decomposition(chr(c)).split()
        if c in full["NFD"]:
            # A mapping that composing does not undo is excluded from composition.
            mark = "" if compose.normalize_str(full["NFD"][c]) == chr(c) else "!"
            if not parts or parts[0].startswith("<"):
                parts = [f"{ord(x):X}" for x in full["NFD"][c]]
        else:
            mark, parts = "~", [f"{ord(x):X}" for x in full["NFKD"][c]]
        lines.append(f"{mark}{c:X} " + " ".join(p.lstrip("0") or "0" for p in parts))
    out = wrapped(lines, ";", 104)
    print(HEAD)
    print(f"/// The decomposition mappings as the normal forms of Hugging Face's tokenizers {__version__} have them.")
    print("enum UnicodeDecompositions {")
    print("  /// For each scalar that decomposes its number and those of what it becomes, in hexadecimal: \"~\" before a")
    print("  /// compatibility mapping, \"!\" before one that composition leaves alone.")
    print('  static let text: StaticString = """')
    print("\n".join("    " + r + (";\\" if i + 1 < len(out) else "") for i, r in enumerate(out)))
    print('    """\n}')


if __name__ == "__main__":
    {"runs": runs_of_categories, "sets": sets, "decompositions": decompositions}[sys.argv[1]]()
