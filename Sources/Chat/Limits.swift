/// The bounds of what a caller or a template file may give.
public enum Limits {
  /// The most stop strings of one request or template.
  public static let stopStrings = 64
  /// The longest stop string, in UTF-8 bytes.
  public static let stopStringBytes = 1024
  /// The most lines of the front matter of a template file.
  public static let frontMatterLines = 200
  /// The longest description of a template file, in UTF-8 bytes.
  public static let descriptionBytes = 1024
  /// The longest template name, in UTF-8 bytes.
  public static let nameBytes = 128
}
