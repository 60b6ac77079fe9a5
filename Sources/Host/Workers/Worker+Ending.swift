import Concurrency

extension Worker {
  /// Ends the process and waits until it is gone; not for ever, since the kernel may keep a process that waits for a
  /// disk.
  func end() async {
    terminate()
    let gone = Signal()
    let exit = Task {
      _ = await waitForExit()
      gone.raise()
    }
    let patience = Task {
      try await Task.sleep(for: HostLimits.exitPatience)
      gone.raise()
    }
    await gone.waitToEnd()
    exit.cancel()
    patience.cancel()
  }
}
