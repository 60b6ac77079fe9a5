extension BuiltInTemplates {
  /// No format: the contents of the messages, one after the other.
  ///
  /// Source: none; base models are prompted like this.
  static let raw = BuiltInTemplate(
    name: "raw",
    summary: "No format: the contents one after the other",
    stopStrings: [],
    body: #"""
      {%- for message in messages %}
          {{- message.content or '' }}
      {%- endfor %}
      """#)
}
