import Logging
import Runtime

/// A worker that is started on demand and replaced after it dies.
actor SupervisedWorker<Prepared: Sendable> {
  /// The state of the current worker.
  enum State {
    case idle
    case starting(Task<Running, any Error>)
    case running(Running)
    case closed
  }

  /// A worker with what its preparation returned.
  struct Running: Sendable {
    let worker: any Worker
    let prepared: Prepared
  }

  private(set) var state: State = .idle
  /// Fresh workers that were started after one had died.
  private(set) var restarts = 0
  private var hasDied = false
  private(set) var lastFailure = ""
  private var backoff = Backoff()
  /// The model that it holds; nil for the worker without one.
  private let model: String?
  private let pool: WorkerPool
  private let log: Logger

  init(model: String?, pool: WorkerPool, log: Logger) {
    self.model = model
    self.pool = pool
    self.log = log
  }

  /// The worker, started and prepared with `prepare` if none runs.
  ///
  /// - Throws: `WorkbenchError`; `.unavailable` with a time to wait when it died too often.
  func running(_ prepare: @escaping @Sendable (any Worker) async throws -> Prepared) async throws -> Running {
    await noteDeath()
    switch state {
    case .running(let running) where running.worker.isAlive: return running
    case .starting(let task): return try await value(of: task)
    case .closed:
      throw model.map { WorkbenchError(.notFound, "'\($0)' was unloaded") }
        ?? WorkbenchError(.unavailable, "the daemon is shutting down and takes no new requests")
    case .running, .idle: break
    }
    try await waitOutBackoff()
    // Another request may have started it while this one waited.
    if case .starting(let task) = state { return try await value(of: task) }
    if case .running(let running) = state, running.worker.isAlive { return running }
    return try await value(of: start(prepare))
  }

  /// Ends the worker for good; returns when its process is gone.
  func close() async {
    let before = state
    state = .closed
    switch before {
    case .running(let running):
      running.worker.terminate()
      _ = await running.worker.waitForExit()
    case .starting(let task):
      task.cancel()
      if case .success(let running) = await task.result {
        running.worker.terminate()
        _ = await running.worker.waitForExit()
      }
    case .idle, .closed: break
    }
  }

  private func value(of task: Task<Running, any Error>) async throws -> Running {
    do {
      return try await task.value
    } catch let death as WorkerDied {
      throw death.workbenchError
    }
  }

  private func waitOutBackoff() async throws {
    let wait = backoff.wait(at: .now)
    guard wait > .zero else { return }
    guard wait <= HostLimits.backoffPatience else {
      throw WorkbenchError(
        .unavailable,
        "\(WorkerDied.title(model)) died \(backoff.deaths) times (last: it \(lastFailure)); try again later",
        retryAfter: wait)
    }
    try await Task.sleep(for: wait)
  }

  private func start(
    _ prepare: @escaping @Sendable (any Worker) async throws -> Prepared
  ) -> Task<Running, any Error> {
    backoff.started(at: .now)
    let task = Task { [pool, model] in
      while true {
        do {
          return try await Self.prepared(try await pool.take(), prepare, model, pool)
        } catch let death as WorkerDied where death.isWorthAnotherTry {
          continue
        }
      }
    }
    state = .starting(task)
    Task { await settle(task) }
    return task
  }

  /// A worker after its preparation.
  private static func prepared(
    _ worker: any Worker, _ prepare: @Sendable (any Worker) async throws -> Prepared, _ model: String?,
    _ pool: WorkerPool
  ) async throws -> Running {
    do {
      let prepared = try await withTaskCancellationHandler {
        try await prepare(worker)
      } onCancel: {
        worker.terminate()
      }
      return Running(worker: worker, prepared: prepared)
    } catch {
      // A refusal is an answer; a death counts towards the back-off of the next start.
      if Task.isCancelled {
        worker.terminate()
        _ = await worker.waitForExit()
        throw error
      }
      guard worker.isAlive, (error as? WorkbenchError)?.kind != .unavailable else {
        worker.terminate()
        let exit = await worker.waitForExit()
        let couldNotOpen = pool.plugins.blame(worker.suspects, for: exit)
        throw WorkerDied(model: model, exit: exit, isWorthAnotherTry: couldNotOpen)
      }
      await pool.giveBack(worker)
      throw error
    }
  }

  private func settle(_ task: Task<Running, any Error>) async {
    let result = await task.result
    guard case .starting(let current) = state, current == task else {
      // It was closed in the meantime.
      if case .success(let running) = result { running.worker.terminate() }
      return
    }
    switch result {
    case .success(let running):
      state = .running(running)
      if hasDied { restarts += 1 }
      hasDied = false
      Task { [weak self] in
        let exit = await running.worker.waitForExit()
        await self?.ended(running.worker, exit)
      }
    case .failure(let error):
      state = .idle
      if let death = error as? WorkerDied { note(death.exit) }
    }
  }

  /// Notes the end of a worker that has died, if its watcher has not done so yet.
  ///
  /// Otherwise a fresh worker could take the place of one whose death nothing counts.
  func noteDeath() async {
    guard case .running(let running) = state, !running.worker.isAlive else { return }
    ended(running.worker, await running.worker.waitForExit())
  }

  private func ended(_ worker: any Worker, _ exit: WorkerExit) {
    guard case .running(let running) = state, running.worker === worker else { return }
    state = .idle
    hasDied = true
    pool.plugins.blame(worker.suspects, for: exit)
    note(exit)
    log.warning(
      "worker ended",
      metadata: [
        "model": "\(model ?? "none")", "pid": .stringConvertible(worker.processID), "how": "\(exit)",
      ])
  }

  private func note(_ exit: WorkerExit) {
    lastFailure = exit.description
    backoff.died(at: .now)
  }
}

/// A worker that died while it was being prepared.
struct WorkerDied: Error {
  let model: String?
  let exit: WorkerExit
  /// Whether the cause has been removed, so that a new worker may succeed.
  let isWorthAnotherTry: Bool

  /// The error of the request that waited for it.
  var workbenchError: WorkbenchError {
    WorkbenchError(
      .unavailable, "\(Self.title(model)) \(exit) while it was \(model == nil ? "starting" : "loading")")
  }

  /// The worker as errors name it.
  static func title(_ model: String?) -> String {
    model.map { "the worker of '\($0)'" } ?? "the worker for requests without a model"
  }
}
