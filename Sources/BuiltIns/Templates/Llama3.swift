extension BuiltInTemplates {
  /// Llama 3 Instruct: each message has a header.
  ///
  /// Source: https://www.llama.com/docs/model-cards-and-prompt-formats/meta-llama-3/
  static let llama3 = BuiltInTemplate(
    name: "llama-3",
    summary: "Llama 3 Instruct",
    stopStrings: ["<|eot_id|>", "<|end_of_text|>"],
    body: #"""
      {{- bos_token or '<|begin_of_text|>' }}
      {%- for message in messages %}
          {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + (message.content or '') | trim + '<|eot_id|>' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
      {%- endif %}
      """#)
}
