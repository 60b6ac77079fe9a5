import Logging
import Runtime
import Units

/// A worker that is started on demand and replaced after it dies.
///
/// Every method that waits looks at `state` again afterwards: it may have been closed, have died or been replaced.
actor SupervisedWorker<Prepared: Sendable> {
  /// The state of the current worker.
  enum State {
    case idle
    case starting(Task<Running, any Error>)
    case running(Running)
    /// What it holds cannot be had any more, for example because the model's file has changed.
    case failed(WorkbenchError)
    case closed
  }

  /// A worker with what its preparation returned.
  struct Running: Sendable {
    let worker: any Worker
    let prepared: Prepared
  }

  /// Makes a fresh worker ready; `before` is what the preparation before returned, nil for the first.
  typealias Preparation =
    @Sendable (_ worker: any Worker, _ before: Prepared?) async throws -> Prepared

  private(set) var state: State = .idle {
    didSet { changes.raise() }
  }
  /// What the newest preparation returned, also while no worker runs; nil before the first.
  private(set) var prepared: Prepared?
  /// Fresh workers that were started after one had died.
  private(set) var restarts = 0
  private(set) var lastFailure = ""
  private var hasDied = false
  private var startsNoMore = false
  private var backoff = Backoff()
  private var prepare: Preparation
  /// The model that it holds; nil for the worker without one.
  private let model: String?
  private let pool: WorkerPool
  private let changes: StateChanges
  private let log: Logger

  init(
    model: String?, pool: WorkerPool, log: Logger, changes: StateChanges = StateChanges(),
    prepare: @escaping Preparation
  ) {
    self.model = model
    self.pool = pool
    self.log = log
    self.changes = changes
    self.prepare = prepare
  }

  /// The worker, started and prepared if none runs.
  ///
  /// - Throws: `WorkbenchError`; `.unavailable` with a time to wait when it died too often.
  func running() async throws -> Running {
    while true {
      await noteDeath()
      switch state {
      case .running(let running) where running.worker.isAlive: return running
      case .running: continue
      case .starting(let task): return try await value(of: task)
      case .failed(let error): throw error
      case .closed: throw closedError
      case .idle:
        guard !startsNoMore else { throw WorkbenchError.shuttingDown }
        let wait = try rest()
        if wait == .zero { return try await value(of: start()) }
        try await Task.sleep(for: wait)
      }
    }
  }

  /// Changes what the running worker holds and, once it has accepted, what every later one will.
  ///
  /// A caller that is cancelled does not interrupt it: the worker would carry on, and nobody would know. Changes must
  /// not overlap; the caller sees to that.
  func change(
    _ apply: @escaping @Sendable (any Worker) async throws -> Prepared, then prepare: @escaping Preparation
  ) async throws -> Prepared {
    while true {
      let running = try await running()
      let prepared = try await Task { try await apply(running.worker) }.value
      switch state {
      case .closed: throw closedError
      case .failed(let error): throw error
      case .running(let now) where now.worker === running.worker:
        state = .running(Running(worker: now.worker, prepared: prepared))
      case .idle: break
      // A fresh worker took its place in the meantime, and knows nothing of the change.
      case .starting, .running: continue
      }
      self.prepare = prepare
      self.prepared = prepared
      return prepared
    }
  }

  /// Starts no worker from now on, and gives up a start under way; one that runs goes on.
  func stopStarting() async {
    startsNoMore = true
    if case .starting = state { await close() }
  }

  /// Ends the worker for good; returns when its process is gone.
  func close() async {
    let before = state
    state = .closed
    switch before {
    case .running(let running): await running.worker.end()
    case .starting(let task):
      task.cancel()
      // The start sees that it was closed, and ends its worker.
      _ = await task.result
    case .idle, .failed, .closed: break
    }
  }

  /// Notes the end of a worker that has died, if its watcher has not done so yet.
  ///
  /// Otherwise a fresh worker could take the place of one whose death nothing counts.
  func noteDeath() async {
    guard case .running(let running) = state, !running.worker.isAlive else { return }
    ended(running.worker, await running.worker.waitForExit())
  }

  // MARK: -

  private var closedError: WorkbenchError {
    model.map { WorkbenchError(.notFound, "'\($0)' was unloaded") } ?? .shuttingDown
  }

  private func value(of task: Task<Running, any Error>) async throws -> Running {
    do {
      return try await task.value
    } catch let death as WorkerDied {
      throw death.workbenchError
    }
  }

  /// How long a start has to wait.
  ///
  /// - Throws: `.unavailable` when that is longer than a request should.
  private func rest() throws -> Duration {
    let wait = backoff.wait(at: .now)
    guard wait <= HostLimits.backoffPatience else {
      throw WorkbenchError(
        .unavailable,
        "\(WorkerDied.title(model)) died \(counted(backoff.deaths, "time")) (last: it \(lastFailure)); try again later",
        retryAfter: wait)
    }
    return wait
  }

  private func start() -> Task<Running, any Error> {
    backoff.started(at: .now)
    let task = Task { try await begin() }
    state = .starting(task)
    return task
  }

  /// A start from its beginning to its end, whose outcome is the state before anybody who waits for it goes on.
  private func begin() async throws -> Running {
    do {
      let running = try await fresh()
      guard case .starting = state else {
        await running.worker.end()
        throw closedError
      }
      prepared = running.prepared
      if hasDied { restarts += 1 }
      hasDied = false
      state = .running(running)
      Task { [weak self] in
        let exit = await running.worker.waitForExit()
        await self?.ended(running.worker, exit)
      }
      return running
    } catch {
      guard case .starting = state else { throw error }
      if let death = error as? WorkerDied { note(death.how) }
      if prepared != nil, let error = error as? WorkbenchError, error.kind == .dataLoss {
        fail(error)
      } else {
        state = .idle
      }
      throw error
    }
  }

  private func fresh() async throws -> Running {
    while true {
      do {
        return try await prepared(try await pool.take())
      } catch let death as WorkerDied where death.isWorthAnotherTry {
        continue
      }
    }
  }

  /// A worker after its preparation.
  private func prepared(_ worker: any Worker) async throws -> Running {
    do {
      let prepared = try await withTaskCancellationHandler { [prepare, prepared] in
        try await prepare(worker, prepared)
      } onCancel: {
        worker.terminate()
      }
      return Running(worker: worker, prepared: prepared)
    } catch {
      // A refusal is an answer; a death counts towards the back-off of the next start.
      if Task.isCancelled {
        await worker.end()
        throw error
      }
      let wasAlive = worker.isAlive
      guard wasAlive, (error as? WorkbenchError)?.kind != .unavailable else {
        worker.terminate()
        let exit = await worker.waitForExit()
        let couldNotOpen = pool.plugins.blame(worker.suspects, for: exit)
        // Where it ran until it was ended here, the signal is not the reason.
        let how = wasAlive && exit == .endedHere ? "could not be used (\(error))" : exit.description
        throw WorkerDied(model: model, how: how, isWorthAnotherTry: couldNotOpen)
      }
      await pool.giveBack(worker)
      throw error
    }
  }

  private func ended(_ worker: any Worker, _ exit: WorkerExit) {
    guard case .running(let running) = state, running.worker === worker else { return }
    hasDied = true
    pool.plugins.blame(worker.suspects, for: exit)
    note(exit.description)
    log.warning(
      "worker ended",
      metadata: [
        "model": "\(model ?? "none")", "pid": .stringConvertible(worker.processID), "how": "\(exit)",
      ])
    if exit == .changedFile {
      fail(.changedFile(model))
    } else {
      state = .idle
    }
  }

  private func note(_ how: String) {
    lastFailure = how
    backoff.died(at: .now)
  }

  private func fail(_ error: WorkbenchError) {
    lastFailure = error.message
    state = .failed(error)
    log.error("model down", metadata: ["model": "\(model ?? "none")", "why": "\(error.message)"])
  }
}

/// A worker that died while it was being prepared.
struct WorkerDied: Error {
  let model: String?
  /// In words that follow the worker's name.
  let how: String
  /// Whether the cause has been removed, so that a new worker may succeed.
  let isWorthAnotherTry: Bool

  /// The error of the request that waited for it.
  var workbenchError: WorkbenchError {
    WorkbenchError(
      .unavailable, "\(Self.title(model)) \(how) while it was \(model == nil ? "starting" : "loading")")
  }

  /// The worker as errors name it.
  static func title(_ model: String?) -> String {
    model.map { "the worker of '\($0)'" } ?? "the worker for requests without a model"
  }
}

extension WorkbenchError {
  /// The answer to new work from the beginning of the shutdown.
  static let shuttingDown = WorkbenchError(
    .unavailable, "the daemon is shutting down and takes no new requests")

  fileprivate static func changedFile(_ model: String?) -> WorkbenchError {
    WorkbenchError(
      .dataLoss,
      "the file of '\(model ?? "")' has changed since it was loaded; load it again to use what it holds now")
  }
}
