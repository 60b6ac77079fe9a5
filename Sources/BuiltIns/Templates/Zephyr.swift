extension BuiltInTemplates {
  /// Zephyr: a role line, the content, the end-of-sequence token.
  ///
  /// Source: https://huggingface.co/HuggingFaceH4/zephyr-7b-beta
  static let zephyr = BuiltInTemplate(
    name: "zephyr",
    summary: "Zephyr 7B",
    stopStrings: ["</s>", "<|user|>"],
    body: #"""
      {%- for message in messages %}
          {%- if message.role not in ['system', 'user', 'assistant'] %}
              {{- raise_exception("the template 'zephyr' knows the roles system, user and assistant, not '" + message.role + "'") }}
          {%- endif %}
          {{- '<|' + message.role + '|>\n' + message.content + (eos_token or '</s>') + '\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|assistant|>\n' }}
      {%- endif %}
      """#)
}
