// A rendered prompt: where each part of its text comes from, and the tokens that the model is given.
import { call } from "./api.js";
import { el, walk } from "./dom.js";
import { base64Of, bytesOf, textOf } from "./text.js";

/**
 * The tokens of a rendering with the bytes of the text that each covers: `{ id, begin, end, special }`. Null if they do
 * not add up to the text, as with a tokenizer that normalises it.
 */
export async function tokensOf(rendered, model, signal) {
  const text = new TextEncoder().encode(rendered.text ?? "");
  const ids = rendered.token_ids ?? [];
  const known = new Map();
  for (const parse_special of [true, false]) {
    const body = { model, text: base64Of(rendered.text ?? ""), parse_special };
    const found = await call("Tokenizers/Tokenize", body, signal);
    for (const { id = 0, begin = 0, end = 0, special = false } of found.tokens ?? []) {
      known.set(id, { bytes: text.slice(begin, end), special });
    }
  }
  for (const id of new Set(ids.filter((one) => !known.has(one)))) {
    const { bytes } = await call("Tokenizers/Detokenize", { model, ids: [id] }, signal);
    known.set(id, { bytes: bytesOf(bytes) });
  }
  return align(text, ids, known);
}

function align(text, ids, known) {
  const tokens = [];
  let at = 0;
  for (const id of ids) {
    const { bytes, special } = known.get(id);
    const stands = (piece) => piece.every((byte, offset) => text[at + offset] === byte);
    // SentencePiece puts a space before the first word, and BOS may be added: neither is in the text.
    const piece = [bytes, at === 0 && bytes[0] === 0x20 ? bytes.slice(1) : bytes].find(stands);
    if (!piece && at > 0) return null;
    tokens.push({ id, begin: at, end: at + (piece?.length ?? 0), special: Boolean(special) });
    at += piece?.length ?? 0;
  }
  return at === text.length ? tokens : null;
}

/** The family of an origin: what is written by the template, by whom, or by other variables. */
export function family(origin, messages) {
  const index = /^messages\[(\d+)\]/.exec(origin)?.[1];
  if (origin === "template") return "template";
  if (index === undefined) return /_token$/.test(origin) ? "marker" : /role/.test(origin) ? "role" : "other";
  const role = messages[Number(index)]?.role;
  return ["system", "user", "assistant"].includes(role) ? role : "other";
}

/**
 * The rendering as an element. Without tokens only origins are shown. One stop of the Tab key, then the arrow keys;
 * `describe(text)` hears what the reader looks at.
 */
export function renderingView(rendered, tokens, messages, describe) {
  const bytes = new TextEncoder().encode(rendered.text ?? "");
  const spans = (rendered.spans ?? []).map(({ begin = 0, end = 0, ...rest }) => ({ begin, end, ...rest }));
  const groups = tokens ? characters(bytes, tokens) : spans.map(({ begin, end }) => ({ begin, end, ids: [] }));
  const view = el("div.rendered", { role: "listbox", ariaLabel: "The rendered prompt", ariaOrientation: "horizontal" });
  groups.forEach((group, index) => {
    const node = el("span.piece", { role: "option", tabIndex: index ? -1 : 0, ariaSelected: "false" });
    if (group.special) node.classList.add("special");
    const origins = [];
    const isWithin = ({ begin = 0, end = 0 }) => begin < group.end && end > group.begin;
    for (const span of spans.filter(isWithin)) {
      origins.push(span.origin);
      const spelled = (span.special_spellings ?? []).some(isWithin);
      const text = textOf(bytes.slice(Math.max(span.begin, group.begin), Math.min(span.end, group.end)));
      node.append(el(`span.from-${family(span.origin, messages)}${spelled ? ".spelling" : ""}`, {}, shown(text)));
    }
    if (group.begin === group.end) node.append(el("span.from-marker", {}, "added"));
    const about = [
      group.ids.length ? `token ${index + 1} of ${groups.length}: id ${group.ids.join(", ")}` : null,
      group.special ? "special" : null, `from ${[...new Set(origins)].join(" and ") || "the tokenizer"}`,
      `bytes ${group.begin} to ${group.end}`,
    ].filter(Boolean).join(" · ");
    node.ariaLabel = `${textOf(bytes.slice(group.begin, group.end)) || "added"}: ${about}`;
    node.addEventListener("pointerenter", () => describe(about));
    node.addEventListener("focus", () => describe(about));
    view.append(node);
  });
  view.addEventListener("keydown", (event) => walk(event, [...view.children]));
  view.addEventListener("click", (event) => event.target.closest(".piece")?.focus());
  return view;
}

/** Line ends, which matter here, as a sign and a line end. */
const shown = (text) => text.replaceAll("\t", "\u21e5\t").split("\n").flatMap((line, index) =>
  index ? [el("span.sign", {}, "\u21b5"), `\n${line}`] : [line]);

/** Tokens that share a character as one group. */
function characters(bytes, tokens) {
  const groups = [];
  for (const { id, begin, end, special } of tokens) {
    const last = groups.at(-1);
    const isInside = last && begin > last.begin && (bytes[begin] & 0xc0) === 0x80;
    if (isInside) Object.assign(last, { end, ids: [...last.ids, id] });
    else groups.push({ begin, end, special, ids: [id] });
  }
  return groups;
}
