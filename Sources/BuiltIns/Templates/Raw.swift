extension BuiltInTemplates {
  /// No format: the contents of the messages, one after the other.
  ///
  /// Source: none, this is what a base model is prompted with
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
