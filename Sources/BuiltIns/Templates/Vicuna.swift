extension BuiltInTemplates {
  /// Vicuna 1.1 and later: one paragraph, turns separated by a space.
  ///
  /// Source: https://github.com/lm-sys/FastChat/blob/main/docs/vicuna_weights_version.md
  static let vicuna = BuiltInTemplate(
    name: "vicuna",
    summary: "Vicuna v1.1, v1.3 and v1.5",
    stopStrings: ["</s>", "USER:"],
    body: #"""
      {%- set default = "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions." %}
      {%- set has_system = messages and messages[0].role == 'system' %}
      {{- (messages[0].content if has_system else default) + ' ' }}
      {%- set turns = messages[1:] if has_system else messages %}
      {%- for message in turns %}
          {%- if message.role == 'user' %}
              {{- 'USER: ' + message.content + ' ' }}
          {%- elif message.role == 'assistant' %}
              {{- 'ASSISTANT: ' + message.content + (eos_token or '</s>') }}
          {%- else %}
              {{- raise_exception("the template 'vicuna' knows the roles system (first), user and assistant, not '" + message.role + "'") }}
          {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- 'ASSISTANT:' }}
      {%- endif %}
      """#)
}
