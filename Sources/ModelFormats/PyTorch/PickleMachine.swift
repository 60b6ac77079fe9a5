/// Reads the pickle of a PyTorch file: a stack machine that knows only what tensors need.
///
/// It imports nothing and calls nothing: the few names that it accepts are those of `PickleGlobal`, and every other
/// name or opcode is an error. Source of the opcodes: Lib/pickletools.py of CPython.
struct PickleMachine {
  private(set) var heap = PickleHeap()
  private var reader: ByteReader
  /// The values, and the heights of the stack at the open marks.
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [UInt64: PickleValue] = [:]
  /// The place of the opcode that is being read.
  private var position: Int

  /// A machine that begins where `reader` is and must stop before its end.
  init(_ reader: ByteReader) {
    self.reader = reader
    position = reader.offset
  }

  /// Runs to the end and gives the last value.
  mutating func run() throws(ModelFormatError) -> PickleValue {
    while true {
      position = reader.offset
      let opcode = try reader.integer(UInt8.self, "an opcode of the pickle")
      if opcode == UInt8(ascii: ".") { return try pop() }
      if try constant(opcode) { continue }
      if try collection(opcode) { continue }
      if try memory(opcode) { continue }
      if try object(opcode) { continue }
      throw PickleMachine.unknown(opcode, reader, position)
    }
  }

  // MARK: Opcodes

  /// Opcodes that push a plain value, or give the version.
  private mutating func constant(_ opcode: UInt8) throws(ModelFormatError) -> Bool {
    switch opcode {
    case 0x80: try version()
    case UInt8(ascii: "N"): try push(.none)
    case 0x88: try push(.bool(true))
    case 0x89: try push(.bool(false))
    case UInt8(ascii: "J"): try push(.int(Int(try reader.integer(Int32.self, "an integer"))))
    case UInt8(ascii: "K"): try push(.int(Int(try reader.integer(UInt8.self, "an integer"))))
    case UInt8(ascii: "M"): try push(.int(Int(try reader.integer(UInt16.self, "an integer"))))
    case 0x8A: try push(.int(try long()))
    case UInt8(ascii: "G"):
      let bits = try reader.integer(UInt64.self, "a float").byteSwapped
      try push(.float(Double(bitPattern: bits)))
    case UInt8(ascii: "X"), UInt8(ascii: "T"): try string(try reader.integer(UInt32.self, "a length"))
    case UInt8(ascii: "U"): try string(try reader.integer(UInt8.self, "a length"))
    default: return false
    }
    return true
  }

  /// Opcodes that make and fill tuples, lists and dictionaries.
  private mutating func collection(_ opcode: UInt8) throws(ModelFormatError) -> Bool {
    switch opcode {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: ")"): try tuple([])
    case UInt8(ascii: "t"): try tuple(try popToMark())
    case 0x85: try tuple(try pop(1))
    case 0x86: try tuple(try pop(2))
    case 0x87: try tuple(try pop(3))
    case UInt8(ascii: "]"):
      heap.lists.append([])
      try push(.list(heap.lists.count - 1))
    case UInt8(ascii: "a"): try extendList(try pop(1))
    case UInt8(ascii: "e"): try extendList(try popToMark())
    case UInt8(ascii: "}"): try emptyDictionary()
    case UInt8(ascii: "s"): try setItems(try pop(2))
    case UInt8(ascii: "u"): try setItems(try popToMark())
    default: return false
    }
    return true
  }

  /// Opcodes that keep a value, or fetch one that was kept.
  private mutating func memory(_ opcode: UInt8) throws(ModelFormatError) -> Bool {
    switch opcode {
    case UInt8(ascii: "q"): try keep(UInt64(try reader.integer(UInt8.self, "a place in the memo")))
    case UInt8(ascii: "r"): try keep(UInt64(try reader.integer(UInt32.self, "a place in the memo")))
    case UInt8(ascii: "h"): try fetch(UInt64(try reader.integer(UInt8.self, "a place in the memo")))
    case UInt8(ascii: "j"): try fetch(UInt64(try reader.integer(UInt32.self, "a place in the memo")))
    default: return false
    }
    return true
  }

  /// Opcodes that name something or make an object.
  private mutating func object(_ opcode: UInt8) throws(ModelFormatError) -> Bool {
    switch opcode {
    case UInt8(ascii: "c"): try global(module: try line(), name: try line())
    case UInt8(ascii: "Q"): try storage(try pop())
    case UInt8(ascii: "R"): try reduce(try pop(2))
    case UInt8(ascii: "b"):
      // An ordered dictionary has attributes, which no tensor needs.
      _ = try pop()
      guard case .dictionary? = stack.last else { throw invalid("sets the state of an object") }
    default: return false
    }
    return true
  }

  // MARK: Values

  private mutating func version() throws(ModelFormatError) {
    let version = try reader.integer(UInt8.self, "the version of the pickle")
    guard version == 2 else {
      throw reader.error(
        .unsupported, at: position, "the pickle has version \(version)",
        expected: "torch.save writes version 2, as PyTorch's own reader of weights needs")
    }
  }

  private mutating func long() throws(ModelFormatError) -> Int {
    let bytes = try reader.take(UInt64(try reader.integer(UInt8.self, "a length")), "an integer")
    guard bytes.count <= 8 else { throw invalid("has an integer of \(bytes.count) bytes") }
    var value: UInt64 = 0
    for (index, byte) in bytes.enumerated() { value |= UInt64(byte) << UInt64(8 * index) }
    // Bits that are not there repeat the sign.
    let spare = UInt64(64 - 8 * bytes.count)
    return bytes.isEmpty ? 0 : Int(Int64(bitPattern: value << spare) >> Int64(spare))
  }

  private mutating func string(_ length: some UnsignedInteger & FixedWidthInteger) throws(ModelFormatError) {
    let bytes = try reader.take(UInt64(length), "a text of the pickle")
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw invalid("has a text that is not UTF-8")
    }
    try push(.string(text))
  }

  /// The next line, without its end.
  private mutating func line() throws(ModelFormatError) -> String {
    let rest = reader.bytes[reader.offset...]
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      throw invalid("has a line without an end")
    }
    let bytes = try reader.take(UInt64(end - reader.offset), "a line of the pickle")
    _ = try reader.take(1, "the end of a line")
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw invalid("has a line that is not UTF-8")
    }
    return text
  }

  private mutating func global(module: String, name: String) throws(ModelFormatError) {
    guard let known = PickleGlobal(module: module, name: name) else {
      throw reader.error(
        .unsupported, at: position, "the pickle asks for \(ModelFormatError.quoted(module + "." + name))",
        expected: "only tensors are read, and nothing was run: get the weights as safetensors")
    }
    try push(.global(known))
  }

  /// A persistent id: ("storage", type, name of the file in the archive, device, count).
  private mutating func storage(_ id: PickleValue) throws(ModelFormatError) {
    guard case .tuple(let place) = id, heap.tuples[place].count == 5,
      case .string("storage") = heap.tuples[place][0],
      case .global(.storage(let type)) = heap.tuples[place][1],
      case .string(let key) = heap.tuples[place][2], case .int(let count) = heap.tuples[place][4], count >= 0
    else { throw invalid("has a persistent id that is not a storage") }
    heap.storages.append(.init(type: type, key: key, count: count))
    try push(.storage(heap.storages.count - 1))
  }

  /// Calls a function of `PickleGlobal`: a tensor from its storage, or an empty dictionary.
  private mutating func reduce(_ call: [PickleValue]) throws(ModelFormatError) {
    guard case .global(let function) = call[0], case .tuple(let place) = call[1] else {
      throw invalid("calls something that is not a function")
    }
    let arguments = heap.tuples[place]
    switch function {
    case .orderedDictionary where arguments.isEmpty: try emptyDictionary()
    case .rebuildTensor where (6...7).contains(arguments.count): try tensor(arguments)
    case .rebuildParameter where arguments.count == 3:
      guard case .tensor = arguments[0] else { throw invalid("has a parameter without a tensor") }
      try push(arguments[0])
    default: throw invalid("calls a function with \(arguments.count) arguments")
    }
  }

  /// A tensor from its storage, offset, shape and strides.
  private mutating func tensor(_ arguments: [PickleValue]) throws(ModelFormatError) {
    guard case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1], offset >= 0,
      let shape = integers(arguments[2]), let strides = integers(arguments[3]), shape.count == strides.count
    else { throw invalid("has a tensor without storage, offset, shape and strides") }
    heap.tensors.append(
      .init(storage: heap.storages[storage], offset: offset, shape: shape, strides: strides))
    try push(.tensor(heap.tensors.count - 1))
  }

  /// The numbers of a tuple, from 0 each.
  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let place) = value, heap.tuples[place].count <= Limits.dimensions else { return nil }
    var numbers: [Int] = []
    for element in heap.tuples[place] {
      guard case .int(let number) = element, number >= 0 else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  // MARK: Collections

  private mutating func tuple(_ values: [PickleValue]) throws(ModelFormatError) {
    heap.tuples.append(values)
    try push(.tuple(heap.tuples.count - 1))
  }

  private mutating func emptyDictionary() throws(ModelFormatError) {
    heap.dictionaries.append([])
    try push(.dictionary(heap.dictionaries.count - 1))
  }

  private mutating func extendList(_ values: [PickleValue]) throws(ModelFormatError) {
    guard case .list(let place)? = stack.last else { throw invalid("appends to what is not a list") }
    heap.lists[place] += values
  }

  private mutating func setItems(_ values: [PickleValue]) throws(ModelFormatError) {
    guard case .dictionary(let place)? = stack.last, values.count.isMultiple(of: 2) else {
      throw invalid("sets items of what is not a dictionary")
    }
    for index in stride(from: 0, to: values.count, by: 2) {
      heap.dictionaries[place].append((values[index], values[index + 1]))
    }
  }

  // MARK: The stack

  private mutating func push(_ value: PickleValue) throws(ModelFormatError) {
    guard stack.count < Limits.pickleValues, heap.tuples.count < Limits.pickleValues else {
      throw reader.error(
        .tooLarge, at: position, "the pickle holds more than \(Limits.pickleValues) values",
        expected: "fewer are allowed")
    }
    stack.append(value)
  }

  private mutating func pop() throws(ModelFormatError) -> PickleValue { try pop(1)[0] }

  /// The last `count` values, none of which is before the last open mark.
  private mutating func pop(_ count: Int) throws(ModelFormatError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw invalid("takes a value that is not there") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(ModelFormatError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw invalid("closes a mark that is not open") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func keep(_ place: UInt64) throws(ModelFormatError) {
    guard let value = stack.last else { throw invalid("keeps a value that is not there") }
    guard memo.count < Limits.pickleValues else { throw invalid("keeps too many values") }
    memo[place] = value
  }

  private mutating func fetch(_ place: UInt64) throws(ModelFormatError) {
    guard let value = memo[place] else { throw invalid("fetches a value that was not kept") }
    try push(value)
  }

  private func invalid(_ what: String) -> ModelFormatError {
    reader.error(.invalid, at: position, "the pickle \(what)", expected: "it must be as torch.save writes it")
  }
}
