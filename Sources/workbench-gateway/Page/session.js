// What the parts of the page share: the conversation, and the model, template and sampling that answer it.
import { call, list } from "./api.js";

const storage = "workbench.conversation";

class Session extends EventTarget {
  models = [];
  model = "";
  templates = [];
  modelTemplate = "";
  /** The template of requests; "" for the model's own. */
  template = "";
  samplers = [];
  presets = [];
  defaultChain = [];
  /** Where sampling comes from: "" the model, "preset:NAME", or "chain" for the chain below. */
  sampling = { source: "", temperature: "", seed: "", chain: [] };
  maxTokens = 256;
  /** Alternatives of each token. */
  alternatives = 5;
  system = "";
  /** `{ role, content, answer }`; only what a model said here has an answer. */
  messages = [];
  /** What stands in the composer. */
  draft = "";

  on(name, listener) { this.addEventListener(name, listener); }

  changed(name) {
    if (name === "conversation") this.#keep();
    this.dispatchEvent(new Event(name));
  }

  /** The model that answers, as the daemon describes it. */
  get loaded() { return this.models.find((model) => model.name === this.model); }

  /** The conversation as requests have it, up to a message. */
  conversation(end = this.messages.length) {
    const system = this.system.trim() ? [{ role: "system", content: this.system }] : [];
    return [...system, ...this.messages.slice(0, end).map(({ role, content }) => ({ role, content }))];
  }

  /** A conversation of one question. */
  ask(question) { return [...this.conversation(0), { role: "user", content: question }]; }

  /** The request for an answer. */
  request(messages, options, model = this.model, template = this.template) {
    return { model, messages, options, ...(template ? { template } : {}) };
  }

  /** The options of a generation. */
  options({ source, temperature, seed, chain } = this.sampling, more = {}) {
    const options = { max_tokens: this.maxTokens, top_logprobs: this.alternatives, sampling: {}, ...more };
    if (String(seed) !== "") options.sampling.seed = String(seed);
    if (source === "chain") {
      options.sampling.chain = chain.filter(({ on }) => on).map(({ name, parameters }) => ({ name, parameters }));
    } else {
      if (source) options.preset = source.slice("preset:".length);
      if (String(temperature) !== "") options.sampling.temperature = Number(temperature);
    }
    return options;
  }

  async refreshModels(found = null) {
    const models = found ?? (await call("Models/List")).models ?? [];
    const names = (all) => all.map(({ name, state, template, preset }) => `${[name, state, template, preset]}`).join();
    const isSame = names(models) === names(this.models);
    this.models = models;
    const known = models.some((model) => model.name === this.model);
    if (!known) this.model = models[0]?.name ?? "";
    if (!isSame || !known) {
      this.changed("models");
      await this.refreshTemplates();
    }
  }

  async refreshTemplates() {
    const found = await list("Templates/List", this.model ? { model: this.model } : {}, "templates");
    this.templates = found.templates;
    this.modelTemplate = found.model_template ?? "";
    if (!this.templates.some(({ name }) => name === this.template)) this.template = "";
    this.changed("templates");
  }

  async refreshSamplers() {
    const found = await list("Samplers/List", {}, "samplers", "presets");
    Object.assign(this, { samplers: found.samplers, presets: found.presets, defaultChain: found.default_chain ?? [] });
    this.changed("samplers");
  }

  /** The choices of a template, the model's own first. */
  get templateChoices() {
    const own = this.modelTemplate && ` (${this.modelTemplate})`;
    return [["", `the model's${own}`], ...this.templates.map(({ name }) => [name, name])];
  }

  /** The choices of where sampling comes from. */
  get samplingChoices() {
    const presets = this.presets.map(({ name }) => [`preset:${name}`, `preset ${name}`]);
    return [["", "the model's"], ...presets, ["chain", "own chain"]];
  }

  /** A reload of the page must not lose what was said. */
  #keep() {
    const messages = this.messages.map(({ role, content }) => ({ role, content }));
    // If the storage is full, the conversation lasts as long as the page.
    try { sessionStorage.setItem(storage, JSON.stringify({ system: this.system, messages })); } catch {}
  }

  restore() {
    const kept = JSON.parse(sessionStorage.getItem(storage) ?? "null");
    if (kept) Object.assign(this, kept);
  }
}

export const session = new Session();
