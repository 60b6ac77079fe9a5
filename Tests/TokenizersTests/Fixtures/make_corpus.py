"""Writes corpus.txt.xz: 1,000 texts in ten scripts and mixtures, each followed by the byte 0x1E.

The sentences below were written for this file; the rest is drawn from them and from Unicode ranges with a
fixed seed, so that the same file comes out every time.

    python3 make_corpus.py
"""

import lzma
import random

SEPARATOR = b"\x1e"
COUNT = 1_000

SENTENCES = {
    "latin": [
        "The lighthouse keeper counted 1,284 ships before noon, and he wasn't done yet.",
        "Don't you think we'll need more than £3.50 (or €4) for that sandwich?",
        "Größere Straßen führen über Äcker; müde Füße gehen trotzdem weiter.",
        "L'été dernier, j'ai perçu des œuvres naïves à l'aéroport de Besançon.",
        "El niño pingüino añoró su cigüeña: ¿dónde estará mañana?",
        "Zażółć gęślą jaźń, a potem idź na Łódź przez śnieg.",
        "Příliš žluťoučký kůň úpěl ďábelské ódy ve 12. století.",
        "Türkiye'de İstanbul'un ışıkları gece yarısı söndü.",
        "Việt Nam có những con đường rất đẹp vào mùa thu.",
        "Þetta er ekki í lagi, sagði gamla konan við ána.",
        "HTTPServer parseXMLDocument getURLForID camelCaseWords SCREAMING_SNAKE_CASE",
        "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; } // O(n)",
        "def f(x):\n    if x > 1e-9:\n        return x**2\n    return None\n",
        "{\"name\": \"Ada\", \"age\": 36, \"tags\": [\"a\", \"b\"], \"ok\": true}",
        "See https://example.org/a/b?c=d&e=%20f#g or mail someone@example.org.",
    ],
    "cyrillic": [
        "Широкая электрификация южных губерний даст мощный толчок подъёму хозяйства.",
        "Щастя не в грошах, але 500 гривень не завадять, чи не так?",
        "Ђаци су у школи учили песму о Јелени и њеном коњу.",
        "В 2024 году погода была тёплой — почти +30 °C.",
        "Съешь же ещё этих мягких французских булок, да выпей чаю!",
    ],
    "greek": [
        "Η θάλασσα ήταν ήρεμη και ο ουρανός γεμάτος αστέρια.",
        "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία στις 7 το πρωί.",
        "Οὐχὶ ταὐτὰ παρίσταταί μοι γιγνώσκειν, ὦ ἄνδρες.",
        "Πόσο κάνει; Τρία ευρώ και πενήντα λεπτά!",
    ],
    "arabic": [
        "ذهب الولد إلى المدرسة في الصباح الباكر ولم ينسَ كتابه.",
        "السعر ١٢٣٤٫٥ ريال، أليس كذلك؟",
        "اَلْعَرَبِيَّةُ لُغَةٌ جَمِيلَةٌ وَقَدِيمَةٌ.",
        "این کتاب را دیروز در بازار خریدم؛ گران نبود.",
        "یہ ایک خوبصورت دن ہے، چلو باہر چلتے ہیں۔",
    ],
    "hebrew": [
        "הילדה הלכה לים ואספה צדפים לבנים.",
        "בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם וְאֵת הָאָרֶץ.",
        "המחיר הוא 42 ש\"ח, נכון?",
    ],
    "devanagari": [
        "आज मौसम बहुत अच्छा है और हम नदी के किनारे चलेंगे।",
        "क्या आपके पास १२ रुपये हैं?",
        "ज्ञानी पुरुषों ने क्षमा को श्रेष्ठ माना है।",
        "राष्ट्रभाषा में हृदय की बात कही जाती है॥",
    ],
    "thai": [
        "วันนี้อากาศดีมาก เราจะไปเดินเล่นริมแม่น้ำกัน",
        "ราคา ๑๒๓ บาทเท่านั้น ไม่แพงเลย",
        "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า",
    ],
    "han": [
        "今天天气很好,我们去河边散步吧。",
        "這本書一共三百二十頁,價格是45.6元!",
        "敏捷的棕色狐狸跳过了懒狗;真奇怪。",
        "我用Python写了2个程序,结果不错~",
        "龘靐齉爩𠀀𠮷𪚥",
    ],
    "kana": [
        "きょうはとてもいい天気なので、川のほとりを散歩しましょう。",
        "コンピューターのプログラムを3つ書きました!",
        "いろはにほへと ちりぬるを ﾊﾝｶｸｶﾅ",
        "「吾輩は猫である。」と彼は言った…",
    ],
    "hangul": [
        "오늘은 날씨가 아주 좋아서 강가를 산책하려고 합니다.",
        "다람쥐 헌 쳇바퀴에 타고파, 그렇지 않니?",
        "가격은 12,500원이고 배송은 3일 걸립니다.",
        "뷁쀍뛟 같은 글자도 있어요. ㅋㅋㅋ ㅠㅠ",
    ],
    "emoji": [
        "👩‍👩‍👧‍👦 family 👍🏽 thumbs 🏳️‍🌈 flag 🇰🇷🇩🇪 ☕️",
        "🦙🦙🦙 llama 😶‍🌫️ fog 🚀✅ 1️⃣2️⃣",
        "¯\\_(ツ)_/¯ ʕ•ᴥ•ʔ (╯°□°）╯︵ ┻━┻",
        "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β), ℏω ≈ 10⁻³⁴ ½ Ⅷ ①",
        "z̸̢̛͎a̷͖͝l̵̰̈́g̶̙͌o̴̻͠ e\u0301 vs é, ﬁ ﬀ ſ K Å ǅ ß ẞ ŉ",
    ],
    "chat": [
        "<s>[INST] Hello [/INST] Hi!</s>",
        "<|im_start|>user\nWhat's up?<|im_end|>\n<|im_start|>assistant\n",
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nYou're kind.<|eot_id|>",
        "<0x0A> <unk> <0xFF> ▁under▁score▁ ▁▁ _ __",
        "'Tis the '90s: I'M, YOU'RE, they'Ve, we'LL, she'd, it'ſ, 'S'T",
    ],
}

ODDITIES = [
    "", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ", "\t\t\n", " \t \n \r\n  ", "\u00a0", "\u3000",
    "\u2003\u2009", "\u200b\u200d\ufeff", "\u2028\u2029", "\x85", "\x1c\x1d\x1f", "\x00", "\x7f\x80",
    "a  b   c    d", " lead", "  lead", "trail ", "trail  ", "\n\n\nx", "x\n\n\n", "x \n y", "a\u00a0b", "a\u3000b",
    "1", "12", "123", "1234", "12345", "1234567890", "1.5", "1,234,567.89", "٣٤٥", "१२३४", "½¼", "²³", "1a2b3c",
    "1234abc", "1234 abc", "1234_", "!!!", "!?!?", "...", "--", "------", "(((", "#!/bin/sh", "$100", "a+b=c", "~`^|<>",
    "/path/to//file\n/", "a/b\r\n", "x=/\n/\n", "'", "''", "'s", "'S", "' s", "it's'", "\"'\"", "I'll'll",
    "ÀÉÎ", "àéî", "Àé ÎÕ", "ABCdef", "abcDEF", "AbCdEf", "ǅǈǋ", "ʰʱʲ", "ªº", "aªb", "日本語ABCdef123", "ⅣⅤ", "⒈⒉",
    "a\u0301\u0302b", "\u0301a", " \u0301", "1\u0301", "क्षि", "ﷺ", "\u202eabc\u202c", "\ue000\uf8ff", "\U0010ffff",
    "\u0378\u0379", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    " " * 70, "\n" * 40, "\t" * 33, "ab" * 60, "=" * 100, "\u3042" * 50, "🦙" * 20, "é" * 45,
]

# Characters of one Unicode category or another, all older than Unicode 10.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x600, 0x6FF), (0x900, 0x97F),
    (0xE01, 0xE3A), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x20A0, 0x20BE), (0x2100, 0x218B), (0x2190, 0x23FE),
    (0x2460, 0x24FF), (0x3000, 0x30FF), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0xFF01, 0xFFBE), (0x1F300, 0x1F64F),
    (0x10400, 0x1044F), (0x1D400, 0x1D4FF), (0x09, 0x0D),
]


def texts() -> list[str]:
    draw = random.Random(20_240_229)
    flat = [s for group in SENTENCES.values() for s in group]
    words = [w for s in flat for w in s.split(" ")]
    result = flat + ODDITIES
    while len(result) < COUNT:
        kind = draw.randrange(5)
        if kind == 0:
            group = draw.choice(list(SENTENCES.values()))
            pool = [w for s in group for w in s.split(" ")]
            text = " ".join(draw.choice(pool) for _ in range(draw.randrange(3, 25)))
        elif kind == 1:
            joints = ["", " ", "  ", "\n", " \n", "\t", ", ", "-", "/", "'", "\u00a0", "\r\n\r\n"]
            text = "".join(draw.choice(words) + draw.choice(joints) for _ in range(draw.randrange(2, 20)))
        elif kind == 2:
            low, high = draw.choice(RANGES)
            text = "".join(chr(draw.randint(low, high)) for _ in range(draw.randrange(1, 30)))
        elif kind == 3:
            text = "".join(chr(draw.randint(*draw.choice(RANGES))) for _ in range(draw.randrange(1, 40)))
        else:
            pieces = ODDITIES + words
            text = "".join(draw.choice(pieces) for _ in range(draw.randrange(2, 12)))
        result.append(text)
    return [t.replace("\x1e", "") for t in result[:COUNT]]


if __name__ == "__main__":
    data = b"".join(t.encode() + SEPARATOR for t in texts())
    with open("corpus.txt.xz", "wb") as file:
        file.write(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
