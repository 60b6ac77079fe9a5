import Concurrency
public import Runtime

/// What a worker reported, and when.
public struct StatusReading: Sendable {
  /// What it reported.
  public var status: WorkerStatus
  /// When that was; long ago if the worker has not answered since.
  public var takenAt: ContinuousClock.Instant
  /// Whether it is the answer to the question that it is given for, and not an older one.
  public var isCurrent: Bool
}

extension ModelHost {
  /// Every model in the order of loading, with what its worker reports; nil while there is none.
  ///
  /// Workers are asked together, and one that does not answer soon is represented by its last report.
  public func reports() async -> [(record: ModelRecord, reading: StatusReading?)] {
    await reports(of: all)
  }

  /// One model with what its worker reports.
  public func report(_ name: String) async throws -> (record: ModelRecord, reading: StatusReading?) {
    let model = try entry(name)
    if let report = await reports(of: [model]).first { return report }
    throw WorkbenchError(.notFound, "'\(name)' was unloaded", field: "model")
  }

  private func reports(of models: [HostedModel]) async -> [(record: ModelRecord, reading: StatusReading?)] {
    var workers: [String: any Worker] = [:]
    for model in models {
      if case .running(let running) = await model.worker.state { workers[model.name] = running.worker }
    }
    await ask(Array(workers.values))
    var reports: [(record: ModelRecord, reading: StatusReading?)] = []
    for model in models where isCurrent(model) {
      let reading = workers[model.name].flatMap { readings[ObjectIdentifier($0)] }
      reports.append((await record(of: model), reading))
    }
    return reports
  }

  /// Asks workers for their status, all together; those that do not answer in time keep the reading before.
  func ask(_ workers: [any Worker]) async {
    let asked = ContinuousClock.now
    for worker in workers { readings[ObjectIdentifier(worker)]?.isCurrent = false }
    await withTaskGroup(of: (ObjectIdentifier, WorkerStatus?).self) { group in
      for worker in workers {
        group.addTask { [patience] in
          (ObjectIdentifier(worker), await Self.status(of: worker, within: patience.status))
        }
      }
      for await case (let worker, let status?) in group {
        // Of two questions at the same time the later one counts.
        guard readings[worker].map({ $0.takenAt <= asked }) ?? true else { continue }
        readings[worker] = StatusReading(status: status, takenAt: asked, isCurrent: true)
      }
    }
    await forgetReadings()
  }

  /// The worker's answer; nil when it does not come in time, or never will.
  private static func status(of worker: any Worker, within patience: Duration) async -> WorkerStatus? {
    let answer = OneShot<WorkerStatus?>()
    let call = Task { answer.resolve(try? await worker.status()) }
    defer { call.cancel() }
    return await answer.wait(atMost: patience) ?? nil
  }

  /// Forgets the readings of workers that have been replaced.
  private func forgetReadings() async {
    let workers = Set(await runningWorkers().map { ObjectIdentifier($0.worker) })
    for worker in readings.keys where !workers.contains(worker) { readings[worker] = nil }
  }

  /// The running workers with the names of their models; nil for the worker without a model.
  func runningWorkers() async -> [(model: String?, worker: any Worker)] {
    var workers: [(model: String?, worker: any Worker)] = []
    for model in all {
      await model.worker.noteDeath()
      if case .running(let running) = await model.worker.state {
        workers.append((model.name, running.worker))
      }
    }
    for worker in [utility, tokenizers] {
      await worker.noteDeath()
      if case .running(let running) = await worker.state { workers.append((nil, running.worker)) }
    }
    return workers
  }
}
