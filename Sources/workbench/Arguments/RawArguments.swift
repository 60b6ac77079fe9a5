import Terminal

/// The words of the command line as the system passed them.
enum RawArguments {
  /// The words after the program's name; one that is not UTF-8 is an error, since decoding would change it.
  static func texts(_ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>) throws(ClientError) -> [String]
  {
    var texts: [String] = []
    var index = 1
    // An empty command line has not even the program's name.
    guard arguments[0] != nil else { return [] }
    while let argument = arguments[index] {
      var bytes: [UInt8] = []
      while argument[bytes.count] != 0 { bytes.append(UInt8(bitPattern: argument[bytes.count])) }
      if let offset = UTF8Check.firstInvalid(bytes) {
        throw ClientError(
          .usage, "argument \(index) is not UTF-8 at byte \(offset + 1): \(SafeText.quoted(bytes))",
          hint: "text in another encoding can be converted with iconv; a file can be renamed")
      }
      texts.append(String(decoding: bytes, as: UTF8.self))
      index += 1
    }
    return texts
  }
}
