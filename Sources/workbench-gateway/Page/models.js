// Models and plugins: what is loaded and what that costs, loading and unloading, and what plugins offer.
import { call, list, stream } from "./api.js";
import { $, copyOf, el, factList, table } from "./dom.js";
import { failed, failureView, notice } from "./notice.js";
import { Plot } from "./plot.js";
import { Run } from "./run.js";
import { session } from "./session.js";
import { count, counted, seconds, size, word } from "./text.js";

/** The plots of each model, and its figures of the last time. */
const histories = new Map();
let run = null;
let timer = 0;

export function start() {
  run = new Run($("load-form"), $("load-form"), () => run.during(load));
  document.addEventListener("visibilitychange", refresh);
  refresh();
}

/** The tab was opened. */
export function entered() {
  refresh();
  showPlugins().catch((error) => $("plugin-list").replaceChildren(failureView(error)));
}

/** Keeps the figures fresh while the page is seen, so that a plot also shows what the other parts cause. */
async function refresh() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    const status = await call("Daemon/Status");
    $("daemon-facts").replaceChildren(factList(facts(status)));
    show(status.models ?? []);
    $("models-failure").replaceChildren();
    await session.refreshModels(status.models ?? []);
  } catch (error) {
    const view = failureView(error);
    // One that goes on is announced once.
    if (view.textContent !== $("models-failure").textContent) $("models-failure").replaceChildren(view);
    if (error.isDenied) return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, 1000);
}

const facts = (status) => [
  `workbenchd ${status.version}`, `up ${count(Math.floor(seconds(status.uptime) / 60))} min`,
  `${size(status.resident_bytes)} resident`, `kernels ${status.instruction_set}`,
  counted(status.live_calls ?? 0, "call"), status.state?.path ? `state ${status.state.path}` : "no state file",
];

function show(models) {
  for (const name of histories.keys()) if (!models.some((model) => model.name === name)) histories.delete(name);
  const cards = models.map((model) => {
    const history = histories.get(model.name) ?? new History(model);
    histories.set(model.name, history);
    history.update(model);
    return history.element;
  });
  // The cards stay the same elements, so that the keyboard stays where it is.
  const shown = [...$("model-list").children];
  if (cards.length && cards.length === shown.length && cards.every((card, index) => card === shown[index])) return;
  $("model-list").replaceChildren(...(cards.length ? cards : [el("p.empty", {}, "No model is loaded.")]));
}

/** The card of one model. */
class History {
  #speed = new Plot("Tokens a second over the last minute");
  #cache = new Plot("Cache in use over the last minute", 1);
  #last = null;
  element = copyOf("model-card");

  constructor({ name }) {
    this.element.ariaLabel = name;
    this.#put("h3", name);
    const unload = this.element.querySelector("button");
    unload.ariaLabel = `Unload ${name}`;
    unload.addEventListener("click", () => this.#unload(name));
    const [speed, cache] = this.element.querySelectorAll(".plots > div");
    speed.append(this.#speed.element);
    cache.append(this.#cache.element);
  }

  #put(selector, ...content) { this.element.querySelector(selector).replaceChildren(...content); }

  update(model) {
    const engine = model.engine ?? {};
    const now = performance.now();
    const tokens = Number(engine.generated_tokens ?? 0);
    const speed = this.#last ? Math.max(0, tokens - this.#last.tokens) / ((now - this.#last.now) / 1000) : 0;
    this.#last = { now, tokens };
    const [used, capacity] = [Number(engine.cache_used ?? 0), Number(engine.cache_capacity ?? 0)];
    this.#speed.add(speed);
    this.#cache.add(capacity ? used / capacity : 0);
    this.#put(".speed", speed.toFixed(1));
    this.#put(".used", `${count(used)} of ${count(capacity)}`);
    const state = word(model.state, "MODEL_STATE_");
    this.#put(".state-place", el("span.state", { data: { state } }, state));
    this.#put("dl", ...details(model, engine).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
    const notes = [model.last_failure, ...(model.set_aside ?? [])].filter(Boolean);
    this.#put(".notes", ...notes.map((note) => el("p.note", {}, note)));
  }

  async #unload(name) {
    if (!confirm(`Unload ${name}? Its running answers end.`)) return;
    await call("Models/Unload", { name }).then(() => notice(`${name} is unloaded.`), failed);
    refresh();
  }
}

const details = (model, engine) => [
  ["weights", `${model.quantization}, ${size(model.weight_bytes)}`],
  ["file", size(model.file_bytes)],
  ["cache", `${size(model.cache_bytes)} when full, ${model.cache_type}`],
  ["context", count(model.context_length)],
  ["queue", `${engine.active_sequences ?? 0} active, ${engine.waiting_sequences ?? 0} waiting`],
  ["generated", counted(engine.generated_tokens ?? 0, "token")],
  ["prompts", `${count(engine.prefilled_tokens)} tokens computed, ${count(engine.reused_tokens)} reused`],
  ["template", model.template || "none"],
  ["sampling", model.preset || model.profile || "defaults"],
  ["tokenizer", model.tokenizer],
  ["threads", count(model.threads)],
];

async function load(signal) {
  // The fields of the form have the names of those of the request; an empty one is left out.
  const body = Object.fromEntries([...new FormData($("load-form"))].filter(([, value]) => value.trim()));
  $("load-progress").hidden = false;
  $("load-bar").value = 0;
  $("load-stage").textContent = "starting";
  $("load-failure").replaceChildren();
  try {
    for await (const { progress, model } of stream("Models/Load", body, signal)) {
      if (progress) {
        $("load-bar").value = progress.fraction ?? 0;
        const { stage = "", bytes_done: done, bytes_total: total } = progress;
        $("load-stage").textContent = Number(total ?? 0) ? `${stage}, ${size(done)} of ${size(total)}` : stage;
      }
      if (model) notice(`${model.name} is loaded.`);
    }
  } catch (error) {
    if (error.name !== "AbortError") $("load-failure").replaceChildren(failureView(error));
  }
  $("load-progress").hidden = true;
  refresh();
}

async function showPlugins() {
  const { plugins } = await list("Plugins/List", {}, "plugins");
  const names = ["Offers", "Plugin", "Cost a call", "Calls", "Faults", "State"];
  $("plugin-list").replaceChildren(plugins.length ? table("list", names, plugins.flatMap(pluginRows))
    : el("p.empty", {}, "There are no plugins: the daemon found no library in its plugin folders."));
}

function pluginRows(plugin) {
  const state = word(plugin.state, "PLUGIN_STATE_");
  const name = `${plugin.name || plugin.path.split("/").at(-1)} ${plugin.version ?? ""}`;
  const row = (offer, numbers, problem) => el("tr", {}, el("th", { scope: "row" }, offer), el("td", {}, name),
    numbers.map((number) => el("td.number", {}, number)),
    el(`td.${problem ? "failure-text" : "fine"}`, {}, problem || "accepted"));
  if (state !== "accepted") return [row("–", ["", "", ""], `${state}: ${plugin.reason ?? ""}`)];
  return (plugin.offers ?? []).map((offer) => {
    const models = (offer.disabled_in ?? []).join(", ");
    const problem = models && `disabled for ${models}: ${offer.last_fault}`;
    return row(`${offer.kind} ${offer.name}`, [cost(offer), count(offer.calls), count(offer.faults)], problem);
  });
}

function cost(offer) {
  const nanoseconds = Number((Number(offer.calls ?? 0) ? offer.mean_nanoseconds : offer.call_nanoseconds) ?? 0);
  return nanoseconds ? `${(nanoseconds / 1000).toFixed(nanoseconds < 10_000 ? 1 : 0)} µs` : "–";
}
