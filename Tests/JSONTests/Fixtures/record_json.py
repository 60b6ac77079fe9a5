"""Records what Python's json makes of texts: one case a line in cases.jsonl, beside this file.

A case is {"text", "value"}, with the value spelled by `spell`, or {"text", "refused": true}.
Run: python3 record_json.py
"""

import json
import pathlib
import random
import struct

SCALARS = r"""
null true false nul True NULL tru nulll truefalse
0 -0 1 -1 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
123456789012345678901234567890 00 01 -01 +1 1. .5 -.5 1.0 1.50 -0.0 0.0 - -- 1e5 1E5 1e+5 1e-5 1e 1e+ 1e5.0
1e400 -1e400 1e-400 5e-324 2.2250738585072014e-308 1.7976931348623157e308 1.7976931348623159e308 0.1
0.30000000000000004 9007199254740993 9007199254740993.0 123456.789e-3 0x10 1_000 1d NaN Infinity -Infinity -NaN
+Infinity nan infinity
""".split()

STRINGS = [
    '""', '"a"', '"a', 'a"', "'a'", '"\\n\\t\\r\\b\\f\\/\\\\\\""', '"\\u0041"', '"\\u00e9"', '"\\u00E9"', '"\\u12"',
    '"\\uzzzz"', '"\\u 123"', '"\\u+123"', '"\\x41"', '"\\"', '"\\', '"\\u', '"\\a"', '"\\\'"', '"\\0"', '"a\nb"',
    '"a\tb"', '"\x00"', '"\x1f"', '"\x7f"', '"\u0080\u2028\u2029"', '"\ud7ff"', '"é日本😀"', '"\\ud83d\\ude00"',
    '"\\uD83D\\uDE00x"', '"\\u0000"', '"\\uffff"', '"e\u0301"', '"//"', '"\\\\u0041"',
]

CONTAINERS = [
    "[]", "{}", "[ ]", "{ }", " [ 1 , 2 ] ", "\t[\r\n1\n]\n", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[", "]", "[1",
    "[1}", "{]", '{"a":1}', '{"a" : 1 , "b" : [ ] }', '{"a":1,}', '{,"a":1}', '{"a"}', '{"a":}', '{"a",1}', '{a:1}',
    "{'a':1}", "{1:1}", "{null:1}", '{"a":1', '{"a":1]', '{"a":1,"a":2}', '{"a":1,"b":2,"a":3}', '{"a":1,"\\u0061":2}',
    '{"":0}', '{"a":{"a":{"a":[{}]}}}', "[[],[[]],{}]", "[null,true,1,1.5,\"s\",[],{}]", "1 2", "[] []", "{}x", "[]]",
    "", " ", "\n", "// a\n1", "/* a */ 1", "[1] // a", "[NaN,Infinity,-Infinity]", "[NaN1]", "[-]", "\u00a01", "\u20281",
    "\x0b1", "\x0c1", "1\x00", '{"é":"é"}', '{"e\u0301":1,"é":2}', '{"a":1 "b":2}', '{"a"::1}', '{"a":1;"b":2}', "[1;2]",
    '[{"id":1,"name":"x"},{"id":2,"name":"y"}]', "(1)", "[1e2,1E-2]", "[\"a\" \"b\"]", '["\\ud83d\\ude00","\\n"]',
]


def spell(value):
    """A value with its type and every bit, in ASCII."""
    if value is None or value is True or value is False:
        return json.dumps(value)
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return "f" + ("nan" if value != value else struct.pack(">d", value).hex())
    if isinstance(value, str):
        return "s" + value.encode().hex()
    if isinstance(value, list):
        return "[" + ",".join(map(spell, value)) + "]"
    return "{" + ",".join(f"{spell(key)}:{spell(item)}" for key, item in value.items()) + "}"


def anything(random, depth):
    """A value of any kind."""
    kind = random.randrange(7 if depth else 5)
    if kind == 0:
        return random.choice([None, True, False])
    if kind == 1:
        return random.choice([0, -1, random.getrandbits(70), -random.getrandbits(63), random.randrange(1000)])
    if kind == 2:
        return struct.unpack("d", random.randbytes(8))[0]
    if kind == 3:
        return random.gauss(0, 1)
    if kind == 4:
        return "".join(chr(random.choice([9, 10, 34, 92, 97, 127, 233, 0x4E2D, 0x1F600])) for _ in range(random.randrange(6)))
    if kind == 5:
        return [anything(random, depth - 1) for _ in range(random.randrange(5))]
    return {anything_key(random): anything(random, depth - 1) for _ in range(random.randrange(5))}


def anything_key(random):
    return "".join(random.choice("abé\"\\\n") for _ in range(random.randrange(4)))


def texts():
    yield from SCALARS
    yield from STRINGS
    yield from CONTAINERS
    source = random.Random(9)
    for number in range(120):
        value = anything(source, 4)
        yield json.dumps(value, ensure_ascii=number % 2 == 0, indent=[None, 1, "\t"][number % 3])
    # Texts with one byte changed: most are refused, some are not.
    for number in range(120):
        text = json.dumps(anything(source, 3))
        place = source.randrange(len(text))
        yield text[:place] + source.choice('[]{}:,"0-+.eE tfnN\\/u') + text[place + 1 :]


def case(text):
    try:
        return {"text": text, "value": spell(json.loads(text))}
    except UnicodeEncodeError:
        return None  # half a surrogate pair, which no Swift string holds
    except ValueError:
        return {"text": text, "refused": True}


lines = [json.dumps(found) for text in texts() if (found := case(text))]
pathlib.Path(__file__).with_name("cases.jsonl").write_text("\n".join(lines) + "\n")
