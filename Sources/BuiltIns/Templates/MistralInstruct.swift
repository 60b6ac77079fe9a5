extension BuiltInTemplates {
  /// Mistral 7B Instruct, version 1 of the format; the system message goes into the first turn.
  ///
  /// Source: https://github.com/mistralai/cookbook/blob/main/concept-deep-dive/tokenization/chat_templates.md (version 1)
  static let mistralInstruct = BuiltInTemplate(
    name: "mistral-instruct",
    summary: "Mistral 7B Instruct v0.1 and v0.2",
    stopStrings: ["</s>"],
    body: #"""
      {%- set has_system = messages and messages[0].role == 'system' %}
      {{- bos_token or '' }}
      {%- set turns = messages[1:] if has_system else messages %}
      {%- for message in turns %}
          {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
              {{- raise_exception("after the optional system message, the roles must alternate user/assistant/user/assistant/...") }}
          {%- elif message.role == 'user' %}
              {{- ' [INST] ' + (messages[0].content + '\n\n' if has_system and loop.first else '') + message.content + ' [/INST]' }}
          {%- elif message.role == 'assistant' %}
              {{- ' ' + message.content | trim + (eos_token or '</s>') }}
          {%- else %}
              {{- raise_exception("the template 'mistral-instruct' knows the roles system (first), user and assistant, not '" + message.role + "'") }}
          {%- endif %}
      {%- endfor %}
      """#)
}
