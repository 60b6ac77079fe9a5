/// A profile that ships with Workbench: a file of the folder `plugins`, which the binary contains too.
public struct BuiltInProfile: Sendable {
  /// The name that a request uses, such as `synthia-7b-v1.3`.
  public let name: String
  /// The content of its `NAME.profile.yaml`.
  public let yaml: String

  fileprivate init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    yaml = String(decoding: bytes, as: UTF8.self)
  }
}

/// The profiles that ship with Workbench.
public enum BuiltInProfiles {
  /// Sorted by name.
  public static let all = [
    BuiltInProfile("synatra-7b-v0.3-rp", PackageResources.synatra_7b_v0_3_rp_profile_yaml),
    BuiltInProfile("synthia-7b-v1.3", PackageResources.synthia_7b_v1_3_profile_yaml),
  ]
}
