import CWorkbenchPlugin
import Glibc

/// The functions of a sampler that make their calls in another process.
enum RemoteSampler {
  /// An instance there.
  private final class Instance {
    let offer: RemoteOffer
    let number: UInt64

    init(_ offer: RemoteOffer, _ number: UInt64) {
      self.offer = offer
      self.number = number
    }

    static func of(_ raw: UnsafeRawPointer?) -> Instance? {
      raw.map { Unmanaged<Instance>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Asks for something that has no status.
    func tell(_ kind: LibraryRequest) {
      var request = MessageWriter(kind)
      request.add(number)
      _ = try? offer.process.ask(request)
    }
  }

  /// The table; its texts, flags and parameters are filled in by who uses it.
  static var table: wb_sampler {
    var table = wb_sampler()
    table.create = { context, setup, instance, error, capacity in
      guard let offer = RemoteOffer.of(context), let setup = setup?.pointee else { return Status.failed }
      return offer.call(.create, error, capacity) { request in
        request.add(offer.index)
        let count = Int(setup.value_count)
        request.add(count)
        for place in 0..<count { request.add(UInt64(bitPattern: setup.values[place].i64)) }
        request.add(UInt64(setup.vocabulary_size))
        request.add(setup.seed)
      } _: { (answer) throws(LibraryEnd) in
        instance?.pointee = try RemoteSampler.made(&answer, offer)
      }
    }
    table.clone = { instance, copy, error, capacity in
      guard let instance = Instance.of(instance) else { return Status.failed }
      return instance.offer.call(.clone, error, capacity) {
        $0.add(instance.number)
      } _: { (answer) throws(LibraryEnd) in
        copy?.pointee = try RemoteSampler.made(&answer, instance.offer)
      }
    }
    table.apply = { instance, candidates, error, capacity in
      guard let instance = Instance.of(instance), let candidates else { return Status.failed }
      return RemoteSampler.apply(instance, candidates, error, capacity)
    }
    table.accept = { instance, token in
      guard let instance = Instance.of(instance) else { return Status.failed }
      var request = MessageWriter(.accept)
      request.add(instance.number)
      request.add(token)
      guard var answer = try? instance.offer.process.ask(request) else { return Status.failed }
      return (try? answer.int32()) ?? Status.failed
    }
    table.reset = { Instance.of($0)?.tell(.reset) }
    table.destroy = { raw in
      guard let raw else { return }
      Unmanaged<Instance>.fromOpaque(raw).takeRetainedValue().tell(.destroy)
    }
    return table
  }

  /// The instance that an answer names; nil for a null one, which only a sampler without state may have.
  private static func made(
    _ answer: inout MessageReader, _ offer: RemoteOffer
  ) throws(LibraryEnd) -> UnsafeMutableRawPointer? {
    let number = try answer.number()
    let isNull = try answer.flag()
    if isNull && offer.isStateful { return nil }
    return Unmanaged.passRetained(Instance(offer, number)).toOpaque()
  }

  private static func apply(
    _ instance: Instance, _ candidates: UnsafeMutablePointer<wb_candidates>,
    _ error: UnsafeMutablePointer<CChar>?, _ capacity: Int
  ) -> wb_status {
    let given = candidates.pointee
    return instance.offer.call(.apply, error, capacity) { request in
      request.add(instance.number)
      request.add(UInt64(given.vocabulary_size))
      request.add(UInt64(given.is_sorted))
      request.add(given.ids, count: given.count * 4)
      request.add(given.logits, count: given.count * 4)
    } _: { (answer) throws(LibraryEnd) in
      if try !answer.flag() { candidates.pointee.ids = nil }
      candidates.pointee.count = Int(bitPattern: UInt(try answer.number()))
      candidates.pointee.selected = Int64(bitPattern: try answer.number())
      for place in [UnsafeMutableRawPointer(given.ids), UnsafeMutableRawPointer(given.logits)] {
        let bytes = try answer.bytes()
        guard bytes.count <= given.count * 4 else { throw .incomprehensible }
        bytes.withUnsafeBytes {
          if let start = $0.baseAddress { place?.copyMemory(from: start, byteCount: $0.count) }
        }
      }
    }
  }
}

/// The function of a template that makes its calls in another process.
enum RemoteTemplate {
  static let render:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<wb_conversation>?, OpaquePointer?,
      UnsafeMutablePointer<CChar>?, Int
    ) -> wb_status = { context, conversation, output, error, capacity in
      guard let offer = RemoteOffer.of(context), let given = conversation?.pointee else {
        return Status.failed
      }
      return offer.call(.render, error, capacity) { request in
        request.add(offer.index)
        request.add(given.add_generation_prompt)
        for text in [given.bos, given.eos] {
          request.add(text.bytes != nil)
          if text.bytes != nil { request.add(text.bytes, count: text.count) }
        }
        request.add(given.json.bytes, count: given.json.count)
        request.add(given.message_count)
        for index in 0..<given.message_count {
          guard let message = given.messages[index]?.pointee else { continue }
          request.add(message.role.bytes, count: message.role.count)
          request.add(message.content.bytes, count: message.content.count)
        }
      } _: { (answer) throws(LibraryEnd) in
        let appended = try AppendedOutput(&answer)
        if let output = Output.of(output) { appended.append(to: output) }
      }
    }
}

/// A tokenizer in another process.
final class RemoteTokenizer: RemoteOffer {
  /// A decoded token.
  private struct Entry {
    var status: wb_status
    var kind: wb_token_kind
    var appended: AppendedOutput
  }

  /// Tokens that are asked for at once, since a vocabulary may have a hundred thousand.
  private static let window: Int32 = 256

  private let vocabularySize: Int32
  private var first: Int32 = 0
  private var entries: [Entry] = []

  init(_ process: LibraryProcess, _ index: Int, vocabularySize: Int32) {
    self.vocabularySize = vocabularySize
    super.init(process, index)
  }

  static let encode:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<wb_encoding>?, OpaquePointer?, UnsafeMutablePointer<CChar>?, Int
    ) -> wb_status = { context, encoding, output, error, capacity in
      guard let offer = RemoteOffer.of(context), let given = encoding?.pointee else { return Status.failed }
      return offer.call(.encode, error, capacity) { request in
        request.add(offer.index)
        request.add(given.text.bytes, count: given.text.count)
        request.add(given.continues_text)
        request.add(given.trusted_count)
        for place in 0..<given.trusted_count {
          request.add(given.trusted[place].begin)
          request.add(given.trusted[place].end)
        }
      } _: { (answer) throws(LibraryEnd) in
        let appended = try AppendedOutput(&answer)
        if let output = Output.of(output) { appended.append(to: output) }
      }
    }

  static let decode:
    @convention(c) (
      UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<wb_token_kind>?, OpaquePointer?
    ) -> wb_status = { context, token, kind, output in
      guard let context, let output = Output.of(output) else { return Status.failed }
      let offer = Unmanaged<RemoteTokenizer>.fromOpaque(context).takeUnretainedValue()
      guard let entry = offer.entry(token) else { return Status.failed }
      kind?.pointee = entry.kind
      entry.appended.append(to: output)
      return entry.status
    }

  /// The decoded token; nil when the process fails.
  private func entry(_ token: Int32) -> Entry? {
    // Each reading of the vocabulary asks anew, from its first token on.
    if token == 0 || token < first || Int(token - first) >= entries.count {
      do throws(LibraryEnd) { try read(from: token) } catch {
        process.fail(error)
        return nil
      }
    }
    return entries[Int(token - first)]
  }

  private func read(from token: Int32) throws(LibraryEnd) {
    let count = min(Self.window, vocabularySize - token)
    var request = MessageWriter(.decode)
    request.add(index)
    request.add(token)
    request.add(count)
    var answer = try process.ask(request)
    (first, entries) = (token, [])
    while !answer.isEmpty {
      entries.append(
        Entry(
          status: try answer.int32(), kind: try answer.int32(), appended: try AppendedOutput(&answer)))
    }
    guard !entries.isEmpty else { throw .incomprehensible }
  }
}
