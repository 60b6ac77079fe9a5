import CLinux

/// What a process leaves running when it ends.
public enum Orphans {
  /// Makes this process the parent of what its children leave, in place of the system's first process.
  public static func adopt() { _ = clinux_adopt_orphans() }
}
