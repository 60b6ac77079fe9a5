// Made by Tests/TokenizersTests/Fixtures/make_unicode_tables.py; do not edit.
// swift-format-ignore-file

/// The classes of other parts of Hugging Face's tokenizers 0.23.3.
///
/// A set is the union of some general categories, except that the scalars of `runs` are in it if they are not in that
/// union, and the other way round. A run is the gap before it and, behind a dot, its length less one unless that is 0,
/// in hexadecimal.
enum UnicodeClasses {
  /// The names of each set, separated by spaces, the categories it is near to, and the differences.
  static let rows: [(names: String, categories: String, runs: StaticString)] = [
    ("punctuation of pre-tokenizers", "Pc Pd Pe Pf Pi Po Ps", """
      24 6 10.2 1f 1 1b 1 59e 3df 78 200 c 9e8 4e0.1 2d.2 12c3.c 2.b df10 13e a7.4 2c.3 23f 20a.1 1.1 72.4 \
      a.1 1 202.c 4c 181 108.2 9b 5c.7 53.2 1.4 5d.9 d7 5f.4 2a.1 285.1 4a.c af ff1.1 3d7a.2 127.3 147 761c \
      35e.1
      """),
    ("removed by BertNormalizer", "Cc Cf Co", """
      9.1 2 882.1 50 f71a 10cf 2362.f
      """),
    ("accents of BertNormalizer", "Mn", """
      7fd 99.8 2a.17 11c fb.5 55 ae 37 c3 3a.1 44 138 13 865 da 75.1 238.f 327.5 8a30 98 39 bd 6366.3 41.4 \
      13d.1 4f.3 46.a 31.3 ea 2.1 4d 106 5 6e 2 f9 7f.5 d 1 1 e.1 55.7 2.2 1 17 2bf 110.8 1.1 100.1 1 4 90.3 \
      2.1 4 20.9 28.5 2.3 8 9.5 2.2 2e.c 1.1 196.6 1.5 1 52.15 2.6 1.1 1.1 7a.5 3 1.1 1.6 1 48.1 3 1 15b.1 \
      b.1 34.4 5 1 17 14e5 6.e 2cc8.b 3.2 e1f 94 5f1b.2d 2.16 10b9.6 1.10 2.6 1.1 1.4 64 a0.6 177 3d.3 1fc.3 \
      fe.1 354.6
      """),
    ("accents of StripAccents", "Mc Me Mn", """
      7fd 99.8 2a.9 12a fb.5 55 ae 37 b6 c 3a.1 44 138 13 846 f9 2af.f 223.1 3 fe.4 8a31 d2 6424.3 41.4 \
      13d.1 4f.3 46.a 31.3 ea 2.1 4d 82.1 82 4.1 71 f9 7c.8 1 2 1.3 1.4 1 e.1 7b 3cd.e f5.5 1.1 2.3 1 1.1 \
      8d.6 2.6 3 1c.9 28.6 1.3 8 9.a 2e.f 297.5 3 1.1 1.6 1 42.4 1.1 1.4 15b.3 9.1 1 30.6 3.4 17 14e5 6.e \
      2cc8.11 e1f 2f.8 5c b.1 5f0e.2d 2.16 1148 a0.6 177 3d.3 1fc.3 fe.1
      """),
    ("words of Whitespace", "Ll Lm Lo Lt Lu Mc Me Mn Nd Nl Pc", """
      200c.1 4a8.33 1cc46.19 6.19 6.19
      """),
    ("numbers of Digits", "Nd Nl No", """
      11de0.9 520a.2
      """),
  ]
}
