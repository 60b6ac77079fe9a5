// The prompt: a template's source beside what it makes of the conversation.
import { call } from "./api.js";
import { difference, differenceView } from "./difference.js";
import { $, el, fill, settled } from "./dom.js";
import { editor } from "./editor.js";
import { failed, failureView, notice } from "./notice.js";
import { family, renderingView, tokensOf } from "./rendering.js";
import { session } from "./session.js";
import { counted, plain } from "./text.js";

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
  $("roll-back").addEventListener("click", () => put(opened.template.name, { version: $("source-version").value }));
  $("save-template").addEventListener("submit", (event) => {
    event.preventDefault();
    put($("template-name").value.trim(), { source: editor.value });
  });
  $("use-template").addEventListener("click", () => {
    session.template = opened.template.name;
    session.changed("settings");
    notice(`The chat now uses ${opened.template.name}.`);
  });
  for (const id of ["with-tokens", "with-start", "prompt-view"]) $(id).addEventListener("change", refresh);
  session.on("templates", show);
  const follow = settled(300, () => !$("prompt").hidden && refresh());
  for (const name of ["conversation", "draft", "settings"]) session.on(name, follow);
}

/** The tab was opened. */
export const entered = () => (opened ? refresh() : show());

function show() {
  const names = session.templates.map(({ name }) => name);
  const chosen = opened?.template.name ?? (session.template || session.modelTemplate);
  fill($("source-template"), names.map((name) => [name, name]), chosen);
  if (!opened && names.length && !$("prompt").hidden) open($("source-template").value);
}

async function open(name, version = "") {
  const found = await read(version ? `${name}@${version}` : name).catch(failed);
  if (!found) return;
  opened = found;
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

function refresh() {
  if (!opened) return;
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const source = editor.value;
  call("Templates/Check", { source, model: session.model || undefined }, signal)
    .then((found) => (editor.findings = found.findings ?? []), failed);
  const show = $("prompt-view").value ? showChanges : showRendering;
  show(source, signal).catch(renderingFailed);
}

const read = (name, signal) => call("Templates/Get", { name, model: session.model || undefined }, signal);

async function showChanges(source, signal) {
  const version = $("prompt-view").value;
  const older = await read(`${opened.template.name}@${version}`, signal);
  const rows = difference(older.source ?? "", source);
  const changed = rows.filter(([sign]) => sign !== " ").length;
  draw(differenceView(rows), changed ? counted(changed, "changed line") : `the same as version ${version}`);
}

async function showRendering(source, signal) {
  const given = messages();
  const body = { source, messages: given, add_generation_prompt: $("with-start").checked };
  if (session.model) body.model = session.model;
  const rendered = await call("Templates/Render", body, signal);
  const wanted = $("with-tokens").checked && rendered.token_ids?.length;
  const tokens = wanted ? await tokensOf(rendered, session.model, signal) : null;
  const size = new Blob([rendered.text ?? ""]).size;
  const note = wanted && !tokens ? " · the tokenizer changes the text, so token boundaries cannot be shown" : "";
  const summary = `${counted(rendered.token_ids?.length ?? 0, "token")}, ${counted(size, "byte")}${note}`;
  const view = renderingView(rendered, tokens, given, say);
  view.addEventListener("pointerleave", () => say(summary));
  draw(view, summary, new Set((rendered.spans ?? []).map(({ origin }) => family(origin, given))));
}

function renderingFailed(error) {
  if (error.name !== "AbortError") draw(failureView(error), "");
}

/** Shows what came of the source, a line about it, and which colours mean what. */
function draw(view, summary, origins = []) {
  $("rendering").replaceChildren(view);
  $("legend").replaceChildren(...[...origins].map((name) => el(`span.from-${name}`, {}, families[name])));
  say(summary);
}

const say = (text) => ($("rendering-status").textContent = plain(text));

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
