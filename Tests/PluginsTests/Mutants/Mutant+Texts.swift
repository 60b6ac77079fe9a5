extension Mutant {
  private static func play(_ function: String, _ from: String, _ to: String, _ outcome: Outcome) -> Mutant {
    Mutant("teaching_template.c", function, from, to, outcome)
  }

  private static func bytes(_ function: String, _ from: String, _ to: String, _ outcome: Outcome) -> Mutant {
    Mutant("teaching_tokenizer.c", function, from, to, outcome)
  }

  /// `play`: origins, refusing, what is read of a conversation.
  static let template: [Mutant] = [
    play(
      "literal", "strlen(text), WB_LITERAL", "strlen(text) + 1, WB_LITERAL", .isAllowed("zero bytes are text")
    ),
    play(
      "literal", "append_text(output, text, strlen(text), WB_LITERAL, 0)",
      "append_bytes(output, text, strlen(text))", .breaks("rendering")),
    play(
      "content", "message->content.count, WB_CONTENT", "message->content.count, WB_LITERAL",
      .breaks("origins")),
    play("content", "WB_CONTENT, index", "WB_CONTENT, 0", .breaks("origins")),
    play("content", "WB_CONTENT, index", "WB_CONTENT, index + 1", .breaks("rendering")),
    play("content", "WB_CONTENT, index", "WB_ROLE, index", .breaks("origins")),
    play("content", "message->content.count, WB", "message->content.count - 1, WB", .breaks("rendering")),
    play("content", "message->content.count, WB", "message->content.count / 2, WB", .breaks("origins")),
    play("content", "message->content.count, WB", "strlen(message->content.bytes), WB", .breaks("origins")),
    play(
      "content", "message->content.bytes, message->content.count", "message->content.bytes, 0",
      .breaks("origins")),
    play(
      "heading", "\"user\") == 0) { return \"Human: \"; }", "\"user\") == 0) { return NULL; }",
      .breaks("rendering")),
    play(
      "heading", "\"assistant\") == 0) { return \"Assistant: \"; }", "\"assistant\") == 0) { return NULL; }",
      .isAllowed("a template may refuse answers")),
    play(
      "render", "size_t index = 0; index < conversation->message_count; index++",
      "size_t index = 1; index < conversation->message_count; index++", .breaks("rendering")),
    play("render", "return WB_INVALID_ARGUMENT;", "return WB_FAILED;", .breaks("rendering")),
    play("render", "return WB_INVALID_ARGUMENT;", "break;", .breaks("rendering")),
    play(
      "render", "index + 1 < conversation->message_count\n                  && strcmp", "strcmp",
      .breaks("rendering")),
    play(
      "render", "if (conversation->bos.bytes) {", "if (strlen(conversation->bos.bytes)) {",
      .breaks("rendering")),
    play(
      "render", "speaker = message->role.bytes;",
      "static int calls;\n    speaker = ++calls % 2 ? \"\" : message->role.bytes;", .breaks("determinism")),
    play(
      "render", "status = content(output, message, index);",
      "status = literal(output, message->content.bytes);", .breaks("origins")),
    play("render", "  return status;\n}", "  return WB_FAILED;\n}", .breaks("rendering")),
    play(
      "render", "conversation->add_generation_prompt) {", "!conversation->add_generation_prompt) {",
      .isAllowed("how an answer begins is the template's choice")),
    play("tables", ".render = render,", "", .breaks("open")),
    play("tables", "\"\\nHuman:\", ", "\"\", ", .breaks("open")),
    play("entry", ".template_count = 1", ".template_count = 65", .breaks("open")),
  ]

  /// `bytes`: ranges, control tokens, trusted text.
  static let tokenizer: [Mutant] = [
    bytes(
      "is_trusted", "{ return 1; }\n  }\n  return 0;", "{ return 1; }\n  }\n  return 1;", .breaks("control")),
    bytes(
      "is_trusted", "{ return 1; }\n  }\n  return 0;", "{ return 0; }\n  }\n  return 0;", .breaks("control")),
    bytes("is_trusted", ".begin <= begin", ".begin < begin", .breaks("control")),
    bytes(
      "is_trusted", "end <= encoding->trusted[index].end", "end < encoding->trusted[index].end",
      .breaks("control")),
    bytes(
      "is_trusted", "end <= encoding->trusted[index].end", "begin <= encoding->trusted[index].end",
      .breaks("control")),
    bytes(
      "is_trusted", "index < encoding->trusted_count", "index < 1 && index < encoding->trusted_count",
      .breaks("control")),
    bytes("special_at", "token = PAD; token <= UNKNOWN", "token = END; token <= UNKNOWN", .breaks("control")),
    bytes(
      "special_at", "encoding->text.count - begin >= length", "encoding->text.count - begin > length",
      .breaks("control")),
    bytes(
      "special_at", "special[token], length) == 0", "special[token], length - 1) == 0",
      .isAllowed("equal: no other spelling begins like these")),
    bytes("special_at", "special[token], length) == 0", "special[token], 1) == 0", .breaks("control")),
    bytes("special_at", "      return token;", "      return END;", .breaks("control")),
    bytes(
      "encode", "FIRST_BYTE + (unsigned char)encoding", "FIRST_BYTE + (signed char)encoding",
      .breaks("roundTrip")),
    bytes("encode", "FIRST_BYTE + (unsigned char)encoding", "(unsigned char)encoding", .breaks("roundTrip")),
    bytes("encode", "token, at, at + length)", "token, at, at)", .breaks("roundTrip")),
    bytes("encode", "token, at, at + length)", "token, at, at + length + 1)", .breaks("roundTrip")),
    bytes("encode", "token, at, at + length)", "token, 0, at + length)", .breaks("roundTrip")),
    bytes("encode", "    at += length;", "    at += 1;", .breaks("control")),
    bytes("encode", "    at += length;", "    at += length + (at > 40);", .breaks("roundTrip")),
    bytes(
      "encode", "at < encoding->text.count)", "at < encoding->text.count && encoding->text.bytes[at])",
      .breaks("roundTrip")),
    bytes("encode", "at < encoding->text.count)", "at + 1 < encoding->text.count)", .breaks("roundTrip")),
    bytes(
      "encode", "    at += length;\n  }\n  return WB_OK;",
      "    at += length;\n  }\n  return host->append_token(output, END, at, at);", .breaks("roundTrip")),
    bytes(
      "encode", "(void)context, (void)error, (void)capacity;\n  size_t at = 0;",
      "(void)context, (void)error, (void)capacity;\n  static size_t calls;\n  size_t at = calls++ & 1;",
      .breaks("roundTrip")),
    bytes("decode", "(char)(token - FIRST_BYTE);", "(char)(token);", .breaks("roundTrip")),
    bytes("decode", "    *kind = WB_BYTE;\n", "", .breaks("vocabulary")),
    bytes("decode", "token == UNKNOWN ? WB_UNKNOWN : WB_CONTROL", "WB_NORMAL", .breaks("vocabulary")),
    bytes(
      "decode", "token == UNKNOWN ? WB_UNKNOWN : WB_CONTROL", "token == UNKNOWN ? WB_CONTROL : WB_UNKNOWN",
      .breaks("vocabulary")),
    bytes(
      "decode", "special[token], strlen(special[token])", "special[END], strlen(special[END])",
      .breaks("control")),
    bytes(
      "decode", "special[token], strlen(special[token])", "special[token], strlen(special[token]) - 1",
      .breaks("control")),
    bytes(
      "decode", "special[token], strlen(special[token])", "special[token], strlen(special[token]) + 1",
      .breaks("control")),
    bytes(
      "decode", "return host->append_bytes(output, &byte, 1);", "return WB_FAILED;", .breaks("vocabulary")),
    bytes("decode", "token >= FIRST_BYTE", "token > FIRST_BYTE", .breaks("vocabulary")),
    bytes("tables", ".flags = WB_ADDS_EOS", ".flags = WB_ADDS_EOS | WB_ADDS_BOS", .breaks("open")),
    bytes(
      "tables", ".flags = WB_ADDS_EOS", ".flags = WB_ADDS_EOS | WB_DROPS_LEADING_SPACE",
      .isAllowed("equal: the space of a byte token is never dropped")),
    bytes("tables", ".eos = END", ".eos = FIRST_BYTE", .breaks("vocabulary")),
    bytes(
      "tables", ".vocabulary_size = VOCABULARY", ".vocabulary_size = VOCABULARY - 1", .breaks("roundTrip")),
    bytes("tables", ".padding = PAD", ".padding = VOCABULARY", .breaks("open")),
    bytes("tables", ".decode = decode,", "", .breaks("open")),
  ]
}
