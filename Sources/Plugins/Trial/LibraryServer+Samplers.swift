import CWorkbenchPlugin
import Glibc

/// The calls of samplers.
extension LibraryServer {
  private func instance(
    _ request: inout MessageReader
  ) throws(LibraryEnd) -> (wb_sampler, UnsafeMutableRawPointer?) {
    guard let found = instances[try request.number()] else { throw .incomprehensible }
    return (samplers[found.sampler], found.raw)
  }

  func create(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let index = try request.int()
    guard samplers.indices.contains(index) else { throw .incomprehensible }
    let sampler = samplers[index]
    var values: [wb_value] = []
    let stride = sampler.parameters.map { Int($0.pointee.header.size) } ?? 0
    for place in 0..<(try request.count()) {
      var value = wb_value(i64: Int64(bitPattern: try request.number()))
      guard place < sampler.parameter_count, let first = sampler.parameters else { throw .incomprehensible }
      let parameter = UnsafeRawPointer(first).advanced(by: place * stride)
        .assumingMemoryBound(to: wb_parameter.self)
      // A text is the library's own.
      if Int(parameter.pointee.type) == WB_TEXT { value = parameter.pointee.fallback }
      values.append(value)
    }
    let (size, seed) = (try request.uint32(), try request.number())
    // At the end of a page, so that a library which reads more values than it has parameters is found out.
    let bytes = values.count * MemoryLayout<wb_value>.stride
    guard let room = GuardedMemory(bytes: bytes) else { throw .incomprehensible }
    room.begin(bytes: bytes, isAtEnd: true)
    let lent = room.start.bindMemory(to: wb_value.self, capacity: values.count)
    lent.initialize(from: values, count: values.count)
    var setup = wb_sampler_setup(
      header: HostTable.header(of: wb_sampler_setup.self), values: lent, value_count: UInt32(values.count),
      vocabulary_size: size, seed: seed)
    var made: UnsafeMutableRawPointer?
    var answer = try call { sampler.create?(sampler.context, &setup, &made, $0, $1) ?? Status.failed }
    keep(made, index, &answer)
    return answer
  }

  func clone(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let number = try request.number()
    guard let (index, raw) = instances[number] else { throw .incomprehensible }
    let sampler = samplers[index]
    var made: UnsafeMutableRawPointer?
    var answer = try call { sampler.clone?(raw, &made, $0, $1) ?? Status.failed }
    keep(made, index, &answer)
    return answer
  }

  /// Answers with the number of a new instance, and whether it is null.
  private func keep(_ raw: UnsafeMutableRawPointer?, _ sampler: Int, _ answer: inout MessageWriter) {
    instances[nextInstance] = (sampler, raw)
    answer.add(nextInstance)
    answer.add(raw == nil)
    nextInstance += 1
  }

  func apply(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let (sampler, raw) = try instance(&request)
    let (size, isSorted) = (try request.uint32(), try request.uint32())
    let (ids, logits) = (try request.bytes(), try request.bytes())
    let count = ids.count / 4
    steps += 1
    guard ids.count == logits.count, let area = GuardedCandidates.take(count: count, isAtEnd: steps % 2 == 0)
    else {
      throw .incomprehensible
    }
    defer { GuardedCandidates.give(area) }
    ids.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(start: area.ids, count: ids.count).copyMemory(from: $0)
    }
    logits.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(start: area.logits, count: logits.count).copyMemory(from: $0)
    }
    var candidates = wb_candidates(
      header: HostTable.candidates, ids: area.ids, logits: area.logits, count: count, selected: -1,
      vocabulary_size: size, is_sorted: isSorted)
    var answer = try call(
      { sampler.apply?(raw, &candidates, $0, $1) ?? Status.failed }, isIntact: { area.isIntact })
    answer.add(candidates.ids == area.ids && candidates.logits == area.logits)
    answer.add(candidates.count)
    answer.add(UInt64(bitPattern: candidates.selected))
    let kept = min(UInt(bitPattern: candidates.count), UInt(bitPattern: count))
    answer.add(area.ids, count: Int(kept) * 4)
    answer.add(area.logits, count: Int(kept) * 4)
    return answer
  }

  func accept(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let (sampler, raw) = try instance(&request)
    let token = try request.int32()
    var answer = MessageWriter()
    answer.add(timed { sampler.accept?(raw, token) ?? Status.failed })
    return answer
  }

  func reset(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let (sampler, raw) = try instance(&request)
    timed { sampler.reset?(raw) }
    return MessageWriter()
  }

  func destroy(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let number = try request.number()
    guard let (sampler, raw) = instances.removeValue(forKey: number) else { throw .incomprehensible }
    if raw != nil { timed { samplers[sampler].destroy?(raw) } }
    return MessageWriter()
  }
}
