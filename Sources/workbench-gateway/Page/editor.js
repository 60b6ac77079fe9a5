// The editor of a template: a text field over its own coloured copy, with line numbers and with what the checker found
// at the end of the lines that it concerns.
import { $, el } from "./dom.js";
import { counted, word } from "./text.js";

/** "error", "warning" or "note". */
const kindOf = ({ severity }) => word(severity, "FINDING_SEVERITY_");
/** Jinja's comments, statements and expressions, and the literals within these. */
const parts = /\{#[\s\S]*?(?:#\}|$)|\{[%{][\s\S]*?(?:[%}]\}|$)/g;
const literals = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

class Editor {
  #field = $("source");
  #copy = $("source-copy");
  #findings = [];

  constructor() {
    this.#field.addEventListener("input", () => this.#draw());
    this.#field.addEventListener("scroll", () => this.#follow());
    // The copy breaks its lines where the field does, which a scroll bar makes narrower.
    new ResizeObserver(() => this.#follow()).observe(this.#field);
  }

  get value() { return this.#field.value; }

  set value(text) {
    this.#field.value = text;
    this.#findings = [];
    this.#draw();
  }

  /** Shows what the checker found, at its lines and as a list from which each can be visited. */
  set findings(findings) {
    this.#findings = findings;
    this.#draw();
    const summary = findings.length ? counted(findings.length, "finding") : "No problems found";
    const rows = findings.map((finding) => this.#row(finding));
    $("findings").replaceChildren(el("p.hint", {}, summary), el("ul.plain", {}, rows));
  }

  #row(finding) {
    const kind = kindOf(finding);
    const text = [el(`strong.${kind}`, {}, kind), ` ${finding.message} `, el("span.rule", {}, finding.rule)];
    if (!finding.line) return el("li.finding", {}, text);
    const members = { type: "button", onclick: () => this.#visit(finding) };
    const place = el("span.place", {}, `line ${finding.line} `);
    return el("li.finding", {}, el("button.quiet", members, place, text));
  }

  /** Puts the cursor where a finding is. */
  #visit({ line, column }) {
    const before = this.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const position = before + Math.max(0, (column ?? 1) - 1);
    this.#field.focus();
    this.#field.setSelectionRange(position, position);
    this.#field.scrollTop = Math.max(0, this.#copy.children[line - 1].offsetTop - this.#field.clientHeight / 2);
  }

  #draw() {
    const rows = coloured(this.value).map((row) => el("div.line", {}, row.length ? row : "\u200b"));
    for (const finding of this.#findings) {
      const row = rows[finding.line - 1];
      if (row && !row.dataset.kind) row.append(el("span.lens", {}, finding.message));
      if (row) row.dataset.kind ??= kindOf(finding);
    }
    this.#copy.replaceChildren(...rows);
    this.#follow();
  }

  #follow() {
    this.#copy.style.width = `${this.#field.clientWidth}px`;
    this.#copy.style.transform = `translateY(${-this.#field.scrollTop}px)`;
  }
}

/** The lines of a source, each as texts and coloured parts. */
function coloured(source) {
  const lines = [[]];
  const put = (text, kind) => text.split("\n").forEach((line, index) => {
    if (index) lines.push([]);
    if (line) lines.at(-1).push(kind ? el(`span.${kind}`, {}, line) : line);
  });
  let at = 0;
  for (const { 0: whole, index } of source.matchAll(parts)) {
    put(source.slice(at, index));
    const kind = whole.startsWith("{#") ? "comment" : whole.startsWith("{{") ? "expression" : "statement";
    let within = 0;
    if (kind !== "comment") for (const literal of whole.matchAll(literals)) {
      put(whole.slice(within, literal.index), kind);
      put(literal[0], "literal");
      within = literal.index + literal[0].length;
    }
    put(whole.slice(within), kind);
    at = index + whole.length;
  }
  put(source.slice(at));
  return lines;
}

export const editor = new Editor();
