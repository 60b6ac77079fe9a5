extension BuiltInTemplates {
  /// ChatML: any role, each message between `<|im_start|>` and `<|im_end|>`.
  ///
  /// Source: https://github.com/openai/openai-python/blob/release-v0.28.1/chatml.md
  static let chatML = BuiltInTemplate(
    name: "chatml",
    summary: "ChatML, as OpenAI published it and many models use it",
    stopStrings: ["<|im_end|>"],
    body: #"""
      {%- for message in messages %}
          {{- '<|im_start|>' + message.role + '\n' + (message.content or '') + '<|im_end|>\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|im_start|>assistant\n' }}
      {%- endif %}
      """#)
}
