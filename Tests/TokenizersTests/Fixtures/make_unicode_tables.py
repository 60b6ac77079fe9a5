"""Writes the Unicode tables in Sources/Tokenizers/Unicode/Tables as Hugging Face's tokenizers have them.

The parts of that library carry tables of several versions of Unicode (its pattern engine, its normal forms, its
punctuation), and ids are equal only if each part here has the table of its counterpart. So the library itself is asked.

    pip install tokenizers==0.23.3 regex          (regex only for the names of scripts)
    python3 make_unicode_tables.py                (some minutes; a second run changes nothing)
"""

import os
import unicodedata

from tokenizers import Regex, __version__
from tokenizers import normalizers as N
from tokenizers import pre_tokenizers as P

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Sources/Tokenizers/Unicode/Tables")
WIDTH = 110
CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
PROPERTIES = (
    "Alphabetic Word Alnum Uppercase Lowercase Punct Space Blank Cntrl Graph Print XDigit Emoji Emoji_Presentation"
    " Emoji_Modifier Emoji_Modifier_Base Emoji_Component Extended_Pictographic Ideographic Math"
    " Default_Ignorable_Code_Point Grapheme_Extend ID_Start ID_Continue"
).split()
ALIASES = {"Alphabetic": "alpha", "Uppercase": "upper", "Lowercase": "lower", "Space": "whitespace"}
COUNT = 0x110000
SCALARS = [c for c in range(COUNT) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, SCALARS))
HANGUL = range(0xAC00, 0xAC00 + 11172)


# What the library says.


def matching(pattern: str) -> list[int]:
    """The scalars that the pattern engine has in a class."""
    split = P.Split(Regex(f"{pattern}+"), "removed", invert=True)
    return [c for _, (a, b) in split.pre_tokenize_str(TEXT) for c in SCALARS[a:b]]


def categories() -> list[str]:
    """The general category of every scalar."""
    result = ["Cs"] * COUNT
    for name in CATEGORIES:
        for c in matching(rf"\p{{{name}}}"):
            result[c] = name
    assert result.count("Cs") == 0x800
    return result


def script_names() -> list[tuple[str, list[str]]]:
    """The four-letter code and all names of each script that the pattern engine knows."""
    import regex._regex_core as core

    by_number: dict[int, set[str]] = {}
    for name, number in core.PROPERTIES["SCRIPT"][1].items():
        try:
            Regex(rf"\p{{{name}}}")
        except Exception:
            continue
        by_number.setdefault(number, set()).add(name.lower())
    result = []
    for names in by_number.values():
        # "Qaai" and "Qaac" are codes for private use that became others.
        code = min((n for n in names if len(n) == 4), key=lambda n: (n.startswith("qaa"), n))
        result.append((code.capitalize(), sorted(names - {code})))
    return sorted(result)


def scripts(names: list[tuple[str, list[str]]]) -> list[str]:
    """The script of every scalar; surrogates are in that of unassigned ones."""
    result = ["Zzzz"] * COUNT
    for code, _ in names:
        for c in matching(rf"\p{{{code}}}"):
            assert result[c] == "Zzzz", "a scalar has two scripts"
            result[c] = code
    return result


def scripts_of_splitting(scripts: list[str]) -> list[str]:
    """The script that UnicodeScripts sees in every scalar, by the code of its first one; "Zzzz" for what never splits."""
    step = P.UnicodeScripts()
    result = ["Zzzz"] * COUNT
    found: dict[str, str] = {}
    for _, (a, b) in step.pre_tokenize_str(TEXT):
        # A run has one script and, anywhere, scalars without one: those vanish when they are alone.
        own = [c for c in TEXT[a:b] if step.pre_tokenize_str(c)]
        code = next((code for first, code in found.items() if len(step.pre_tokenize_str(first + own[0])) == 1), None)
        if code is None:
            code = scripts[ord(own[0])]
            assert code not in found.values(), "two scripts begin with the same one"
            found[own[0]] = code
        for c in own:
            result[ord(c)] = code
    return result


def other_sets() -> dict[str, list[int]]:
    """The classes of parts that are not patterns."""
    vanishing = lambda step: [c for c in SCALARS if step.normalize_str(chr(c)) == ""]
    bert = lambda **on: N.BertNormalizer(
        **{**dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False), **on}
    )
    words, digits, signs = P.Whitespace(), P.Digits(True), P.Punctuation("removed")
    joins = lambda c: len(words.pre_tokenize_str(f"a{chr(c)}")) == 1 and words.pre_tokenize_str(chr(c))
    return {
        "punctuation of pre-tokenizers": [c for c in SCALARS if not signs.pre_tokenize_str(chr(c))],
        "removed by BertNormalizer": vanishing(bert(clean_text=True)),
        "accents of BertNormalizer": vanishing(bert(strip_accents=True)),
        "accents of StripAccents": vanishing(N.StripAccents()),
        "words of Whitespace": [c for c in SCALARS if joins(c)],
        "numbers of Digits": [c for c in SCALARS if len(digits.pre_tokenize_str(f"a{chr(c)}")) == 2],
    }


def decompositions() -> tuple[list[tuple[int, str, list[int]]], list[tuple[int, str, list[int]]]]:
    """Canonical and compatibility mappings: a scalar, "!" if composition leaves it alone, and what it becomes."""
    full = {}
    for form in ("NFD", "NFKD"):
        step = getattr(N, form)()
        made = ((c, step.normalize_str(chr(c))) for c in SCALARS if c not in HANGUL)
        full[form] = {c: text for c, text in made if text != chr(c)}
    compose = N.NFC()
    canonical, compatible = [], []
    for c in sorted(full["NFKD"].keys() | full["NFD"].keys()):
        if c not in full["NFD"]:
            compatible.append((c, "", list(map(ord, full["NFKD"][c]))))
            continue
        parts = unicodedata.decomposition(chr(c)).split()
        known = parts and not parts[0].startswith("<")
        targets = [int(p, 16) for p in parts] if known else list(map(ord, full["NFD"][c]))
        canonical.append((c, "" if compose.normalize_str(full["NFD"][c]) == chr(c) else "!", targets))
    return canonical, compatible


def case_folds() -> list[tuple[int, str, list[int]]]:
    """What each scalar folds to: the lowest scalar that the pattern engine takes for the same, or several scalars."""
    blocks = [range(0xA720, 0xA800), range(0x10D40, 0x10D90), range(0x16E40, 0x16ED0), range(0x1C80, 0x1C90)]
    cased = {c for c in SCALARS if len({chr(c), chr(c).lower(), chr(c).upper(), chr(c).title(), chr(c).casefold()}) > 1}
    # Python's tables are older than the engine's: blocks that have grown are searched as a whole.
    scalars = sorted(cased.union(*blocks, range(0x180, 0x2B0)))
    rows = "\n".join(map(chr, scalars))
    found = []
    for c in scalars:
        split = P.Split(Regex(f"(?i:\\x{{{c:x}}})"), "removed", invert=True)
        same = min(ord(piece) for piece, _ in split.pre_tokenize_str(rows))
        if same < c:
            found.append((c, "", [same]))
        several = chr(c).casefold()
        if len(several) > 1:
            # Another scalar with this fold has been written already, unless it is this one.
            assert split.pre_tokenize_str(several)[0][1] == (0, len(several))
            if same == c:
                found.append((c, "", list(map(ord, several))))
    return found


# How it is written.


def spelled_partition(codes: list[str]) -> list[str]:
    """Each run of one code: the code, and its length less one in lower-case hexadecimal unless it is 0."""
    words, start = [], 0
    for c in range(1, COUNT + 1):
        if c == COUNT or codes[c] != codes[start]:
            words.append(codes[start] + (f"{c - start - 1:x}" if c - start > 1 else ""))
            start = c
    return words


def spelled_runs(scalars: set[int]) -> list[str]:
    """Each run of neighbours: the gap before it and, behind a dot, its length less one, the dot left out at 0."""
    words, end, ordered = [], 0, sorted(scalars)
    start = 0
    for i in range(1, len(ordered) + 1):
        if i == len(ordered) or ordered[i] != ordered[i - 1] + 1:
            low, high = ordered[start], ordered[i - 1]
            words.append(f"{low - end:x}" + (f".{high - low:x}" if high > low else ""))
            end, start = high + 1, i
    return words


def spelled_set(scalars: list[int], by_category: dict[str, set[int]]) -> tuple[list[str], list[str]]:
    """A set as the categories whose union is nearest to it, and the runs in one of the two and not in the other."""
    rest, chosen = set(scalars), set()
    for name, members in by_category.items():
        if 2 * len(rest & members) > len(members):
            chosen.add(name)
            rest = rest ^ members
    cost = len(spelled_runs(rest))
    while True:
        # A category more or less, as long as that saves runs.
        best, name = min((len(spelled_runs(rest ^ members)), name) for name, members in by_category.items())
        if best >= cost:
            return sorted(chosen), spelled_runs(rest)
        rest, cost, chosen = rest ^ by_category[name], best, chosen ^ {name}


def spelled_mappings(mappings: list[tuple[int, str, list[int]]]) -> list[str]:
    """Each mapping as "SCALAR>TARGET TARGET", without the scalar if it follows the last one.

    "+N" behind a single target says that the N next scalars become the N next targets.
    """
    words, expected, i = [], -1, 0
    while i < len(mappings):
        c, mark, targets = mappings[i]
        more = 0
        while len(targets) == 1 and mappings[i + 1 + more :][:1] == [(c + more + 1, mark, [targets[0] + more + 1])]:
            more += 1
        place = "" if c == expected else f"{c:x}>"
        words.append(place + mark + " ".join(f"{t:x}" for t in targets) + (f"+{more:x}" if more else ""))
        expected = c + more + 1
        i += more + 1
    return words


def literal(words: list[str], separator: str, indent: int) -> str:
    """A StaticString of `words` in lines of `WIDTH` characters."""
    room = WIDTH - indent - 1
    lines = [""]
    for i, word in enumerate(words):
        word += separator if i + 1 < len(words) else ""
        if len(lines[-1]) + len(word) > room:
            lines.append("")
        lines[-1] += word
    margin = " " * indent
    # A space before the "\\" of a line's end stays in the string.
    return '"""\n' + "\\\n".join(margin + line for line in lines) + f'\n{margin}"""'


def write(name: str, doc: list[str], body: list[str]) -> None:
    head = ["// Made by Tests/TokenizersTests/Fixtures/make_unicode_tables.py; do not edit.", "// swift-format-ignore-file", ""]
    lines = head + [f"/// {line}".rstrip() for line in doc] + [f"enum {name} {{"] + body + ["}"]
    with open(os.path.join(FOLDER, name + ".swift"), "w") as file:
        file.write("\n".join(lines) + "\n")


PARTITION = [
    "A code stands for a run of scalars: the first begins at U+0000, the next behind it. Behind the code is the length",
    "of the run less one, in lower-case hexadecimal, unless that is 0.",
]
SETS = [
    "A set is the union of some general categories, except that the scalars of `runs` are in it if they are not in that",
    "union, and the other way round. A run is the gap before it and, behind a dot, its length less one unless that is 0,",
    "in hexadecimal.",
]


def runs_of(codes: list[str]) -> list[str]:
    return ["  /// A code and a length for every run.",
            f'  static let runs: StaticString = {literal(spelled_partition(codes), "", 4)}']


def rows(sets: dict[str, list[int]], by_category: dict[str, set[int]]) -> list[str]:
    lines = ["  /// The names of each set, separated by spaces, the categories it is near to, and the differences.",
             "  static let rows: [(names: String, categories: String, runs: StaticString)] = ["]
    for names, scalars in sets.items():
        chosen, runs = spelled_set(scalars, by_category)
        lines.append(f'    ("{names}", "{" ".join(chosen)}", {literal(runs, " ", 6)}),')
    return lines + ["  ]"]


def main() -> None:
    of_scalar = categories()
    names = script_names()
    script = scripts(names)
    split = scripts_of_splitting(script)
    by_category = {name: set() for name in CATEGORIES}
    for c in SCALARS:
        by_category[of_scalar[c]].add(c)
    engine = f"of the pattern engine of Hugging Face's tokenizers {__version__}"
    write(
        "UnicodeCategories", [f"The general categories {engine}.", "", *PARTITION],
        runs_of(of_scalar))
    write(
        "UnicodeScripts", [f"The scripts {engine}.", "", *PARTITION],
        ["  /// Each code, and behind it the other names of the script, in lower case.",
         f'  static let names: StaticString = {literal([" ".join([c, *n]) for c, n in names], ";", 4)}', "",
         *runs_of(script)])
    write(
        "UnicodeScriptsOfSplitting",
        [f"The scripts that the pre-tokenizer UnicodeScripts of Hugging Face's tokenizers {__version__} tells apart.", "",
         *PARTITION, "", 'The code "Zzzz" is for scalars that never split.'],
        runs_of(split))
    properties = {}
    for name in PROPERTIES:
        key = name.lower().replace("_", "") + (" " + ALIASES[name] if name in ALIASES else "")
        properties[key] = matching(rf"\p{{{name}}}")
    write(
        "UnicodeProperties", [f"The properties {engine}, by their names in lower case without \"_\".", "", *SETS],
        rows(properties, by_category))
    write(
        "UnicodeClasses", [f"The classes of other parts of Hugging Face's tokenizers {__version__}.", "", *SETS],
        rows(other_sets(), by_category))
    write(
        "UnicodeCaseFolds", [
            f"The scalars that are the same under ignore-case {engine}.", "",
            'Each is "SCALAR>TARGET" in hexadecimal, without the scalar where it follows the last one; "+N" says that the N',
            "next scalars become the N next targets. Several targets are a text that is the same as the scalar."],
        ["  /// The folds in the order of their scalars, separated by semicolons.",
         f'  static let text: StaticString = {literal(spelled_mappings(case_folds()), ";", 4)}'])
    for kind, mappings in zip(("canonical", "compatibility"), decompositions()):
        doc = [
            f"The {kind} mappings of the normal forms of Hugging Face's tokenizers {__version__}.", "",
            'Each is "SCALAR>TARGET TARGET" in hexadecimal, without the scalar where it follows the last one; "+N" says that',
            "the N next scalars become the N next targets" + ('.' if kind != "canonical" else ', "!" that composition leaves the scalar alone.'),
        ]
        write(
            f"Unicode{kind.capitalize()}Mappings", doc,
            ["  /// The mappings in the order of their scalars, separated by semicolons.",
             f'  static let text: StaticString = {literal(spelled_mappings(mappings), ";", 4)}'])


if __name__ == "__main__":
    main()
