"""Fills in what jinja2 gives for each line of jinja2.jsonl: run with jinja2 3.1 installed, from this folder.

The first line holds the context; every other line a source, to which "out" or "error" (the exception's class) is added.
The environment is set up as transformers sets up that of its chat templates.
"""

import datetime
import json

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = datetime.datetime(2026, 11, 22, 14, 5, 9).strftime

with open("jinja2.jsonl") as file:
    lines = [json.loads(line) for line in file]
context = lines[0]["context"]
for case in lines[1:]:
    case.pop("out", None)
    case.pop("error", None)
    try:
        case["out"] = environment.from_string(case["source"]).render(**context)
    except Exception as error:
        case["error"] = type(error).__name__
with open("jinja2.jsonl", "w") as file:
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
