"""Records what jinja2 gives for the sources of topics.txt in topics.jsonl: run with jinja2 3.1 installed.

A line of topics.txt that starts with '# ' names the topic of those below it; every other line is a source, in which
the two characters \\n stand for a line break. A case holds what was rendered ("out"), or the exception's class and the
line of the template that it names ("error", "line"). The environment is that of transformers' chat templates.
"""

import json
import pathlib
import traceback

import jinja2
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

CONTEXT = {
    "s": "Hello World", "e": "", "n": 7, "f": 2.5, "t": True, "none": None, "l": [3, 1, 2], "ls": ["b", "A", "c", "a"],
    "d": {"b": 1, "a": 2, "C": 3}, "u": "né ß 한", "html": "<a href=\"x\">T&C's</a>", "multi": "one\ntwo\n\nthree",
    "users": [{"name": "bob", "age": 30}, {"name": "Al", "age": 25}, {"name": "cy", "age": 30}],
    "tree": [{"n": 1, "kids": [{"n": 2, "kids": []}, {"n": 3, "kids": [{"n": 4, "kids": []}]}]}],
}

here = pathlib.Path(__file__).parent
environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])


def raise_exception(message):
    raise jinja2.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment.globals["raise_exception"] = raise_exception
environment.filters["tojson"] = tojson


def line_of(error):
    """The line of the template where an exception comes from."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == "<template>"), None)


def case(topic, source):
    try:
        return {"topic": topic, "source": source, "out": environment.from_string(source).render(**CONTEXT)}
    except Exception as error:
        return {"topic": topic, "source": source, "error": type(error).__name__, "line": line_of(error)}


topic = ""
lines = [json.dumps({"context": CONTEXT}, ensure_ascii=False)]
for line in (here / "topics.txt").read_text().splitlines():
    if line.startswith("# "):
        topic = line[2:]
    elif line:
        lines.append(json.dumps(case(topic, line.replace("\\n", "\n")), ensure_ascii=False))
(here / "topics.jsonl").write_text("\n".join(lines) + "\n")
