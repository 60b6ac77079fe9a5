"""Records what Python's datetime.strftime gives for a time without a zone, for every directive, in strftime.jsonl."""

import datetime
import json
import pathlib

now = datetime.datetime(2026, 11, 7, 3, 4, 5)
formats = ["%" + chr(code) for code in range(0x21, 0x7F)]
formats += ["%" + flag + letter for flag in "-_0^#EO" for letter in "aAbBcCdDeFgGHIjklmMnpPrRsStTuUVwWxXyYzZ"]
formats += ["%:z", "%::z", "%10Z", "%5Y", "%-f", "%%Z", "%%%Z", "%Y-%m-%d [%Z%z]", "%d %b %Y %H:%M:%S%z", "a%", "", "é%Zé"]
lines = [{"format": text, "out": now.strftime(text)} for text in formats]
path = pathlib.Path(__file__).parent / "strftime.jsonl"
path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
