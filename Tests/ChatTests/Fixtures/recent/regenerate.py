"""Renders each template of this folder with each conversation as transformers does, and notes what came out.

Run with transformers 5 installed, from this folder. For each template `expected.jsonl` gets one line: its name and, for
each conversation with each set of variables, the length in bytes and the FNV-1a hash of the result, or null where
transformers raises an error.
"""

import datetime
import json
import os
import pathlib
import time

os.environ["TZ"] = "UTC"
time.tzset()
from transformers.utils import chat_template_utils  # noqa: E402

NOW = 1795348800


class Frozen(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(NOW)


def fnv(data):
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


for name in dir(chat_template_utils):
    if getattr(chat_template_utils, name) is datetime.datetime:
        setattr(chat_template_utils, name, Frozen)

cases = json.loads(pathlib.Path("conversations.json").read_text(encoding="utf-8"))
base = {"tools": None, "documents": None, "add_generation_prompt": True, "bos_token": "<s>", "eos_token": "</s>"}
with open("expected.jsonl", "w", encoding="utf-8") as file:
    for path in sorted(pathlib.Path("templates").glob("*.jinja")):
        template = chat_template_utils._compile_jinja_template(path.read_bytes().decode())
        row = []
        for messages in cases["conversations"].values():
            for variables in cases["variables"].values():
                given = {k: v for k, v in {**base, **variables}.items() if v != "ABSENT"}
                try:
                    data = template.render(messages=messages, **given).encode()
                    row.append([len(data), fnv(data)])
                except Exception:
                    row.append(None)
        file.write(json.dumps({"template": path.name, "expected": row}, separators=(",", ":")) + "\n")
