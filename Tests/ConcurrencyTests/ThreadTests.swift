import Glibc
import Testing

@testable import Concurrency

@Suite(.timeLimit(.minutes(60)))
struct ThreadTests {
  @Test("A joined thread has run its body to the end")
  func join() throws {
    let done = Record<Int>()
    let thread = try OwnThread { done.add(1) }
    thread.join()
    #expect(done.all == [1])
  }

  @Test("The result of a body that runs on a thread of its own comes back, and so does its error")
  func run() async throws {
    #expect(try await OwnThread.run { 42 } == 42)
    struct Mine: Error, Equatable { let number: Int }
    await #expect(throws: Mine(number: 3)) { try await OwnThread.run { throw Mine(number: 3) } }
  }

  @Test("Cancelling the task that waits does not cut the body short")
  func cancelledRun() async throws {
    let bell = Doorbell()
    let task = Task {
      try await OwnThread.run {
        bell.wait()
        return 1
      }
    }
    task.cancel()
    bell.ring()
    #expect(try await task.value == 1)
  }

  @Test(
    "The system knows the thread by the first 15 bytes of its name",
    arguments: ["short", "a name of 20 letters"])
  func name(_ name: String) async throws {
    let seen = try await OwnThread.run(name: name) { () -> String in
      var buffer = [CChar](repeating: 0, count: 64)
      let file = open("/proc/thread-self/comm", O_RDONLY)
      defer { close(file) }
      let count = read(file, &buffer, buffer.count)
      return String(decoding: buffer.prefix(max(0, count - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    #expect(seen == String(name.prefix(15)))
  }

  @Test("A thread takes no signals, and its maker's mask is as before")
  func signalMask() async throws {
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &before)
    let wasBlocked = sigismember(&before, SIGTERM)
    let isBlocked = try await OwnThread.run {
      var mask = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      return sigismember(&mask, SIGTERM)
    }
    #expect(isBlocked == 1)
    let thread = try OwnThread {}
    thread.join()
    var after = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &after)
    #expect(sigismember(&after, SIGTERM) == wasBlocked)
  }

  @Test("A thread that the system refuses is an error with the system's reason, and its body is let go")
  func refused() {
    final class Witness: Sendable {}
    weak var witness: Witness?
    do {
      let held = Witness()
      witness = held
      // No address space is large enough for this stack.
      let error = #expect(throws: ThreadError.self) {
        try OwnThread(name: nil, stackBytes: 1 << 62) { _ = held }
      }
      #expect(error?.code == EAGAIN || error?.code == ENOMEM)
      #expect(error?.description.hasPrefix("no thread could be started: ") == true)
    }
    #expect(witness == nil)
  }

  @Test("A body is let go when its thread has ended")
  func released() async throws {
    final class Witness: Sendable {}
    weak var witness: Witness?
    do {
      let held = Witness()
      witness = held
      let thread = try OwnThread { withExtendedLifetime(held) {} }
      thread.join()
    }
    #expect(witness == nil)
  }
}

@Suite(.timeLimit(.minutes(60)))
struct DoorbellTests {
  @Test("A ring before the wait is kept, and several are one")
  func kept() async throws {
    let bell = Doorbell()
    let passed = Record<Int>()
    bell.ring()
    bell.ring()
    let thread = try OwnThread {
      bell.wait()
      passed.add(1)
      bell.wait()
      passed.add(2)
    }
    await until { passed.all == [1] }
    for _ in 0..<100 { await Task.yield() }
    #expect(passed.all == [1], "two rings while no thread waits wake it once")
    bell.ring()
    thread.join()
    #expect(passed.all == [1, 2])
  }

  @Test("No ring is lost when it comes just as the thread goes to sleep")
  func pingPong() throws {
    let (there, back) = (Doorbell(), Doorbell())
    let rounds = 5000
    let thread = try OwnThread {
      for _ in 0..<rounds {
        there.wait()
        back.ring()
      }
    }
    for _ in 0..<rounds {
      there.ring()
      back.wait()
    }
    thread.join()
  }
}
