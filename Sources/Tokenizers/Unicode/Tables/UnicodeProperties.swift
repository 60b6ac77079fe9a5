// Made by Tests/TokenizersTests/Fixtures/make_unicode_tables.py; do not edit.
// swift-format-ignore-file

/// The properties of the pattern engine of Hugging Face's tokenizers 0.23.3, by their names in lower case without "_".
///
/// A set is the union of some general categories, except that the scalars of `runs` are in it if they are not in that
/// union, and the other way round. A run is the gap before it and, behind a dot, its length less one unless that is 0,
/// in hexadecimal.
enum UnicodeProperties {
  /// The names of each set, separated by spaces, the categories it is near to, and the differences.
  static let rows: [(names: String, categories: String, runs: StaticString)] = [
    ("alphabetic alpha", "Ll Lm Lo Lt Lu Mc Me Mn Nl", """
      300.44 1.1c 120.6 107.1e a8 86.1 9.2 53.a a0.8 9 1a.1 13 2b.2 3c.7 2a.9 c.1 8.5 4c 10 3.3 67 10 30 3d \
      10 6e 10 2f.2 3c 10 7 77 6e 10 6e 10 6d.1 10 7c 7c.5 1 6b d.4 1 49.1 1b 1 1 4.1 44 1.1 3e 70 1.1 322.2 \
      3b4.1 1e 7f.1 13.a 9 2d.2 1 129.2 124 14.7 2 30.e 2.a 68 f 26.8 36.1 3a b.1 43 98.2 1.14 4 6 2.2 c6.12 \
      22.a 2d0.20 3c5.33 805.2 8d 2aa.5 69.1 75d4.3 9.1 72.1 114 25 97 1b.11 39.2 25 5f c fe 1 34 f5.1 \
      5212.f 10.f 3cd e2 757.2 4 a5.1 283.3 18f.2 46.a 31.3 c0 29 e 39.1 78.1 3e 4c 8.3 68.1 b2.1 50.1 10 \
      18.6 3.4 59.2 1 e.1 5f 3 17 63.1 fb.1 7e 76.1 73 10d.1 102.1 4 9c 52.1 12 50.1 1a5 102 1.1 51 1a9.1 17 \
      14e5 6.e 2cd9 9c0.4 3b.6 4ad 4cb8 1262.2d 2.16 21e.4 3.5 8.7 2.6 1e.3 94.2 7bb.36 4.31 8 e 16.4 1.e \
      680.6 177 3d.3 1fc.3 fe.1 2e0.6 6d.2 1.2 7e5.19 6.19 6.19 c0f76.ef
      """),
    ("word", "Ll Lm Lo Lt Lu Mc Me Mn Nd Nl Pc", """
      b2.1 5 2.2 23f7.33 1cc46.19 6.19 6.19
      """),
    ("alnum", "Ll Lm Lo Lt Lu Mc Me Mn Nd Nl", """
      300.44 1.1c 120.6 107.1e a8 86.1 9.2 53.a a0.8 9 1a.1 13 2b.2 3c.7 2a.9 c.1 8.5 4c 10 3.3 67 10 30 3d \
      10 6e 10 2f.2 3c 10 7 77 6e 10 6e 10 6d.1 10 7c 7c.5 1 6b d.4 1 49.1 1b 1 1 4.1 44 1.1 3e 70 1.1 322.2 \
      3b4.1 1e 7f.1 13.a 9 2d.2 1 129.2 124 14.7 2 30.e 2.a 68 f 26.8 36.1 3a b.1 43 98.2 1.14 4 6 2.2 c6.12 \
      22.a 2d0.20 3c5.33 805.2 8d 2aa.5 69.1 75d4.3 9.1 72.1 114 25 97 1b.11 39.2 25 5f c fe 1 34 f5.1 \
      5212.f 10.f 3cd e2 757.2 4 a5.1 283.3 18f.2 46.a 31.3 c0 29 e 39.1 78.1 3e 4c 8.3 68.1 b2.1 50.1 10 \
      18.6 3.4 59.2 1 e.1 5f 3 17 63.1 fb.1 7e 76.1 73 10d.1 102.1 4 9c 52.1 12 50.1 1a5 102 1.1 51 1a9.1 17 \
      14e5 6.e 2cd9 9c0.4 3b.6 4ad 4cb8 1262.2d 2.16 21e.4 3.5 8.7 2.6 1e.3 94.2 7bb.36 4.31 8 e 16.4 1.e \
      680.6 177 3d.3 1fc.3 fe.1 2e0.6 6d.2 1.2 7e5.19 6.19 6.19 c0f76.ef
      """),
    ("uppercase upper", "Lu", """
      2160.f 346.19 1cc60.19 6.19 6.19
      """),
    ("lowercase lower", "Ll", """
      aa f 1f5.8 7.1 1e.4 60 34 d81 c2f.3e d 22.24 2b1 d 10.c d3.f 350.19 792.1 7a1e.1 d2 81.2 3.1 362.3 9 \
      5c16 2.2 1.29 1.8 d875.3d
      """),
    ("punct", "Pc Pd Pe Pf Pi Po Ps", """
      
      """),
    ("space whitespace", "Zl Zp Zs", """
      9.4 77
      """),
    ("blank", "Zs", """
      9
      """),
    ("cntrl", "Cc", """
      
      """),
    ("graph", "Cf Co Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So", """
      
      """),
    ("print", "Cf Co Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zs", """
      
      """),
    ("xdigit", "", """
      30.9 7.5 1a.5
      """),
    ("emoji", "", """
      23 6 5.9 6f 4 1f8d c d8 16 5a.5 f.1 16f.1 c a6 19.a 4.2 c7 e7.1 a 9 3a.3 1.4 9 2 2.1 2 4 2 1.1 2 3 3.1 \
      8.2 5 1 5.b b.1 2 1.1 1 12 2.1 12.5 1 1.1 3.1 5 2.1 4.1 b.1 5.1 2 5.1 1 1.1 14.1 5.5 1.3 2 4 2 2.5 1 2 \
      1 1 6 3 6 a.1 f 2 4 1 4.2 1 b.1 30.2 9 e e 174.1 1cf.2 13.1 33 4 4da c 259 1 1bd6a ca a0.1 c.1 e 2.9 \
      4b.19 1.1 17 14 2.8 15.1 ae.21 2.6f 2.1 1.2 2.52 2.2 1.106 1.3e b.5 1.17 7.1 2.7 c 2.3 2 4.1 d.1 2 8.1 \
      9 5.2 c.2 8.2 2 1 4 6 3 6.55 30.45 5.7 2.2 4.9 3 1.1 3 2.9 e3.b 4 11b.2e 1.9 1.b8 70.c 3.9 5.37 7.e \
      2.a 6.8
      """),
    ("emojipresentation", "", """
      231a.1 cd.3 3 2 209.1 15.1 32.b 2b 13 d 8.1 11.1 5.1 8 5 15 7.1 1 4 2 7 4.1 1c 23 1 4.2 1 3d.2 18 e \
      35b.1 33 4 1c4ae ca be 2.9 4b.19 1 18 14 2.4 1.2 15.1 ae.20 c.8 1.45 1.15 c.2a 4.4 c.10 3 3.46 1 1.ba \
      2.3e d.3 1.17 12 1a.1 d 56.54 30.45 6 3.2 2.2 4.3 b.1 7.8 e3.b 4 11b.2e 1.9 1.b8 70.c 3.9 5.37 7.e 2.a \
      6.8
      """),
    ("emojimodifier", "", """
      1f3fb.4
      """),
    ("emojimodifierbase", "", """
      261d db 10.3 1cc77 3c.2 2 2.2 75.1 2.a 15.12 3 4.2 1.2 7 1 18 c9.1 4 15 4.1 ae.2 3.4 53 10.2 9 b 23f 2 \
      8.7 6 9.9 2.2 38 3d.1 1.1 1 11.2 1.c e5.2 2a.8
      """),
    ("emojicomponent", "", """
      23 6 5.9 1fd3 d5 dd2b f3d6.19 1fb.4 5b0.3 c066c.5f
      """),
    ("extendedpictographic", "", """
      a9 4 1f8d c d8 16 5a.5 f.1 16f.1 c 5f 46 19.a 4.2 c7 e7.1 a 9 3a.3 1.5 1.b 1.71 a.75 2.a 1 1 6 3 6 a.1 \
      f 2 4 1 4.2 1 b.4 2d.2 9 e e 174.1 1cf.2 13.1 33 4 4da c 259 1 1bd66.ff d.2 1f 3c.5 c.1 e 2.9 12.38 \
      1b.e a 14 2.8 1.3 9.1b1 5.13d 8.109 30.7f 74.b 55.2a c.3 38.7 a.5 28.7 1e.51 c.2e 1.9 1.1b8 100.3fd
      """),
    ("ideographic", "", """
      3006.1 19.8 e.2 3c5.19bf 40.51ff 5900.16d 2.69 750a 1b.17f7 8.4d5 29.9 2467.18b 4d04.a6df 20.1039 6.dd \
      2.1681 e.1d30 f.26d 9a2.21d 5e2.134a 5.105f
      """),
    ("math", "Sm", """
      5e 371.2 2 1a.1 2.1 1c20 1b.2 b 20.3 18.1 e.1 41.c 4 3.1 4.4 12 4 2.9 1 3.4 6 3.1 2.1 1.2 1.5 3.3 5.4 \
      4b.4 2.3 1.1 1.1 1 1.4 2.1 4.1 4.11 2.1 1 1.6 1 6.1 122.3 a8.1 1 18 11 1bd.1 c.8 5.4 5.1 2.1 3.4 e 1 \
      2.5 18.1 39 1 1d.3 9.1 156.1 1f.9 193.15 3f.3 20.1 d463 1 4 d3 1 d4c1.54 1.46 1.1 2 2.1 2.3 1.b 1 1.6 \
      1.40 1.3 2.7 1.6 1.1b 1.3 1.4 1 3.6 1.153 2.18 1.18 1.1e 1.18 1.1e 1.18 1.1e 1.18 1.1e 1.18 1.7 2.31 \
      1600.3 1.1a 1.1 1 2 1.9 1.3 1 1 6 4 1 1 1.2 1.1 1 2 1 1 1 1 1.1 1 2.3 1.6 1.3 1.3 1 1.9 1.10 5.2 1.4 \
      1.10
      """),
    ("defaultignorablecodepoint", "", """
      ad 2a1 2cc b42.1 653.1 55.4 7fb.4 1a.4 31.f 10f4 cc9b.f ef a0 4f.8 bca7.3 14cf.7 c2e85.fff
      """),
    ("graphemeextend", "Me Mn", """
      9be 18 166 18 66 18 e8 1 4.1 1.1 9.1 67 18 77 f 935 1e 400 5 1 5.1 65 47.1 418 1021.1 7923 6c 55dd.1 \
      1220 74 108 e 9 60 9 2 1.2 5 e0 c f1 106 279 c 603 50ae.1 6173.1 6.5 c2ead.5f
      """),
    ("idstart", "Ll Lm Lo Lt Lu Nl", """
      1885.1 891 15 d00 26b.1
      """),
    ("idcontinue", "Ll Lm Lo Lt Lu Mc Mn Nd Nl Pc", """
      b7 2cf fe1.8 668 631.1 10a 15 d00 26b.1 5e ce69
      """),
  ]
}
