"""Prints, for each module, its hand-written lines, the lines of its tests, and the recorded cases that these check.

Generated code and tables are not counted as source. A test's line is one of a .swift, .c, .h or .py file under
Tests/MODULETests; its recorded cases are the records in its fixtures: a line of a .jsonl or .txt file, packed or not,
and an element of the outermost list of a .json file.
"""

import json
import lzma
import pathlib
import re

root = pathlib.Path(__file__).resolve().parents[2]
code = {".swift", ".c", ".h", ".cpp", ".py", ".sh"}
generated = {"Generated", "Tables"}
# What is tested through another module's tests, since it has no behaviour without it.
through = {
    "CGRPC": ["RPCTests"], "CWorkbenchPlugin": ["PluginsTests"], "CLinux": ["WorkerProtocolTests"],
    "CSandbox": ["DaemonRoleTests"],
    "WorkbenchAPI": ["ServicesTests"], "workbenchd": ["EndToEndTests"],
}


def lines(folder):
    return sum(
        len(path.read_text(errors="replace").splitlines())
        for path in folder.rglob("*")
        if path.suffix in code and not generated & set(path.parts))


def cases(folder):
    total = 0
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        packed = path.suffix == ".xz"
        suffix = pathlib.Path(path.stem).suffix if packed else path.suffix
        if suffix not in {".jsonl", ".txt", ".json"}:
            continue
        text = (lzma.open(path).read() if packed else path.read_bytes()).decode(errors="replace")
        if suffix == ".json":
            value = json.loads(text)
            lists = [value] if isinstance(value, list) else [v for v in value.values() if isinstance(v, list)]
            total += sum(len(entries) for entries in lists)
        else:
            total += sum(1 for line in text.splitlines() if line.strip())
    return total


rows, sources, tests = [], 0, 0
modules = sorted((root / "Sources").iterdir(), key=lambda path: path.name.lower())
for module in modules:
    folders = [root / "Tests" / name for name in through.get(module.name, [module.name + "Tests"])]
    source = lines(module)
    own = sum(lines(folder) for folder in folders if folder.exists())
    recorded = sum(cases(folder) for folder in folders if folder.exists())
    rows.append((module.name, source, own, recorded))
    sources += source
everything = lines(root / "Tests")
print(f"{'module':18}{'source':>8}{'tests':>8}{'ratio':>7}{'recorded':>10}")
for name, source, own, recorded in rows:
    note = "  (tested through " + through[name][0] + ")" if name in through else ""
    print(f"{name:18}{source:8}{own:8}{own / source:7.2f}{recorded:10}{note}")
print(f"{'all':18}{sources:8}{everything:8}{everything / sources:7.2f}")
for path in sorted(root.glob("Sources/**/*")) + sorted(root.glob("Tests/**/*")):
    if path.suffix in code and not generated & set(path.parts) and re.match(r"[^.]", path.name):
        count = len(path.read_text(errors="replace").splitlines())
        if count > 400:
            print(f"over 400 lines: {path.relative_to(root)} ({count})")
