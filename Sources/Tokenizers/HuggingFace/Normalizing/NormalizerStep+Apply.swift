extension NormalizerStep {
  /// The normal form of `text` by this step.
  func apply(_ text: AlignedText) throws(TokenizerError) -> AlignedText {
    let result = try applied(to: text)
    try result.requireWhole()
    return result
  }

  private func applied(to text: AlignedText) throws(TokenizerError) -> AlignedText {
    switch self {
    case .form(let form): return form.apply(text)
    case .lowercase: return Self.lowercased(text)
    case .strip(let left, let right): return Self.stripped(text, left, right)
    case .stripAccents: return text.mapped { scalar, _, _ in !CharacterClasses.isMark(scalar) }
    case .replace(let pattern, let content): return try Self.replaced(text, pattern, content)
    case .prepend(let prefix):
      guard text.count > 0 else { return text }
      var result = AlignedText(replacing: text)
      result.append(prefix, at: text.source(0))
      result.append(0..<text.count, of: text)
      return result
    case .bert(let cleans, let spacesHan, let stripsAccents, let lowercases):
      var result = text
      if cleans { result = Self.cleaned(result) }
      if spacesHan { result = Self.withSpacedHan(result) }
      if stripsAccents {
        result = UnicodeForm(isCompatible: false, composes: false).apply(result)
        result = result.mapped { scalar, _, _ in !CharacterClasses.isNonspacingMark(scalar) }
      }
      return lowercases ? Self.lowercased(result) : result
    case .nmt: return Self.nmt(text)
    case .precompiled(let map): return try map.appliedToGraphemes(text)
    case .byteLevel: return text.inStandIns()
    }
  }

  private static func lowercased(_ text: AlignedText) -> AlignedText {
    text.mapped { scalar, place, result in
      if scalar < 0x80 {
        let isUpper = scalar >= 0x41 && scalar <= 0x5A
        result.append(UInt8(truncatingIfNeeded: isUpper ? scalar + 0x20 : scalar), at: place)
        return false
      }
      guard let unicode = Unicode.Scalar(scalar), unicode.properties.changesWhenLowercased else {
        return true
      }
      for lower in unicode.properties.lowercaseMapping.unicodeScalars {
        result.append(scalar: lower.value, at: place)
      }
      return false
    }
  }

  private static func stripped(_ text: AlignedText, _ left: Bool, _ right: Bool) -> AlignedText {
    var start = text.count
    var end = 0
    text.forEachScalar { scalar, length, index in
      guard !CharacterClasses.isSpace(scalar) else { return }
      start = min(start, index)
      end = index + length
    }
    if !left { start = 0 }
    if !right { end = text.count }
    guard start > 0 || end < text.count else { return text }
    var result = AlignedText(replacing: text)
    if start < end { result.append(start..<end, of: text) }
    return result
  }

  private static func replaced(
    _ text: AlignedText, _ pattern: TextPattern, _ content: [UInt8]
  ) throws(TokenizerError) -> AlignedText {
    var result = AlignedText(replacing: text)
    try text.bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      try pattern.forEach(buffer, 0..<buffer.count) { (range, isMatch) throws(TokenizerError) in
        if isMatch {
          result.append(content, at: text.source(range.lowerBound))
        } else {
          result.append(range, of: text)
        }
      }
    }
    return result
  }

  /// BERT's cleaning: removes control characters and turns white space into spaces.
  private static func cleaned(_ text: AlignedText) -> AlignedText {
    text.mapped { scalar, place, result in
      if scalar == 0 || scalar == 0xFFFD || CharacterClasses.isControlForBERT(scalar) { return false }
      guard CharacterClasses.isSpace(scalar) else { return true }
      result.append(UInt8(ascii: " "), at: place)
      return false
    }
  }

  private static func withSpacedHan(_ text: AlignedText) -> AlignedText {
    text.mapped { scalar, place, result in
      guard CharacterClasses.isHanForBERT(scalar) else { return true }
      result.append(UInt8(ascii: " "), at: place)
      result.append(scalar: scalar, at: place)
      result.append(UInt8(ascii: " "), at: place)
      return false
    }
  }

  private static func nmt(_ text: AlignedText) -> AlignedText {
    text.mapped { scalar, place, result in
      switch scalar {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: return false
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        result.append(UInt8(ascii: " "), at: place)
        return false
      default: return true
      }
    }
  }
}

extension AlignedText {
  /// The text with a stand-in for every byte.
  func inStandIns() -> AlignedText {
    var result = AlignedText(replacing: self)
    for index in 0..<count {
      result.append(scalar: ByteAlphabet.scalars[Int(bytes[index])], at: source(index))
    }
    return result
  }
}

extension CharacterMap {
  /// The map as Hugging Face's tokenizers apply it: a grapheme of less than six bytes is replaced as a whole if any
  /// sequence begins it, the shortest one deciding; all else is mapped scalar by scalar.
  func appliedToGraphemes(_ text: AlignedText) throws(TokenizerError) -> AlignedText {
    var result = AlignedText(replacing: text)
    try text.bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      var position = 0
      while position < buffer.count {
        let end = Self.plainEnd(buffer, position)
        if end > position {
          while position < end {
            try append(buffer, position..<(position + 1), text, &result)
            position += 1
          }
          continue
        }
        let stretch = position..<Self.stretchEnd(buffer, position)
        try appendGraphemes(buffer, stretch, text, &result)
        position = stretch.upperBound
      }
    }
    return result
  }

  /// The end of a run of ASCII characters that are graphemes on their own.
  private static func plainEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var position = start
    while position < text.count, text[position] < 0x80, text[position] != 0x0D,
      position + 1 == text.count || text[position + 1] < 0x80
    { position += 1 }
    return position
  }

  /// The end of a stretch of whole graphemes: there one plain character follows another.
  private static func stretchEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var position = start + 1
    while position < text.count,
      text[position - 1] >= 0x80 || text[position] >= 0x80 || text[position - 1] == 0x0D
    {
      position += 1
    }
    return position
  }

  private func appendGraphemes(
    _ buffer: UnsafeBufferPointer<UInt8>, _ stretch: Range<Int>, _ text: AlignedText,
    _ result: inout AlignedText
  ) throws(TokenizerError) {
    guard let base = buffer.baseAddress else { return }
    let part = UnsafeBufferPointer(rebasing: buffer[stretch])
    let graphemes = String(validating: part, as: UTF8.self)?.map { $0.utf8.count }
    var position = stretch.lowerBound
    for length in graphemes ?? [part.count] {
      let end = position + length
      if length < 6, graphemes != nil, try append(buffer, position..<end, text, &result, orElse: false) {
        position = end
        continue
      }
      while position < end {
        let size = UTF8Scalar.decode(base, at: position, to: end).length
        try append(buffer, position..<(position + size), text, &result)
        position += size
      }
    }
  }

  /// Adds the replacement of `range` or, if there is none and `orElse`, `range` itself; tells whether it added anything.
  @discardableResult
  private func append(
    _ buffer: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: AlignedText,
    _ result: inout AlignedText,
    orElse: Bool = true
  ) throws(TokenizerError) -> Bool {
    if let match = try match(buffer, at: range.lowerBound, to: range.upperBound, shortest: true) {
      result.append(match.replacement, at: text.source(range.lowerBound))
      return true
    }
    if orElse { result.append(range, of: text) }
    return orElse
  }
}
