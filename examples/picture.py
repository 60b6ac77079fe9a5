#!/usr/bin/env python3
"""Draws a terminal session as an SVG: the console blocks of a Markdown file between two comments.

  examples/picture.py README.md > examples/session.svg

The blocks are those between <!-- picture --> and <!-- end of picture -->. The tests run their commands and compare the
output, so that the picture shows a real session.
"""
import re
import sys
from xml.sax.saxutils import escape

COLUMNS = 96
LINE_HEIGHT = 20
CHARACTER_WIDTH = 8.4
MARGIN = 18
STYLE = """
  .window { fill: #1b1f27 }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d7dce5; white-space: pre }
  .prompt { fill: #7fd1a0 }
  .typed { fill: #ffffff; font-weight: bold }
"""


def session(text):
    part = re.search(r"<!-- picture -->(.*?)<!-- end of picture -->", text, re.S)
    if not part:
        sys.exit("picture.py: the file has no <!-- picture --> ... <!-- end of picture -->")
    blocks = re.findall(r"^```console\n(.*?)^```$", part.group(1), re.S | re.M)
    return "\n".join(block for block in blocks).rstrip("\n").split("\n")


def drawn(line, y):
    for prompt in ("$ ", ">>> "):
        if line.startswith(prompt):
            typed = escape(line[len(prompt):])
            return (f'<text x="{MARGIN}" y="{y}"><tspan class="prompt">{escape(prompt)}</tspan>'
                    f'<tspan class="typed">{typed}</tspan></text>')
    return f'<text x="{MARGIN}" y="{y}">{escape(line)}</text>'


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: picture.py README.md > session.svg")
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = session(file.read())
    for line in lines:
        if len(line) > COLUMNS:
            sys.exit(f"picture.py: wider than {COLUMNS} columns: {line}")
    width = round(2 * MARGIN + COLUMNS * CHARACTER_WIDTH)
    height = 2 * MARGIN + len(lines) * LINE_HEIGHT
    rows = "\n".join(drawn(line, MARGIN + (index + 1) * LINE_HEIGHT - 5)
                     for index, line in enumerate(lines) if line)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
          f'xml:space="preserve">')
    print(f"<title>A session of workbench in a terminal</title>\n<style>{STYLE}</style>")
    print(f'<rect class="window" width="{width}" height="{height}" rx="8"/>\n{rows}\n</svg>')


if __name__ == "__main__":
    main()
