import Units

/// The parts of a split model: files named `NAME-00001-of-00003.gguf` whose metadata gives their place.
///
/// Source: the gguf-split tool of ggml-org/llama.cpp: keys `split.no` (from 0), `split.count`, and
/// `split.tensors.count` over all parts; the first part has the model's metadata.
enum GGUFParts {
  /// The place of a part, as its own metadata gives it.
  private struct Place {
    var number: Int
    var count: Int
    var tensors: Int?
  }

  /// All parts in order, `opened` among them; only `opened` if the model is not split.
  static func open(all opened: GGUFFile) throws(ModelFormatError) -> [GGUFFile] {
    guard let place = try place(of: opened), place.count > 1 else { return [opened] }
    let prefix = try prefix(of: opened.file.path, place)
    var parts: [GGUFFile] = []
    for number in 0..<place.count {
      if number == place.number {
        parts.append(opened)
        continue
      }
      let path = prefix + suffix(number, place.count)
      parts.append(try part(path, number: number, of: place, first: opened.file.path))
    }
    try requireTotal(parts, place, opened.file.path)
    return parts
  }

  private static func place(of part: GGUFFile) throws(ModelFormatError) -> Place? {
    let metadata = part.metadata
    let path = part.file.path
    guard metadata["split.count"] != nil else { return nil }
    guard let count = metadata.integer("split.count"), (0...Limits.parts).contains(count) else {
      throw ModelFormatError(
        .invalid, path: path, "split.count is not a number of parts",
        expected: "it must be 0 to \(Limits.parts)")
    }
    // A count of 0 or 1 means a whole model; the tool leaves the key behind when it merges.
    guard count > 1 else { return Place(number: 0, count: count, tensors: nil) }
    guard let number = metadata.integer("split.no"), (0..<count).contains(number) else {
      throw ModelFormatError(
        .invalid, path: path, "split.no is not the number of a part", expected: "it must be 0 to \(count - 1)"
      )
    }
    return Place(number: number, count: count, tensors: metadata.integer("split.tensors.count"))
  }

  private static func part(
    _ path: String, number: Int, of place: Place, first: String
  ) throws(ModelFormatError) -> GGUFFile {
    let file: MappedFile
    do throws(ModelFormatError) {
      file = try MappedFile(path: path)
    } catch {
      throw ModelFormatError(
        error.kind, path: path, "part \(number + 1) of \(place.count): \(error.message)",
        expected: "put all parts beside \(first)")
    }
    try FileKind(of: file).require(.gguf, path)
    let part = try GGUFFile(file)
    guard let found = try self.place(of: part), found.number == number, found.count == place.count,
      found.tensors == place.tensors
    else {
      throw ModelFormatError(
        .invalid, path: path, "the file is not part \(number + 1) of \(place.count)",
        expected: "its split.no, split.count and split.tensors.count must match \(first)")
    }
    return part
  }

  private static func requireTotal(
    _ parts: [GGUFFile], _ place: Place, _ path: String
  ) throws(ModelFormatError) {
    guard let expected = place.tensors else { return }
    let found = parts.reduce(0) { $0 + $1.tensors.count }
    guard found == expected else {
      throw ModelFormatError(
        .invalid, path: path, "the parts hold \(counted(found, "tensor"))",
        expected: "split.tensors.count says \(expected)")
    }
  }

  /// The path without the suffix that a part at `place` must have.
  private static func prefix(of path: String, _ place: Place) throws(ModelFormatError) -> String {
    let suffix = suffix(place.number, place.count)
    guard path.utf8.count > suffix.utf8.count, path.hasSuffix(suffix) else {
      throw ModelFormatError(
        .invalid, path: path, "the file is part \(place.number + 1) of \(place.count)",
        expected: "its name must end with \(suffix)")
    }
    return String(path.dropLast(suffix.count))
  }

  private static func suffix(_ number: Int, _ count: Int) -> String {
    func five(_ value: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
    return "-\(five(number + 1))-of-\(five(count)).gguf"
  }
}
