extension BuiltInTemplates {
  /// SynthIA 1.3: what the code of the model card writes, spaces before the line ends included.
  ///
  /// Source: https://huggingface.co/migtissera/SynthIA-7B-v1.3
  static let synthia = BuiltInTemplate(
    name: "synthia",
    summary: "SynthIA: SYSTEM, USER and ASSISTANT, spaced as in the model card's code",
    stopStrings: ["USER:"],
    body: #"""
      {%- set default = 'Elaborate on the topic using a Tree of Thoughts and backtrack when necessary to construct a clear, cohesive Chain of Thought reasoning. Always answer without hesitation.' %}
      {%- set has_system = messages and messages[0].role == 'system' %}
      {{- 'SYSTEM: ' + (messages[0].content if has_system else default) }}
      {%- set turns = messages[1:] if has_system else messages %}
      {%- for message in turns %}
          {%- if message.role == 'user' %}
              {{- ' \nUSER: ' + message.content }}
          {%- elif message.role == 'assistant' %}
              {{- ' \nASSISTANT: ' + message.content | trim }}
          {%- else %}
              {{- raise_exception("the template 'synthia' knows the roles system (first), user and assistant, not '" + message.role + "'") }}
          {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- ' \nASSISTANT: ' }}
      {%- endif %}
      """#)
}
