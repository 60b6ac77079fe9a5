"""Records small cases, one a line, of what the references do: patterns, components of a tokenizer.json, normalization.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python3 record_cases.py

cases/patterns.txt     pattern, text, the pieces
cases/pipelines.txt    what the case shows, the tokenizer.json (nothing where it is that of the line before), text, ids, the
                       byte offsets of each token, the decoded text
cases/normalizer.txt   the model in files/, text, its normal form by SentencePiece

Fields are separated by tabs and the items of a field by U+001F; "\\t", "\\n", "\\r" and "\\\\" are escapes.
"""

import json
import lzma

import sentencepiece
from tokenizers import Regex, Tokenizer, pre_tokenizers as P

PATTERNS = [
    # Alternatives and repetition: greedy, lazy, possessive, counted.
    ("a|ab", "abab"), ("ab|a", "abab"), ("a*?b", "aab"), ("a+?", "aaa"), ("a??b", "ab"), ("a*+b|a", "aaac"),
    ("a++", "aaab"), ("a?+b", "aab"), ("a{2}", "aaaaa"), ("a{2,}", "aaaaa a"), ("a{,2}", "aaaaa"), ("a{1,2}?", "aaa"),
    ("a{2}+", "aaaaa"), ("a{x}", "a{x}"), ("a{", "a{b"), ("(?:ab)+", "ababa"), ("(a|b)*c", "abcab"), ("a**", "aab"),
    # Classes.
    ("[abc]+", "xabcx"), ("[^abc]+", "xabcx"), ("[a-c]+", "abcd"), ("[]a]+", "]a]b"), ("[a-]+", "a-b"), ("[-a]+", "a-b"),
    ("[a-c&&b-d]+", "abcd"), ("[a&&[^a]]", "aa"), ("[a[bc]]+", "abcd"), ("[^a[bc]]+", "abcd"), ("[\\]\\-]+", "]-a"),
    ("[[:digit:]]+", "a12b"), ("[[:^digit:]]+", "a12b"), ("[[:space:][:upper:]]+", "A b"), ("[\\d\\s]+", "1 2a"),
    ("[^\\d]+", "12ab"), ("[\\x41-\\x43]+", "ABCD"), ("[\\u0410-\\u042F]+", "АБв"), ("[\\p{L}&&\\p{ASCII}]+", "aéb"),
    ("[\\p{^L}]+", "a12"), ("[!-/]+", "a!+/0"),
    # Escapes and the dot.
    (".", "a\nb"), ("(?m).", "a\nb"), ("\\.", "a.b"), ("\\x{1F600}", "a😀"), ("\\x41", "AB"), ("\\101", "AB"), ("[\\101]", "AB"), ("[\\7]|\\7|(a)b", "\x07ab"), ("\\060", "0"),
    ("\\s+", "a \t\n\u00a0\u3000b"), ("\\S+", "a b"), ("\\d+", "1٣x"), ("\\D+", "1ax"), ("\\w+", "a_1-b"), ("\\W+", "a--b"),
    ("\\h+", "0fFg"), ("\\H+", "0g-"), ("\\N", "a\n"), ("\\O", "a\n"), ("\\R", "a\r\nb\n\rc"), ("\\p{Lu}+", "ABcÉ"),
    ("\\P{Lu}+", "ABc"), ("\\p{Greek}+", "aαβ"), ("\\p{script_nope}|a", "a"), ("\\p{Uppercase_Letter}", "aB"),
    # Anchors and edges.
    ("^a", "aa\na"), ("a$", "aa\na"), ("\\Aa", "a\na"), ("a\\z", "a\na"), ("a\\Z", "a\na\n"), ("\\b", "ab cd"),
    ("\\B", "ab cd"), ("\\bcd", "abcd cd"), ("^", "a\nb"), ("$", "a\nb\n"),
    # Looking around.
    ("a(?=b)", "abac"), ("a(?!b)", "abac"), ("(?<=a)b", "abcb"), ("(?<!a)b", "abcb"), ("(?<=ab|c)d", "abdcdd"),
    ("(?=ab)", "xabab"), ("\\s+(?!\\S)", "a   b  "), ("(?=(\\d{3})+(?!\\d))", "1234567"), ("(?<=\\d)(?=\\D)", "12ab3c"),
    ("(?!a.*z)[a-z]+", "abz bcz"), ("a(?=b(?=c))", "abcabd"),
    # Groups and flags.
    ("(?i)ab", "ABab"), ("(?i:a)b", "AbAB"), ("(?i)a(?-i)b", "AbAB"), ("(?i)straße", "STRAßE"), ("(?x) a b # c\n", "ab a b"),
    ("(?<name>a)b", "abab"), ("(?#comment)a", "aa"), ("(?>a+)b", "aab"), ("(?>a|ab)c", "abcac"), ("()", "ab"), ("", "ab"),
    ("(?i)[a-c]+", "aBCd"), ("(?i)k", "kK\u212a"), ("(?i:'s|'t)", "'S't"),
    # Text that is more than ASCII.
    (".", "é😀e\u0301"), ("[^a]", "é😀a"), ("😀+", "a😀😀b"), ("\\p{Han}+", "漢字かな"), ("\\p{Emoji_Presentation}", "a😀1"),
]


def base(model: dict, **parts) -> str:
    keys = ("normalizer", "pre_tokenizer", "post_processor", "decoder")
    spec = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": parts.get("added", [])}
    spec.update({key: parts.get(key) for key in keys})
    spec["model"] = model
    return json.dumps(spec, ensure_ascii=False)


def words(text: str, unknown: str = "?") -> dict:
    vocabulary = {word: i for i, word in enumerate([unknown, *text.split()])}
    return {"type": "WordLevel", "vocab": vocabulary, "unk_token": unknown}


def added(id: int, content: str, **flags) -> dict:
    known = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=False)
    return {"id": id, "content": content, **known, **flags}


def word_piece(**more) -> dict:
    pieces = "[UNK] un ##aff ##able aff able ##a b ##b 日 ##本 é ##é".split()
    return {
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        "vocab": {p: i for i, p in enumerate(pieces)}, **more}


def unigram(**more) -> dict:
    scored = [["<unk>", 0.0], ["a", -1.0], ["b", -1.0], ["ab", -1.5], ["abc", -9.0], ["c", -2.0], ["▁", -1.2], ["▁a", -2.2]]
    return {"type": "Unigram", "unk_id": 0, "vocab": scored, "byte_fallback": False, **more}


def byte_unigram() -> dict:
    model = unigram(byte_fallback=True)
    model["vocab"] = model["vocab"] + [[f"<0x{b:02X}>", -20.0] for b in range(256)]
    return model


def pairs(vocabulary: str, merges: list[str], **more) -> dict:
    options = dict(
        dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False,
        byte_fallback=False, ignore_merges=False)
    return {"type": "BPE", "vocab": {p: i for i, p in enumerate(vocabulary.split())}, "merges": merges, **options, **more}


def byte_pairs() -> dict:
    vocabulary = " ".join(["<unk>", "a", "b", "ab", *(f"<0x{b:02X}>" for b in range(256))])
    return pairs(vocabulary, ["a b"], unk_token="<unk>", byte_fallback=True)


SPACES = {"type": "WhitespaceSplit"}
CHARACTERS = {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated", "invert": False}


def spaced(*tokens: dict, normalizer: dict | None = None) -> str:
    return base(words("a b the cat x y"), added=list(tokens), pre_tokenizer=SPACES, normalizer=normalizer)


def decoded(decoder: dict | None, pieces: str) -> str:
    return base(words(pieces), pre_tokenizer=SPACES, decoder=decoder)


def sequence(*steps: dict) -> dict:
    return {"type": "Sequence", "decoders": list(steps)}


def normalized(normalizer: dict) -> str:
    vocabulary = "a b c A B e é É i I ﬁ f ß s ² 2 ① 1 \u0301 ▁ _ . 日".split() + [" "]
    model = {"type": "WordLevel", "vocab": {w: i + 1 for i, w in enumerate(vocabulary)} | {"?": 0}, "unk_token": "?"}
    return base(model, pre_tokenizer=CHARACTERS, normalizer=normalizer)


def in_turn(*steps: dict) -> dict:
    return {"type": "Sequence", "normalizers": list(steps)}


SPLIT = lambda behavior, invert=False: base(
    words("a b - a- -a -- ab"), pre_tokenizer={
        "type": "Split", "pattern": {"String": "-"}, "behavior": behavior, "invert": invert})
FALLBACK = sequence({"type": "ByteFallback"}, {"type": "Fuse"})
STRIP = {"type": "Strip", "content": "a", "start": 1, "stop": 0}
MARK = "▁"
PIPELINES = [
    ("an added token is found inside a word", spaced(added(7, "at")), ["cat", "at", "the at", "aat b"]),
    ("single_word wants edges on both sides", spaced(added(7, "at", single_word=True)),
     ["cat", "at", "at.", ".at", "éat", "at_", "(at)", "at1"]),
    ("lstrip takes white space before", spaced(added(7, "<m>", lstrip=True)), ["a  <m> b", " <m>", "a\t\n<m>b", "a<m>"]),
    ("rstrip takes white space behind", spaced(added(7, "<m>", rstrip=True)), ["a <m>  b", "<m> ", "a<m>\u3000b", "<m>b"]),
    ("both strips", spaced(added(7, "<m>", lstrip=True, rstrip=True)), ["a <m> b", "  <m>  ", "x<m>y"]),
    ("the longest of two added tokens wins", spaced(added(7, "<m>"), added(8, "<m>>")), ["<m>>", "a<m>>b", "<m>"]),
    ("a normalized token is found in normal text",
     spaced(added(7, "The", normalized=True), normalizer={"type": "Lowercase"}), ["THE", "a The b", "other"]),
    ("a token that is not normalized is found before",
     spaced(added(7, "The"), normalizer={"type": "Lowercase"}), ["THE", "The", "the"]),
    ("special tokens are skipped in decoding", spaced(added(7, "<s>", special=True)), ["<s>a<s>", "<s>", "a <s> b"]),
    ("WordPiece covers a word with the longest pieces", base(word_piece(), pre_tokenizer=SPACES),
     ["unaffable", "able", "unb", "unz", "bb b", "日本", "éé", "aff able"]),
    ("a word of too many characters is unknown", base(word_piece(max_input_chars_per_word=3), pre_tokenizer=SPACES),
     ["bbb", "bbbb", "ééé", "éééé"]),
    ("WordPiece with another prefix of its decoder",
     base(word_piece(), pre_tokenizer=SPACES, decoder={"type": "WordPiece", "prefix": "##", "cleanup": True}),
     ["unaffable b", "b bb"]),
    ("Unigram takes the best sum", base(unigram()), ["ab", "abc", "aab", "cab", "a" * 9, "abab"]),
    ("a run of unknown characters is one token", base(unigram()), ["xy", "axyb", "xay", "日本a", "x"]),
    ("unknown characters become bytes", base(byte_unigram(), decoder=FALLBACK), ["é", "aéb", "日", "x日y", "a"]),
    ("byte-pair encoding falls back to bytes", base(byte_pairs(), decoder=FALLBACK), ["abé", "日ab", "\n", "ba", "é😀"]),
    ("merges go by rank", base(pairs("a b c ab bc abc", ["b c", "a b", "a bc"])), ["abc", "ab", "abab", "cabc", "bcbc"]),
    ("unknown characters are fused", base(pairs("? a b", [], unk_token="?", fuse_unk=True)), ["axxb", "xx", "xax"]),
    ("unknown characters are not fused", base(pairs("? a b", [], unk_token="?")), ["axxb", "xx"]),
    ("characters without a piece vanish where nothing stands for them", base(pairs("a b", [])), ["axb", "ab"]),
    ("ignore_merges takes a word that is a piece", base(pairs("a b ab", [], ignore_merges=True), pre_tokenizer=SPACES),
     ["ab", "ab aab"]),
    ("no decoder joins with spaces", decoded(None, "a b"), ["a b", "a", "b a b"]),
    ("Fuse", decoded({"type": "Fuse"}, "a b"), ["a b", "b a b"]),
    ("ByteFallback keeps what is not UTF-8 apart", decoded(FALLBACK, "<0xC3> <0xA9> <0x41> a"),
     ["<0xC3> <0xA9>", "<0x41> a", "a <0xC3> <0xA9> a"]),
    ("Strip at the start", decoded(STRIP, "aab baa a"), ["aab baa", "a a", "aab"]),
    ("Strip at both ends",
     decoded({"type": "Strip", "content": "a", "start": 1, "stop": 2}, "aab baaa b"), ["aab", "baaa b", "b"]),
    ("Replace, then Fuse, then Strip", decoded(sequence(
        {"type": "Replace", "pattern": {"String": MARK}, "content": " "}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}), f"{MARK}a {MARK}b b"),
     [f"{MARK}a {MARK}b", f"b {MARK}a b", f"{MARK}a"]),
    ("Replace by a pattern",
     decoded({"type": "Replace", "pattern": {"Regex": "[ab]+"}, "content": "-"}, "abx xab x"), ["abx xab x"]),
    ("Metaspace drops the first space",
     decoded({"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": True}, f"{MARK}a {MARK}b b"),
     [f"{MARK}a {MARK}b b", f"b {MARK}a"]),
    ("Metaspace that never prepends keeps it",
     decoded({"type": "Metaspace", "replacement": MARK, "prepend_scheme": "never", "split": True}, f"{MARK}a {MARK}b"),
     [f"{MARK}a {MARK}b"]),
    ("BPEDecoder turns suffixes into spaces",
     decoded({"type": "BPEDecoder", "suffix": "</w>"}, "a</w> b c</w>"), ["a</w> b c</w>", "b a</w>", "b"]),
    ("CTC collapses repeated tokens",
     decoded({"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True}, "<pad> a b |"),
     ["a a b", "a <pad> a | b", "| a", "<pad>"]),
    ("ByteLevel",
     decoded({"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}, "Ġa Ã© Ġ b"), ["Ġa b", "Ã© Ġ b", "b"]),
    ("Lowercase", normalized({"type": "Lowercase"}), ["ABÉ", "Ia", "日"]),
    ("NFC", normalized({"type": "NFC"}), ["e\u0301", "é", "ﬁ²", "e\u0301\u0301"]),
    ("NFD", normalized({"type": "NFD"}), ["é", "É", "ﬁ"]),
    ("NFKC", normalized({"type": "NFKC"}), ["ﬁ", "²①", "e\u0301"]),
    ("NFKD", normalized({"type": "NFKD"}), ["ﬁé", "²"]),
    ("StripAccents behind NFD", normalized(in_turn({"type": "NFD"}, {"type": "StripAccents"})), ["éÉ", "a\u0301b"]),
    ("Strip on either side", normalized({"type": "Strip", "strip_left": True, "strip_right": False}), ["  a ", " "]),
    ("Prepend, then Replace", normalized(in_turn(
        {"type": "Prepend", "prepend": MARK}, {"type": "Replace", "pattern": {"String": " "}, "content": MARK})),
     ["a b", " a", "a"]),
    ("Replace by a pattern that shortens",
     normalized({"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"}), ["aac", "caa", "aa a"]),
    ("BertNormalizer", normalized({
        "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
        "lowercase": True}), ["É\tA", "a日b", "a\u0001b"]),
    ("Removed", SPLIT("Removed"), ["a-b", "--a", "-"]),
    ("Isolated", SPLIT("Isolated"), ["a-b", "a--b"]),
    ("MergedWithPrevious", SPLIT("MergedWithPrevious"), ["a-b", "--a", "a--"]),
    ("MergedWithNext", SPLIT("MergedWithNext"), ["b-a", "--a"]),
    ("Contiguous", SPLIT("Contiguous"), ["a--b", "a-b"]),
    ("an inverted pattern", SPLIT("Removed", True), ["a-b", "--"]),
    ("what a template puts around a text", base(
        words("a b"), added=[added(3, "<s>", special=True), added(4, "</s>", special=True)], pre_tokenizer=SPACES,
        post_processor={
            "type": "TemplateProcessing", "pair": [{"Sequence": {"id": "A", "type_id": 0}}],
            "single": [
                {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "special_tokens": {
                "<s>": {"id": "<s>", "ids": [3], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [4], "tokens": ["</s>"]}}}),
     ["a b", "b"]),
]
NORMALIZED = [
    "a", " a", "  a  b  ", "a\u3000b", "ｆｕｌｌ", "①ﬁ²", "e\u0301", "\u00e9", "a\tb\nc", "\u200ba\ufeff", "ÀÉ SS ß", "カ\u3099 ｶﾞ",
    "<|im_start|> the 12", "   ", "日本 語", "\u00ad-\u2011", "İI", "a\u00a0b", "½", "㍿",
]
MODELS = ["nmt", "cf", "bytes", "nodummy", "suffix", "user"]


def escaped(text: str) -> str:
    for plain, escape in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escape)
    return text


def write(name: str, rows: list[list[str]]) -> None:
    with open(f"cases/{name}.txt", "w", newline="\n") as file:
        for row in rows:
            print("\t".join(map(escaped, row)), file=file)
    print(name, len(rows))


def patterns() -> None:
    rows = []
    for pattern, text in PATTERNS:
        try:
            split = P.Split(Regex(pattern), "isolated")
        except Exception:
            rows.append([pattern, text, "refused"])
            continue
        rows.append([pattern, text, "\x1f".join(piece for piece, _ in split.pre_tokenize_str(text))])
    write("patterns", rows)


def pipelines() -> None:
    rows = []
    for name, spec, texts in PIPELINES:
        made = Tokenizer.from_str(spec)
        for text in texts:
            # The file is written out with the first of its texts only.
            shown = spec if text == texts[0] else ""
            found = made.encode(text)
            own = [t for t, mask in zip(found.offsets, found.special_tokens_mask) if not mask or t != (0, 0)]
            at = lambda count: len(text[:count].encode())
            offsets = " ".join(f"{at(a)}-{at(b)}" for a, b in own)
            rows.append([name, shown, text, " ".join(map(str, found.ids)), offsets, made.decode(found.ids)])
    write("pipelines", rows)


def normalizer() -> None:
    rows = []
    for name in (f"uni-{rule}" for rule in MODELS):
        with lzma.open(f"files/{name}.model.xz") as file:
            made = sentencepiece.SentencePieceProcessor(model_proto=file.read())
        rows += [[name, text, made.normalize(text)] for text in NORMALIZED]
    write("normalizer", rows)


if __name__ == "__main__":
    patterns()
    pipelines()
    normalizer()
