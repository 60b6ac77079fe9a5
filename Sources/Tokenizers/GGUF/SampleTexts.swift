/// Texts on which tokenizers differ if they differ: scripts, spaces, digits, contractions, signs, composed and decomposed
/// characters.
enum SampleTexts {
  static let all = [
    "The quick brown fox didn't jump over 13 lazy dogs; it's 3.14159 times as far, they'LL say.",
    "  two leading spaces,  two inside, three   here and trailing ones   ",
    "line\nline\n\nparagraph\r\nreturn\t\ttab \n  indented\n\n\n   \n",
    "0 12 123 1234 12345 123456 1234567 12345678 1,234.5 ½ ² ٣٤٥ 五十",
    "if (x != y) { return x->z[0] + 0xFF; } // ~`!@#$%^&*()_+-={}[]|\\:;\"'<>,.?/ ''' ``` ...... ====",
    "camelCase HTTPServer SCREAMING_CASE I'VE we'D o'clock <s> </s> <unk> [INST] <|im_start|>",
    "바나나는 원래 하얀색이야? 하얀 바나나.", "我想在苹果公司工作1314151天～ 你好，世界！", "すべての人間は、生まれながらにして自由であり、カタカナ。",
    "Все люди рождаются свободными и равными.", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι.",
    "يولد جميع الناس أحرارًا متساوين في الكرامة.", "כל בני האדם נולדו בני חורין.",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में.", "มนุษย์ทั้งหลายเกิดมามีอิสระ", "កាន់តែពិសេសអាច",
    "Ünïcödé naïve café, decomposed cafe\u{301}, ﬁ ligature, ＦＵＬＬＷＩＤＴＨ, Ⅷ, ™",
    "🚀 (normal) 😶\u{200D}🌫️ 🦙🦙 ✅ a\u{A0}b\u{2003}c\u{3000}d \u{FEFF}",
  ]
}
