// The prompt: a template's source beside what it makes of the conversation.

import { call } from "./api.js";
import { difference, differenceView } from "./difference.js";
import { $, el, fill, settled } from "./dom.js";
import { editor } from "./editor.js";
import { failed, failureView, notice } from "./notice.js";
import { family, renderingView, tokensOf } from "./rendering.js";
import { session } from "./session.js";
import { counted } from "./text.js";

/** The template in the editor, as the daemon describes it; null before one was read. */
let opened = null;
/** What aborts the requests for an older state of the source. */
let current = new AbortController();

const families = {
  template: "template", role: "role", system: "system message", user: "user message", assistant: "assistant message",
  marker: "tokens of the tokenizer", other: "other variables",
};

export function start() {
  $("source").addEventListener("input", settled(250, refresh));
  $("source-template").addEventListener("change", () => open($("source-template").value));
  $("source-version").addEventListener("change", () => open($("source-template").value, $("source-version").value));
  $("roll-back").addEventListener("click", rollBack);
  $("save-template").addEventListener("submit", save);
  $("use-template").addEventListener("click", () => {
    session.template = opened.template.name;
    session.changed("settings");
    notice(`The chat now uses ${opened.template.name}.`);
  });
  $("with-tokens").addEventListener("change", refresh);
  $("with-start").addEventListener("change", refresh);
  $("prompt-view").addEventListener("change", refresh);
  session.on("templates", show);
  const follow = settled(300, () => !$("prompt").hidden && refresh());
  for (const name of ["conversation", "draft", "settings"]) session.on(name, follow);
}

/** The tab was opened. */
export function entered() {
  if (opened) refresh();
  else show();
}

function show() {
  const names = session.templates.map(({ name }) => name);
  const chosen = opened?.template.name ?? (session.template || session.modelTemplate);
  fill($("source-template"), names.map((name) => [name, name]), chosen);
  if (!opened && names.length && !$("prompt").hidden) open($("source-template").value);
}

async function open(name, version = "") {
  try {
    opened = await read(version ? `${name}@${version}` : name);
  } catch (error) {
    return failed(error);
  }
  editor.value = opened.source ?? "";
  $("template-name").value = opened.template.name;
  const { versions = [], version: own } = opened.template;
  fill($("source-version"), [...versions].reverse().map((one) => [String(one), `version ${one}`]), String(own));
  $("roll-back").disabled = !versions.length || own === Math.max(...versions);
  const changes = versions.map((one) => [String(one), `Changes since version ${one}`]);
  fill($("prompt-view"), [["", "Rendering"], ...changes.reverse()], $("prompt-view").value);
  refresh();
}

/** What the template is given: the chat's conversation with what stands in its composer, or an example. */
function messages() {
  const draft = session.draft.trim() ? [{ role: "user", content: session.draft }] : [];
  const all = [...session.conversation(), ...draft];
  if (all.some(({ role }) => role === "user")) return all;
  return [...all, { role: "user", content: "What is the capital of Japan?" }];
}

async function refresh() {
  if (!opened) return;
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const source = editor.value;
  call("Templates/Check", { source, model: session.model || undefined }, signal)
    .then((found) => (editor.findings = found.findings ?? []), failed);
  $("prompt-view").value ? await showChanges(source, signal) : await showRendering(source, signal);
}

/** A template with its source. */
const read = (name, signal) => call("Templates/Get", { name, model: session.model || undefined }, signal);

async function showChanges(source, signal) {
  const version = $("prompt-view").value;
  try {
    const older = await read(`${opened.template.name}@${version}`, signal);
    const rows = difference(older.source ?? "", source);
    const changed = rows.filter(([sign]) => sign !== " ").length;
    $("legend").replaceChildren();
    $("rendering").replaceChildren(differenceView(rows));
    $("rendering-status").textContent = changed ? counted(changed, "changed line") : `the same as version ${version}`;
  } catch (error) {
    renderingFailed(error);
  }
}

async function showRendering(source, signal) {
  const given = messages();
  const body = { source, messages: given, add_generation_prompt: $("with-start").checked };
  if (session.model) body.model = session.model;
  try {
    const rendered = await call("Templates/Render", body, signal);
    const wanted = $("with-tokens").checked && rendered.token_ids?.length;
    const tokens = wanted ? await tokensOf(rendered, session.model, signal) : null;
    const size = new Blob([rendered.text ?? ""]).size;
    const note = wanted && !tokens ? " · the tokenizer changes the text, so token boundaries cannot be shown" : "";
    const summary = `${counted(rendered.token_ids?.length ?? 0, "token")}, ${counted(size, "byte")}${note}`;
    const view = renderingView(rendered, tokens, given, (about) => ($("rendering-status").textContent = about));
    $("rendering").replaceChildren(view);
    view.addEventListener("pointerleave", () => ($("rendering-status").textContent = summary));
    $("rendering-status").textContent = summary;
    const origins = new Set((rendered.spans ?? []).map(({ origin }) => family(origin, given)));
    $("legend").replaceChildren(...[...origins].map((name) => el(`span.from-${name}`, {}, families[name])));
  } catch (error) {
    renderingFailed(error);
  }
}

function renderingFailed(error) {
  if (error.name === "AbortError") return;
  $("legend").replaceChildren();
  $("rendering").replaceChildren(failureView(error));
  $("rendering-status").textContent = "";
}

async function put(name, content) {
  const newest = Math.max(0, ...(session.templates.find((template) => template.name === name)?.versions ?? []));
  try {
    const saved = await call("Templates/Put", { name, ...content, if_version: newest });
    const until = saved.until_restart ? " It lasts until the daemon ends, which has no state file." : "";
    notice(`${name} is now version ${saved.template.version}.${until}`);
    opened = saved;
    await session.refreshTemplates();
    await open(name);
  } catch (error) {
    failed(error);
  }
}

function save(event) {
  event.preventDefault();
  put($("template-name").value.trim(), { source: editor.value });
}

function rollBack() { put(opened.template.name, { version: Number($("source-version").value) }); }
