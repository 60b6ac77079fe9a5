extension BuiltInTemplates {
  /// Llama 2 Chat: the system message goes into the first turn.
  ///
  /// Source: https://github.com/meta-llama/llama/blob/main/llama/generation.py
  static let llama2 = BuiltInTemplate(
    name: "llama-2",
    summary: "Llama 2 Chat",
    stopStrings: ["</s>"],
    body: #"""
      {%- set has_system = messages and messages[0].role == 'system' %}
      {%- set turns = messages[1:] if has_system else messages %}
      {%- for message in turns %}
          {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
              {{- raise_exception("after the optional system message, the roles must alternate user/assistant/user/assistant/...") }}
          {%- elif message.role == 'user' %}
              {{- (bos_token or '') + '[INST] ' + ('<<SYS>>\n' + messages[0].content + '\n<</SYS>>\n\n' if has_system and loop.first else '') + message.content | trim + ' [/INST]' }}
          {%- elif message.role == 'assistant' %}
              {{- ' ' + message.content | trim + ' ' + (eos_token or '</s>') }}
          {%- else %}
              {{- raise_exception("the template 'llama-2' knows the roles system (first), user and assistant, not '" + message.role + "'") }}
          {%- endif %}
      {%- endfor %}
      """#)
}
