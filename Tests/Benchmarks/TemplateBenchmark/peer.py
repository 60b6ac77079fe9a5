"""Renders real chat templates here and with jinja2, both compiled beforehand, and prints microseconds and ratios.

    python3 peer.py FOLDER [--ours .build/release/TemplateBenchmark] [--rounds 5]      (pip install jinja2==3.1.6)

FOLDER holds *.jinja files. Each is rendered with a small conversation (one message), a middle one (system and three
turns) and a large one (forty turns and two tools); where jinja2 refuses one, a variant without system message or
tools takes its place. The sides run in processes of their own, in turns at each rendering; the figures are medians over
the rounds. Both get the context converted already; the last column is what that conversion takes here. The results must
be equal.
"""

import argparse
import datetime
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

BATCHES, BATCH_SECONDS, NOW = 7, 0.002, 1_795_356_309


class Generation(jinja2.ext.Extension):
    """The `{% generation %}` block: its content, as it stands."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.Scope(body, lineno=line)


def refuse(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = refuse
    made.globals["strftime_now"] = lambda form: datetime.datetime.fromtimestamp(NOW).strftime(form)
    return made


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Get the {what} at a place.",
            "parameters": {
                "type": "object",
                "properties": {
                    "place": {"type": "string", "description": "The city, such as Paris"},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "The unit"},
                },
                "required": ["place"],
            },
        },
    }
    for name, what in (("get_weather", "weather"), ("get_tide", "tide"))
]


def turns(count):
    made = []
    for turn in range(count):
        made.append({"role": "user", "content": f"Question {turn}: what is it, and why? " * 4})
        made.append({"role": "assistant", "content": f"It is number {turn}.\nThat follows from the rest. " * 6})
    return made + [{"role": "user", "content": "And in one word?"}]


def conversations():
    """Name → variants of (messages, tools), the first that a template takes is used."""
    system = [{"role": "system", "content": "You are a helpful assistant. Answer in one sentence."}]
    question = [{"role": "user", "content": "What is the capital of France?"}]
    yield "small", [(question, None), (question, TOOLS)]
    yield "middle", [(system + turns(3), None), (turns(3), None), (system + turns(3), TOOLS)]
    yield "large", [(system + turns(40), TOOLS), (system + turns(40), None), (turns(40), None)]


def fnv(data):
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def jobs(folder):
    env, found = environment(), []
    for path in sorted(pathlib.Path(folder).glob("*.jinja")):
        source = path.read_bytes().decode()
        for name, variants in conversations():
            for messages, tools in variants:
                context = {
                    "messages": messages,
                    "tools": tools,
                    "documents": None,
                    "add_generation_prompt": True,
                    "bos_token": "<s>",
                    "eos_token": "</s>",
                }
                try:
                    env.from_string(source).render(context)
                except Exception:
                    continue
                found.append({"template": path.stem, "size": name, "source": source, "context": json.dumps(context)})
                found[-1]["now"] = NOW
                break
            else:
                print(f"{path.stem}: jinja2 refuses every {name} conversation", file=sys.stderr)
    return found


def measure(lines):
    env = environment()
    for line in lines:
        job = json.loads(line)
        template, context = env.from_string(job["source"]), json.loads(job["context"])
        data, repeats = template.render(context).encode(), 1
        while True:
            start = time.process_time()
            for _ in range(repeats):
                template.render(context)
            if time.process_time() - start > BATCH_SECONDS:
                break
            repeats *= 2
        times = []
        for _ in range(BATCHES):
            start = time.process_time()
            for _ in range(repeats):
                template.render(context)
            times.append((time.process_time() - start) / repeats)
        print(statistics.median(times) * 1e6, 0, len(data), fnv(data), flush=True)


def compare(found, ours, peers):
    """Prints a line for each job, and the summary."""
    ratios, wrong = {}, 0
    print(f"{'template':56} {'size':6} {'ours us':>9} {'jinja2 us':>9} {'ratio':>6} {'JSON us':>8}")
    for index, job in enumerate(found):
        mine, theirs = [run[index].split() for run in ours], [run[index].split() for run in peers]
        label = f"{job['template'][-56:]:56} {job['size']:6}"
        if mine[0] == ["refused"] or mine[0][2:] != theirs[0][2:]:
            wrong += 1
            print(label, "refused" if mine[0] == ["refused"] else "another result")
            continue
        mine_us, theirs_us = (statistics.median(float(row[0]) for row in rows) for rows in (mine, theirs))
        ratio = statistics.median(float(b[0]) / float(a[0]) for a, b in zip(mine, theirs))
        ratios.setdefault(job["size"], []).append(ratio)
        conversion = statistics.median(float(row[1]) for row in mine)
        print(f"{label} {mine_us:9.2f} {theirs_us:9.2f} {ratio:6.2f} {conversion:8.2f}")
    for size, some in [*ratios.items(), ("all", [r for some in ratios.values() for r in some])]:
        mean = math.exp(statistics.fmean(math.log(r) for r in some))
        below = sum(r < 1 for r in some)
        print(f"{size:6} {len(some):4} renderings: minimum {min(some):.2f}, geometric mean {mean:.2f}, {below} below 1")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--ours", default=".build/release/TemplateBenchmark")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return measure(sys.stdin)
    os.environ["TZ"] = "UTC"
    found = jobs(options.folder)
    # On one processor: two may run at different speeds.
    os.sched_setaffinity(0, [max(os.sched_getaffinity(0))])
    sides = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        for command in ([options.ours], [sys.executable, __file__, "--measure"])
    ]
    ours, peers = ([[] for _ in range(options.rounds)] for _ in sides)
    for job in found:
        line = json.dumps(job) + "\n"
        # The sides take turns at every rendering: the processor's speed changes within seconds.
        for turn in range(options.rounds):
            for side, rows in zip(sides, (ours, peers)):
                side.stdin.write(line)
                rows[turn].append(side.stdout.readline())
    for side in sides:
        side.stdin.close()
    if any([side.wait() for side in sides]):
        sys.exit("a side failed")
    sys.exit(1 if compare(found, ours, peers) else 0)


if __name__ == "__main__":
    main()
