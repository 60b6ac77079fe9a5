"""Writes Sources/Tokenizers/Unicode/UnicodeDecompositions.swift from the tables of Python itself.

    python3 make_decompositions.py > ../../../Sources/Tokenizers/Unicode/UnicodeDecompositions.swift
"""

import unicodedata as u
lines=[]
for c in range(0x110000):
    d=u.decomposition(chr(c))
    if not d: continue
    parts=d.split(); mark=''
    if parts[0].startswith('<'): mark='~'; parts=parts[1:]
    else:
        # A mapping that composing does not undo is excluded from composition.
        full=u.normalize('NFD',chr(c))
        if u.normalize('NFC',full)!=chr(c): mark='!'
    lines.append(f"{mark}{c:X} "+' '.join(p.lstrip('0') or '0' for p in parts))
out=[];row=''
for l in lines:
    if len(row)+len(l)+1>104: out.append(row); row=''
    row+=(';' if row else '')+l
out.append(row)
print('''// Made by Tests/TokenizersTests/Fixtures/make_decompositions.py; do not edit.
// swift-format-ignore-file

/// The decomposition mappings of the Unicode Character Database.
enum UnicodeDecompositions {
  /// The version of the Unicode Character Database.
  static let version = "%s"

  /// For each scalar that decomposes its number and those of what it becomes, in hexadecimal: "~" before a compatibility
  /// mapping, "!" before one that composition leaves alone.
  static let text: StaticString = """'''%u.unidata_version)
print('\n'.join('    ' + r + (';\\' if r is not out[-1] else '') for r in out))
print('    """\n}')
