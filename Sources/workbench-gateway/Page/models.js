// Models and plugins: what is loaded and what that costs, loading and unloading, and what plugins offer.

import { call, list, stream } from "./api.js";
import { $, el, factList, table } from "./dom.js";
import { failed, failureView, notice } from "./notice.js";
import { Plot } from "./plot.js";
import { Run } from "./run.js";
import { session } from "./session.js";
import { count, counted, seconds, size } from "./text.js";

const interval = 1000;
/** The plots of each model, and its figures of the last time. */
const histories = new Map();
/** The load of a model. */
let run = null;
let timer = 0;

const states = { MODEL_STATE_LOADING: "loading", MODEL_STATE_READY: "ready", MODEL_STATE_DOWN: "down" };
const pluginStates = {
  PLUGIN_STATE_ACCEPTED: "accepted", PLUGIN_STATE_REFUSED: "refused", PLUGIN_STATE_QUARANTINED: "quarantined",
};

export function start() {
  run = new Run($("load-form"), $("load-form"), () => run.during(load));
  document.addEventListener("visibilitychange", () => !$("models").hidden && entered());
}

/** The tab was opened: its figures are kept fresh while it is seen. */
export function entered() {
  clearTimeout(timer);
  refresh();
  showPlugins();
}

async function refresh() {
  if ($("models").hidden || document.hidden) return;
  try {
    const status = await call("Daemon/Status");
    $("daemon-facts").replaceChildren(factList(facts(status)));
    show(status.models ?? []);
    $("models-failure").replaceChildren();
    await session.refreshModels();
  } catch (error) {
    $("models-failure").replaceChildren(failureView(error));
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, interval);
}

const facts = (status) => [
  `workbenchd ${status.version}`, `up ${duration(seconds(status.uptime))}`, `${size(status.resident_bytes)} resident`,
  `kernels ${status.instruction_set}`, counted(status.live_calls ?? 0, "call"),
  status.state?.path ? `state ${status.state.path}` : "no state file",
];

function duration(value) {
  if (value < 60) return `${Math.floor(value)} s`;
  return value < 3600 ? `${Math.floor(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
}

function show(models) {
  for (const name of histories.keys()) if (!models.some((model) => model.name === name)) histories.delete(name);
  const cards = models.map((model) => {
    const history = histories.get(model.name) ?? new History(model);
    histories.set(model.name, history);
    history.update(model);
    return history.element;
  });
  // The cards stay the same elements, so that the keyboard stays where it is.
  if (cards.some((card, index) => $("model-list").children[index] !== card) || cards.length !== $("model-list").children.length) {
    $("model-list").replaceChildren(...(cards.length ? cards : [el("p.empty", {}, "No model is loaded.")]));
  }
}

/** The card of one model. */
class History {
  #speed = new Plot("Tokens a second over the last minute");
  #cache = new Plot("Cache in use over the last minute", 1);
  #speedText = el("span.number");
  #cacheText = el("span.number");
  #state = el("span.state");
  #facts = el("dl.facts-list");
  #notes = el("div");
  #last = null;

  constructor({ name }) {
    const unload = el("button", { type: "button", "aria-label": `Unload ${name}`, onclick: () => this.#unload(name) }, "Unload");
    this.element = el("article.card", { "aria-label": name },
      el("header", {}, el("h3", {}, name), this.#state, unload), this.#facts,
      el("div.plots", {}, el("div", {}, el("span.hint", {}, "tokens a second"), this.#speedText, this.#speed.element),
        el("div", {}, el("span.hint", {}, "cache"), this.#cacheText, this.#cache.element)), this.#notes);
  }

  update(model) {
    const engine = model.engine ?? {};
    const now = performance.now();
    const tokens = Number(engine.generated_tokens ?? 0);
    const speed = this.#last ? Math.max(0, tokens - this.#last.tokens) / ((now - this.#last.now) / 1000) : 0;
    this.#last = { now, tokens };
    const [used, capacity] = [Number(engine.cache_used ?? 0), Number(engine.cache_capacity ?? 0)];
    this.#speed.add(speed);
    this.#cache.add(capacity ? used / capacity : 0);
    this.#speedText.textContent = speed.toFixed(1);
    this.#cacheText.textContent = `${count(used)} of ${count(capacity)}`;
    const state = states[model.state] ?? "unknown";
    this.#state.textContent = state;
    this.#state.dataset.state = state;
    this.#facts.replaceChildren(...details(model, engine).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
    const notes = [model.last_failure, ...(model.set_aside ?? [])].filter(Boolean);
    this.#notes.replaceChildren(...notes.map((note) => el("p.note", {}, note)));
  }

  async #unload(name) {
    if (!confirm(`Unload ${name}? Its running answers end.`)) return;
    try {
      await call("Models/Unload", { name });
      notice(`${name} is unloaded.`);
      await refresh();
    } catch (error) {
      failed(error);
    }
  }
}

const details = (model, engine) => [
  ["weights", `${model.quantization}, ${size(model.weight_bytes)}`],
  ["file", size(model.file_bytes)],
  ["cache", `${size(model.cache_bytes)} when full, ${model.cache_type}`],
  ["context", count(model.context_length)],
  ["queue", `${engine.active_sequences ?? 0} active, ${engine.waiting_sequences ?? 0} waiting`],
  ["tokens", `${count(engine.generated_tokens)} generated, ${count(engine.prefilled_tokens)} read, ${count(engine.reused_tokens)} reused`],
  ["template", model.template || "none"],
  ["sampling", model.preset || model.profile || "defaults"],
  ["tokenizer", model.tokenizer],
  ["threads", count(model.threads)],
];

async function load(signal) {
  const body = { path: $("load-path").value.trim() };
  if ($("load-name").value.trim()) body.name = $("load-name").value.trim();
  if ($("load-context").value) body.context_length = Number($("load-context").value);
  if ($("load-quantize").value) body.quantize = $("load-quantize").value;
  $("load-progress").hidden = false;
  $("load-bar").value = 0;
  $("load-stage").textContent = "starting";
  $("load-failure").replaceChildren();
  try {
    for await (const { progress, model } of stream("Models/Load", body, signal)) {
      if (progress) {
        $("load-bar").value = progress.fraction ?? 0;
        const bytes = Number(progress.bytes_total ?? 0) ? `, ${size(progress.bytes_done)} of ${size(progress.bytes_total)}` : "";
        $("load-stage").textContent = `${progress.stage ?? ""}${bytes}`;
      }
      if (model) notice(`${model.name} is loaded.`);
    }
    await session.refreshModels();
  } catch (error) {
    if (error.name !== "AbortError") $("load-failure").replaceChildren(failureView(error));
  }
  $("load-progress").hidden = true;
  refresh();
}

async function showPlugins() {
  try {
    const { plugins } = await list("Plugins/List", {}, "plugins");
    const names = ["Offers", "Plugin", "Cost a call", "Calls", "Faults", "State"];
    $("plugin-list").replaceChildren(plugins.length ? table("list", names, plugins.flatMap(pluginRows))
      : el("p.empty", {}, "There are no plugins: the daemon found no library in its plugin folders."));
  } catch (error) {
    $("plugin-list").replaceChildren(failureView(error));
  }
}

function pluginRows(plugin) {
  const state = pluginStates[plugin.state] ?? "unknown";
  const name = `${plugin.name || plugin.path.split("/").at(-1)} ${plugin.version ?? ""}`;
  const row = (offer, calls, faults, cost, text, kind) => el("tr", {}, el("th", { scope: "row" }, offer), el("td", {}, name),
    el("td.number", {}, cost), el("td.number", {}, calls), el("td.number", {}, faults), el(`td.${kind}`, {}, text));
  if (state !== "accepted") return [row("–", "", "", "", `${state}: ${plugin.reason ?? ""}`, "failure-text")];
  return (plugin.offers ?? []).map((offer) => {
    const disabled = offer.disabled_in?.length ? `disabled for ${offer.disabled_in.join(", ")}: ${offer.last_fault}` : "accepted";
    return row(`${offer.kind} ${offer.name}`, count(offer.calls), count(offer.faults), cost(offer), disabled,
      offer.disabled_in?.length ? "failure-text" : "fine");
  });
}

function cost(offer) {
  const nanoseconds = Number(offer.calls ?? 0) > 0 ? Number(offer.mean_nanoseconds ?? 0) : Number(offer.call_nanoseconds ?? 0);
  return nanoseconds ? `${(nanoseconds / 1000).toFixed(nanoseconds < 10_000 ? 1 : 0)} µs` : "–";
}
