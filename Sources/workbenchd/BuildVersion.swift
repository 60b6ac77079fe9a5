/// The version of this build.
enum BuildVersion {
  static let text = "0.1.0"
}
