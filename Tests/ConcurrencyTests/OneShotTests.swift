import Concurrency
import Testing

@Suite(.timeLimit(.minutes(60)))
struct OneShotTests {
  @Test("The first value stays; later ones are refused")
  func firstValueWins() async {
    let shot = OneShot<Int>()
    #expect(shot.value == nil)
    #expect(shot.resolve(1))
    #expect(!shot.resolve(2))
    #expect(shot.value == 1)
    #expect(await shot.wait() == 1)
    #expect(await shot.waitToEnd() == 1)
    #expect(await shot.wait(atMost: .zero) == 1)
  }

  @Test("Of many tasks that set the value at once one succeeds, and every waiting task gets its value")
  func race() async {
    for _ in 0..<200 {
      let shot = OneShot<Int>()
      await withTaskGroup(of: (Bool, Int?).self) { group in
        for number in 0..<4 {
          group.addTask { (shot.resolve(number), nil) }
          group.addTask { (false, await shot.wait()) }
          group.addTask { (false, await shot.waitToEnd()) }
        }
        var winners = 0
        for await (won, seen) in group {
          if won { winners += 1 }
          if let seen { #expect(seen == shot.value) }
        }
        #expect(winners == 1)
      }
    }
  }

  @Test("A wait whose task is cancelled ends with nothing, before or after the wait began")
  func cancellation() async {
    let shot = OneShot<Int>()
    let waiting = Task { await shot.wait() }
    waiting.cancel()
    #expect(await waiting.value == nil)

    let cancelledFirst = Task {
      while !Task.isCancelled { await Task.yield() }
      return await shot.wait()
    }
    cancelledFirst.cancel()
    #expect(await cancelledFirst.value == nil)
  }

  @Test("Cancellation and the value arrive at once: the wait ends either way, exactly once")
  func cancellationRace() async {
    for _ in 0..<500 {
      let shot = OneShot<Int>()
      let waiting = Task { await shot.wait() }
      let cancelling = Task { waiting.cancel() }
      shot.resolve(7)
      let seen = await waiting.value
      #expect(seen == nil || seen == 7)
      await cancelling.value
    }
  }

  @Test("A cancelled wait does not disturb the others")
  func othersGoOn() async {
    let shot = OneShot<Int>()
    let steady = (0..<5).map { _ in Task { await shot.wait() } }
    let leaving = (0..<5).map { _ in Task { await shot.wait() } }
    for task in leaving { task.cancel() }
    for task in leaving { #expect(await task.value == nil) }
    shot.resolve(3)
    for task in steady { #expect(await task.value == 3) }
  }

  @Test("A wait to the end outlasts the cancellation of its task")
  func patience() async {
    let shot = OneShot<Int>()
    let waiting = Task { await shot.waitToEnd() }
    waiting.cancel()
    let later = Task { shot.resolve(5) }
    #expect(await waiting.value == 5)
    _ = await later.value
  }

  @Test("A wait for a limited time ends without a value when none comes")
  func limitedTime() async {
    let never = OneShot<Int>()
    #expect(await never.wait(atMost: .milliseconds(1)) == nil)
    let soon = OneShot<Int>()
    let waiting = Task { await soon.wait(atMost: .seconds(3600)) }
    waiting.cancel()
    soon.resolve(2)
    #expect(await waiting.value == 2, "cancelling the task does not shorten the time")
  }
}

@Suite(.timeLimit(.minutes(60)))
struct SignalTests {
  @Test("A signal is raised once and for all")
  func raising() async {
    let signal = Signal()
    #expect(!signal.isRaised)
    let waiting = (0..<10).map { _ in
      Task {
        await signal.wait()
        return signal.isRaised
      }
    }
    signal.raise()
    signal.raise()
    #expect(signal.isRaised)
    for task in waiting { #expect(await task.value) }
    await signal.wait()
    await signal.waitToEnd()
  }

  @Test("A cancelled task stops waiting, and the signal is not raised by that")
  func cancelled() async {
    let signal = Signal()
    let waiting = Task { await signal.wait() }
    waiting.cancel()
    await waiting.value
    #expect(!signal.isRaised)
    let patient = Task {
      await signal.waitToEnd()
      return signal.isRaised
    }
    patient.cancel()
    signal.raise()
    #expect(await patient.value)
  }
}
