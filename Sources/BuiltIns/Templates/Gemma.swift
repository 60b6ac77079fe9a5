extension BuiltInTemplates {
  /// Gemma: turns of `user` and `model`; a system message goes at the start of the first turn, as in Gemma 3.
  ///
  /// Source: https://ai.google.dev/gemma/docs/core/prompt-structure
  static let gemma = BuiltInTemplate(
    name: "gemma",
    summary: "Gemma, Gemma 2 and Gemma 3 (text)",
    stopStrings: ["<end_of_turn>"],
    body: #"""
      {%- set has_system = messages and messages[0].role == 'system' %}
      {{- bos_token or '<bos>' }}
      {%- set turns = messages[1:] if has_system else messages %}
      {%- for message in turns %}
          {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
              {{- raise_exception("after the optional system message, the roles must alternate user/assistant/user/assistant/...") }}
          {%- elif message.role not in ['user', 'assistant'] %}
              {{- raise_exception("the template 'gemma' knows the roles system (first), user and assistant, not '" + message.role + "'") }}
          {%- endif %}
          {{- '<start_of_turn>' + ('model' if message.role == 'assistant' else message.role) + '\n' }}
          {{- (messages[0].content + '\n\n' if has_system and loop.first else '') + message.content | trim + '<end_of_turn>\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<start_of_turn>model\n' }}
      {%- endif %}
      """#)
}
