"""Records what transformers renders of messages of every shape in messages.jsonl: run with transformers installed.

A conversation is kept as the JSON text that a client would send. A case without "out" is one that transformers refuses.
"""

import json
import pathlib

from transformers.utils.chat_template_utils import _compile_jinja_template

TEMPLATES = {
    "printed": "{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}",
    "asked": "{% for m in messages %}[{{ 'content' in m }} {{ m.content is defined }} {{ m.content is none }} "
    "{{ m['content'] is string }} {{ m.get('content', 'none') is none }} {{ m.name is defined }}]{% endfor %}",
    "keys": "{% for m in messages %}{{ m.keys()|list }}{% endfor %}",
    "listed": "{% for m in messages %}<{{ m.role }}>{% for p in m.content %}{{ p.text }};{% endfor %}{% endfor %}",
    "either": "{% for m in messages %}{% if m.content is string %}S{{ m.content }}{% else %}{% for p in m.content %}"
    "{% if p.type == 'text' %}T{{ p['text'] }}{% else %}<{{ p.type }}>{% endif %}{% endfor %}{% endif %}{% endfor %}",
    "selected": "{% for m in messages %}{{ m.content|selectattr('type', 'equalto', 'text')|map(attribute='text')"
    "|join(' ') }}{% endfor %}",
    "indexed": "{{ messages[0].content[0].text }}|{{ messages[0]['content'][-1]['text'] }}|{{ messages[0].content|length }}",
    "iterable": "{% for m in messages %}{% if m.content is iterable and m.content is not string %}L"
    "{{ m.content|length }}{% else %}N{% endif %}{% endfor %}",
    "json": "{{ messages|tojson }}",
    "calls": "{% for m in messages %}{% for t in m.tool_calls or [] %}CALL {{ t.function.name }} "
    "{{ t.function.arguments }}{% endfor %}{% endfor %}",
    "calls joined": "{% for m in messages %}{% for t in m.tool_calls or [] %}{{ 'CALL ' + t.function.name + ' ' + "
    "t.function.arguments + '\\n' }}{% endfor %}{% endfor %}",
    "calls json": "{% for m in messages %}{% for t in m.tool_calls or [] %}{{ t.function.arguments|tojson }}{% endfor %}"
    "{% endfor %}",
    "calls asked": "{% for m in messages %}{% for t in m.tool_calls or [] %}{{ t.function.arguments is string }} "
    "{{ t.function.arguments is mapping }}{% endfor %}{% endfor %}",
    "extras": "{% for m in messages %}{{ m.thinking }}{{ m['depth'] }}{{ m.nested|tojson }}{% endfor %}",
    "numbers": "{% for m in messages %}{{ m.numbers }} {{ m.numbers|tojson }}{% for n in m.numbers or [] %} {{ n }} "
    "{{ n + 0 if n is float else n > 7 }}{% endfor %}{% endfor %}",
}

CONVERSATIONS = {
    "text": '[{"role": "user", "content": "hi"}]',
    "empty": '[{"role": "user", "content": ""}]',
    "parts": '[{"role": "user", "content": [{"type": "text", "text": "first"}, {"type": "text", "text": "second"}]}]',
    "no parts": '[{"role": "user", "content": []}]',
    "image": '[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "what?"}]}]',
    "string parts": '[{"role": "user", "content": ["a", "b"]}]',
    "further keys": '[{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "y"}}]}]',
    "absent": '[{"role": "user", "content": "hi"}, {"role": "assistant", "tool_calls": [{"id": "t1", "type": "function",'
    ' "function": {"name": "tides", "arguments": {"port": "Busan", "days": 2}}}]}]',
    "null": '[{"role": "user", "content": "hi"}, {"role": "assistant", "content": null, "name": null}]',
    "text arguments": '[{"role": "assistant", "content": "", "tool_calls": [{"id": "t1", "type": "function", "function":'
    ' {"name": "tides", "arguments": "{\\"port\\":\\"Busan\\",  \\"days\\":2.50}"}}]}]',
    "other arguments": '[{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments":'
    ' "[1,2]"}}, {"function": {"name": "g", "arguments": "not JSON"}}, {"function": {"name": "h"}}]}]',
    "extras": '[{"role": "user", "content": "x", "thinking": "hm", "depth": 3, "nested": {"b": [1, null], "a": "\\u00e9"}}]',
    "numbers": '[{"role": "user", "content": "x", "numbers": [9223372036854776000, -9223372036854775809, 1e3, 1.50, -0, 7,'
    ' 18446744073709551616, 1E-7, 123456789012345678901234567890]}]',
}

here = pathlib.Path(__file__).parent
lines = []
for name, source in TEMPLATES.items():
    template = _compile_jinja_template(source)
    for label, messages in CONVERSATIONS.items():
        case = {"template": name, "conversation": label, "source": source, "messages": messages}
        try:
            case["out"] = template.render(messages=json.loads(messages), tools=None, documents=None)
        except Exception as error:
            case["error"] = type(error).__name__
        lines.append(json.dumps(case, ensure_ascii=False))
(here / "messages.jsonl").write_text("\n".join(lines) + "\n")
