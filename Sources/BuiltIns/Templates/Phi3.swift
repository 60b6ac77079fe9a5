extension BuiltInTemplates {
  /// Phi-3 and Phi-3.5: a role token, the content, `<|end|>`.
  ///
  /// Source: https://huggingface.co/microsoft/Phi-3.5-mini-instruct
  static let phi3 = BuiltInTemplate(
    name: "phi-3",
    summary: "Phi-3 and Phi-3.5",
    stopStrings: ["<|end|>", "<|endoftext|>"],
    body: #"""
      {%- for message in messages %}
          {%- if message.role not in ['system', 'user', 'assistant'] %}
              {{- raise_exception("the template 'phi-3' knows the roles system, user and assistant, not '" + message.role + "'") }}
          {%- endif %}
          {{- '<|' + message.role + '|>\n' + message.content + '<|end|>\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|assistant|>\n' }}
      {%- else %}
          {{- eos_token or '' }}
      {%- endif %}
      """#)
}
