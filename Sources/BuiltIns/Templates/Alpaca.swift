extension BuiltInTemplates {
  /// Stanford Alpaca: instruction and response; a system message takes the preamble's place.
  ///
  /// Source: https://github.com/tatsu-lab/stanford_alpaca/blob/main/train.py
  static let alpaca = BuiltInTemplate(
    name: "alpaca",
    summary: "Stanford Alpaca: instruction and response",
    stopStrings: ["### Instruction:"],
    body: #"""
      {%- set default = 'Below is an instruction that describes a task. Write a response that appropriately completes the request.' %}
      {%- set has_system = messages and messages[0].role == 'system' %}
      {{- (messages[0].content if has_system else default) }}
      {%- set turns = messages[1:] if has_system else messages %}
      {%- for message in turns %}
          {%- if message.role == 'user' %}
              {{- '\n\n### Instruction:\n' + message.content }}
          {%- elif message.role == 'assistant' %}
              {{- '\n\n### Response:' + message.content + (eos_token or '') }}
          {%- else %}
              {{- raise_exception("the template 'alpaca' knows the roles system (first), user and assistant, not '" + message.role + "'") }}
          {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '\n\n### Response:' }}
      {%- endif %}
      """#)
}
