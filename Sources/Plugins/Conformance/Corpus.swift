/// Texts to encode, written for these checks.
enum Corpus {
  /// Short texts in eleven scripts, and some that tokenizers often get wrong, each with a name for reports.
  static let all: [(name: String, text: String)] = [
    ("Latin text", "The quick test costs 3.50 € — naïve façades, “quoted”, aren't easy: a_b(c) != d[e];"),
    ("Greek text", "Το εργαστήριο ανοίγει στις οκτώ το πρωί, εκτός Κυριακής."),
    ("Cyrillic text", "Поезд приходит в семь часов; мы ждём его на третьей платформе."),
    ("Hebrew text", "הספר הזה נמצא על המדף השני, ליד החלון."),
    ("Arabic text", "وصلت الرسالة صباح اليوم، وفيها ١٢ صفحة مكتوبة بخط واضح."),
    ("Devanagari text", "कल सुबह हम नदी के किनारे टहलने जाएँगे।"),
    ("Thai text", "พรุ่งนี้เช้าเราจะไปตลาดเพื่อซื้อผลไม้สด"),
    ("Han text", "图书馆的灯还亮着，他在读一本关于星星的旧书。"),
    ("Kana text", "あしたのあさ、ともだちとコーヒーをのみにいきます。"),
    ("Hangul text", "오늘은 비가 와서 집에서 조용히 책을 읽었습니다."),
    ("Georgian text", "მთაზე თოვლი ჯერ კიდევ არ დამდნარა."),
    ("emoji", "👩🏽‍🚀 goes to 🌖, 🇯🇵 waits; e\u{301} is é"),
    ("white space", "a  b\tc\n\n    indented\r\nline \u{A0}nbsp\u{3000}wide "),
    ("a zero byte", "zero\u{0}byte"),
    ("a leading space", " leading"),
    ("numbers", "1234567890 3.14159 0x1F 1e-9 ½ ٣٤٥"),
    ("code", "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; } // done\n"),
    ("a long word", String(repeating: "abc", count: 400)),
  ]
}
