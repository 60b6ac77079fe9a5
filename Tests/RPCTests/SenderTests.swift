import Testing

@testable import RPC

@Suite(.timeLimit(.minutes(60)))
struct SenderTests {
  private func message(_ size: Int) -> RawMessage { RawMessage([UInt8](repeating: 1, count: size)) }

  /// Fills the queue: one message under way, as many behind it as are accepted.
  private func fill(_ sender: Sender) async {
    for index in 0...Limits.queuedMessages {
      #expect(await sender.send(RawMessage([UInt8(index)])) == .accepted)
    }
  }

  @Test("Batches are under way one at a time, in order; the first carries the initial metadata")
  func order() async {
    let call = ScriptedCall()
    let sender = Sender(call, sendsInitialMetadata: true)
    await fill(sender)
    for index in 0...Limits.queuedMessages {
      #expect(call.underWay.count == 1)
      #expect(call.underWay.first?.message?.bytes == [UInt8(index)])
      #expect(call.underWay.first?.operations.contains(.sendInitialMetadata) == (index == 0))
      call.end()
    }
    #expect(call.underWay.isEmpty)
    #expect(await sender.sendInitialMetadata([:]) == nil, "it went out with the first message")
  }

  @Test("A full queue holds senders up, in order of arrival, until there is room")
  func heldUp() async {
    let call = ScriptedCall()
    let sender = Sender(call, sendsInitialMetadata: false)
    await fill(sender)
    let accepted = List<UInt8>()
    let waiting = Task {
      let outcome = await sender.send(RawMessage([100]))
      accepted.append(100)
      return outcome
    }
    for _ in 0..<200 { await Task.yield() }
    #expect(accepted.all.isEmpty)
    call.end()
    #expect(await waiting.value == .accepted)
    // The rest is started one by one and ends with the message that was held up.
    for _ in 0..<Limits.queuedMessages { call.end() }
    #expect(call.underWay.first?.message?.bytes == [100])
  }

  @Test("The bytes that wait are bounded, however few the messages")
  func boundedBytes() async {
    let call = ScriptedCall()
    let sender = Sender(call, sendsInitialMetadata: false)
    #expect(
      await sender.send(message(1 << 20)) == .accepted, "nothing is on its way: any size goes out at once")
    #expect(await sender.send(message(Limits.queuedBytes)) == .accepted)
    let tooMuch = Task { await sender.send(message(1)) }
    tooMuch.cancel()
    #expect(await tooMuch.value == .cancelled)
    call.end()
    call.end()
    #expect(call.underWay.isEmpty, "what was withdrawn is not sent")
  }

  @Test("A cancelled sender withdraws its message, before it waits or while it does")
  func withdrawal() async {
    let call = ScriptedCall()
    let sender = Sender(call, sendsInitialMetadata: false)
    await fill(sender)
    for _ in 0..<50 {
      let waiting = Task { await sender.send(message(1)) }
      for _ in 0..<Int.random(in: 0..<5) { await Task.yield() }
      waiting.cancel()
      #expect(await waiting.value == .cancelled)
    }
    for _ in 0...Limits.queuedMessages { call.end() }
    #expect(call.underWay.isEmpty)
    #expect(await sender.send(message(1)) == .accepted)
  }

  @Test("A failure ends what is queued and held up, and everything later")
  func failure() async {
    let call = ScriptedCall()
    let sender = Sender(call, sendsInitialMetadata: false)
    await fill(sender)
    let waiting = Task { await sender.send(message(1)) }
    for _ in 0..<50 { await Task.yield() }
    call.end(false)
    #expect(await waiting.value == .failed)
    #expect(await sender.send(message(1)) == .failed)
    #expect(call.underWay.isEmpty)
  }

  @Test("The last batch goes behind everything accepted, also after a failure; nothing goes after it")
  func closing() async {
    for fails in [false, true] {
      let call = ScriptedCall()
      let sender = Sender(call, sendsInitialMetadata: false)
      #expect(await sender.send(message(1)) == .accepted)
      let closing = Task { await sender.close(with: Batch(.sendStatus)) }
      for _ in 0..<200 { await Task.yield() }
      #expect(call.underWay.first?.operations == .sendMessage)
      call.end(!fails)
      await until { call.underWay.first?.operations == .sendStatus }
      #expect(await sender.close(with: Batch(.sendStatus)) == .refused, "a call ends once")
      call.end()
      #expect(await closing.value == .done)
      #expect(await sender.send(message(1)) == .failed)
    }
  }

  @Test("A batch that the call refuses has failed, and so have later ones")
  func refusal() async {
    let call = ScriptedCall()
    call.refuse()
    let sender = Sender(call, sendsInitialMetadata: false)
    #expect(await sender.perform(Batch(.sendClose)) == .failed)
    #expect(await sender.send(message(1)) == .failed)
  }

  @Test("The end of the call fails what waits and lets go of the call")
  func end() async {
    weak var released: ScriptedCall?
    let sender: Sender
    do {
      let call = ScriptedCall(endsAtOnce: true)
      released = call
      sender = Sender(call, sendsInitialMetadata: false)
      for _ in 0..<1000 { #expect(await sender.send(message(1)) == .accepted) }
      sender.end()
    }
    #expect(released == nil)
    #expect(await sender.send(message(1)) == .failed)
    #expect(await sender.close(with: Batch(.sendStatus)) == .refused)
  }
}

@Suite(.timeLimit(.minutes(60)))
struct ReceiverTests {
  private func bytes(_ outcome: Receiver.Outcome) -> [UInt8]? {
    if case .message(let message) = outcome { return message.bytes }
    return nil
  }

  @Test("Nothing is received before it is asked for, then one message ahead of the reader")
  func ahead() async {
    let call = ScriptedCall()
    let receiver = Receiver(call)
    #expect(call.underWay.isEmpty)
    let first = Task { await receiver.next() }
    await until { call.underWay.count == 1 }
    call.end(message: [1])
    #expect(bytes(await first.value) == [1])
    #expect(call.underWay.count == 1, "the next is fetched")
    call.end(message: [2])
    #expect(call.underWay.isEmpty, "the one after it waits for the reader")
    #expect(bytes(await receiver.next(wantsMore: false)) == [2])
    #expect(call.underWay.isEmpty, "a reader that wants no more fetches none")
  }

  @Test("A cancelled reader leaves the message to the next one")
  func cancelledReader() async {
    let call = ScriptedCall()
    let receiver = Receiver(call)
    let reader = Task { await receiver.next() }
    await until { call.underWay.count == 1 }
    reader.cancel()
    guard case .cancelled = await reader.value else {
      Issue.record("a reader that waits must end when its task is cancelled")
      return
    }
    call.end(message: [7])
    #expect(bytes(await receiver.next()) == [7])
  }

  @Test("A message goes to one reader, the end to all of them", arguments: [true, false])
  func end(_ ok: Bool) async {
    let call = ScriptedCall()
    let receiver = Receiver(call)
    let first = Task { await receiver.next() }
    await until { call.underWay.count == 1 }
    let others = (0..<3).map { _ in Task { await receiver.next() } }
    call.end(message: [1])
    #expect(bytes(await first.value) == [1])
    call.end(ok)
    for reader in others {
      guard case .end(ok: ok) = await reader.value else {
        Issue.record("every reader must see the end")
        return
      }
    }
    #expect(call.underWay.isEmpty)
  }

  @Test("After the end of the call nothing is received")
  func detached() async {
    let receiver = Receiver(ScriptedCall())
    receiver.end()
    guard case .end(ok: false) = await receiver.next() else {
      Issue.record("a call that has ended brings no message")
      return
    }
  }
}
