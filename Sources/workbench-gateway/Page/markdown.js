// Markdown of a model as elements: paragraphs, headings, lists, quotations, code and emphasis, and nothing else. Nodes
// are built from texts; markup in the text stays text, and an address is shown but leads nowhere.
import { el } from "./dom.js";

/** Deeper quotations and lists are shown as text. */
const depthLimit = 6;

/** The elements of a text. */
export function markdown(text) { return el("div.formatted", {}, blocks(text.split("\n"), 0)); }

function blocks(lines, depth) {
  const made = [];
  for (let at = 0; at < lines.length; ) {
    const taken = depth < depthLimit && (code(lines, at) ?? quotation(lines, at, depth) ?? items(lines, at, depth));
    const [node, next] = taken || heading(lines, at) || paragraph(lines, at);
    if (node) made.push(node);
    at = next;
  }
  return made;
}

function code(lines, at) {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(lines[at])?.[1];
  if (!fence) return null;
  let end = at + 1;
  while (end < lines.length && !lines[end].trimStart().startsWith(fence)) end += 1;
  const text = lines.slice(at + 1, end).join("\n");
  return [el("pre", { tabIndex: 0, "aria-label": "Code" }, el("code", {}, text)), end + 1];
}

function quotation(lines, at, depth) {
  let end = at;
  while (end < lines.length && /^ {0,3}>/.test(lines[end])) end += 1;
  if (end === at) return null;
  const inner = lines.slice(at, end).map((line) => line.replace(/^ {0,3}> ?/, ""));
  return [el("blockquote", {}, blocks(inner, depth + 1)), end];
}

const bullet = /^( {0,3})([-*+]|\d{1,9}[.)]) +/;

function items(lines, at, depth) {
  const first = bullet.exec(lines[at]);
  if (!first) return null;
  const isOrdered = /\d/.test(first[2]);
  const made = [];
  let end = at;
  while (end < lines.length && bullet.test(lines[end]) && /\d/.test(bullet.exec(lines[end])[2]) === isOrdered) {
    const width = bullet.exec(lines[end])[0].length;
    const inner = [lines[end].slice(width)];
    for (end += 1; end < lines.length && /^ {2,}\S/.test(lines[end]); end += 1) {
      inner.push(lines[end].slice(Math.min(width, lines[end].search(/\S/))));
    }
    made.push(el("li", {}, blocks(inner, depth + 1)));
  }
  return [isOrdered ? el("ol", { start: Number.parseInt(first[2], 10) }, made) : el("ul", {}, made), end];
}

function heading(lines, at) {
  const match = /^ {0,3}(#{1,6}) +(.*)$/.exec(lines[at]);
  if (!match) return null;
  // The page's own headings come first in the outline, so those of an answer begin below them.
  return [el(`h${Math.min(6, match[1].length + 2)}`, {}, spans(match[2])), at + 1];
}

function paragraph(lines, at) {
  if (!lines[at].trim()) return [null, at + 1];
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !/^ {0,3}(`{3,}|~{3,}|>|#{1,6} )/.test(lines[end]) &&
    !bullet.test(lines[end])) end += 1;
  return [el("p", {}, spans(lines.slice(at, end).join("\n"))), end];
}

/** Code, strong, emphasised; none of them within another, so that no text can nest deeply. */
const inline = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|__([^_\n]+)__|\*([^*\s][^*\n]*)\*|(?<![\w_])_([^_\s][^_\n]*)_(?!\w)/g;

function spans(text) {
  const made = [];
  let at = 0;
  for (const match of text.matchAll(inline)) {
    const [whole, literal, strong, strong2, emphasised, emphasised2] = match;
    made.push(text.slice(at, match.index));
    const tag = literal !== undefined ? "code" : (strong ?? strong2) !== undefined ? "strong" : "em";
    made.push(el(tag, {}, literal ?? strong ?? strong2 ?? emphasised ?? emphasised2));
    at = match.index + whole.length;
  }
  made.push(text.slice(at));
  return made;
}
