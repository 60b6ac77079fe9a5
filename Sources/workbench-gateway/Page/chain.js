// The sampler chain as stages that can be moved, changed, switched off and removed.
import { $, el, fill } from "./dom.js";
import { session } from "./session.js";

/** Larger bounds than this are as good as none. */
const noBound = 1e30;
/** The position of the stage that is being dragged. */
let dragged = null;

export function start() {
  $("chain-source").addEventListener("change", () => {
    session.sampling.source = $("chain-source").value;
    session.changed("settings");
  });
  $("add-stage").addEventListener("change", () => {
    const name = $("add-stage").value;
    $("add-stage").value = "";
    change((chain) => chain.push(stageOf(name, {})));
    focusOn(name, "summary");
  });
  session.on("samplers", draw);
  session.on("settings", draw);
}

/** A stage with each of its parameters, from values by name or else the defaults. */
function stageOf(name, values) {
  const value = (parameter) => Number(values[parameter.name] ?? parameter.default_value ?? 0);
  const parameters = describe(name).parameters.map((parameter) => [parameter.name, value(parameter)]);
  return { name, on: true, parameters: Object.fromEntries(parameters) };
}

/** What is known of a stage; of its parameters, those that are numbers. */
function describe(name) {
  const sampler = session.samplers.find((one) => one.name === name) ?? { name };
  const parameters = (sampler.parameters ?? []).filter(({ type }) => type === "int" || type === "float");
  return { ...sampler, parameters };
}

/** The chain that is shown: the own one, or what the chosen source comes to. */
function shownChain() {
  const { source, chain } = session.sampling;
  if (source === "chain") return chain;
  const name = source ? source.slice("preset:".length) : session.loaded?.preset;
  const preset = session.presets.find((one) => one.name === name);
  const order = preset?.order?.length ? preset.order : session.defaultChain;
  return order.map((stage) => stageOf(stage, preset?.values ?? {}));
}

/** Changes the chain; one of a preset or of the model becomes the own one. */
function change(action) {
  const chain = shownChain();
  action(chain);
  Object.assign(session.sampling, { source: "chain", chain });
  session.changed("settings");
}

function draw() {
  const chain = shownChain();
  const open = new Set([...$("chain").querySelectorAll("details[open]")].map((node) => node.dataset.stage));
  fill($("chain-source"), session.samplingChoices, session.sampling.source);
  $("chain").replaceChildren(...chain.map((stage, index) => card(stage, index, chain.length, open.has(stage.name))));
  const others = session.samplers.map(({ name }) => name).filter((name) => !chain.some((stage) => stage.name === name));
  fill($("add-stage"), [["", "Add a stage…"], ...others.map((name) => [name, name])], "");
}

function card(stage, index, length, isOpen) {
  const { summary = "", parameters, origin } = describe(stage.name);
  const move = (by) => () => {
    change((chain) => chain.splice(index + by, 0, ...chain.splice(index, 1)));
    focusOn(stage.name, by < 0 ? ".up" : ".down");
  };
  const button = (name, label, text, onclick, disabled = false) => el(`button.quiet.${name}`,
    { type: "button", ariaLabel: `${label} ${stage.name}`, title: label, onclick, disabled }, text);
  const values = parameters.slice(0, 3).map(({ name }) => `${name} ${short(stage.parameters[name])}`).join("  ");
  const head = el("summary", {
    onkeydown: (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !by) return;
      event.preventDefault();
      if (index + by >= 0 && index + by < length) move(by)();
      focusOn(stage.name, "summary");
    },
  }, el("span.stage-name", {}, stage.name), el("span.stage-values", {}, values));
  const turn = ({ target }) => {
    change((chain) => (chain[index].on = target.checked));
    focusOn(stage.name, "input[type=checkbox]");
  };
  const toggle = el("input", { type: "checkbox", checked: stage.on, ariaLabel: `Use ${stage.name}`, onchange: turn });
  const from = (origin ?? "built-in") === "built-in" ? "" : ` From the plugin ${origin}.`;
  const body = el("div.stage-body", {}, el("p.hint", {}, summary + from),
    parameters.map((parameter) => parameterRow(stage, index, parameter)));
  const tools = el("div.stage-tools", {}, button("up", "Move up", "↑", move(-1), index === 0),
    button("down", "Move down", "↓", move(1), index === length - 1),
    button("remove", "Remove", "✕", () => {
      change((chain) => chain.splice(index, 1));
      $("add-stage").focus();
    }));
  const item = el(`li.stage${stage.on ? "" : ".off"}`, { draggable: true, data: { stage: stage.name } }, toggle,
    el("details", { open: isOpen, data: { stage: stage.name } }, head, body), tools);
  item.addEventListener("dragstart", () => (dragged = index));
  item.addEventListener("dragend", () => (dragged = null));
  item.addEventListener("dragover", (event) => dragged !== null && event.preventDefault());
  item.addEventListener("drop", (event) => {
    event.preventDefault();
    const from = dragged;
    change((chain) => chain.splice(index, 0, ...chain.splice(from, 1)));
  });
  return item;
}

function parameterRow(stage, index, parameter) {
  const { name, type, summary = "" } = parameter;
  const [least, most] = [Number(parameter.minimum ?? 0), Number(parameter.maximum ?? 0)];
  const bounds = { min: least > -noBound ? least : "", max: most < noBound ? most : "" };
  const value = stage.parameters[name];
  const set = (event) => {
    if (event.target.value === "" || !event.target.validity.valid) return event.target.reportValidity();
    const { value: given, type } = event.target;
    change((chain) => (chain[index].parameters[name] = Number(given)));
    focusOn(stage.name, `[data-parameter="${CSS.escape(name)}"][type=${type}]`);
  };
  const label = `${stage.name}: ${name}`;
  const common = { ...bounds, data: { parameter: name }, onchange: set };
  const step = type === "int" ? 1 : "any";
  const number = el("input", { type: "number", ...common, step, value: short(value), "aria-label": label });
  const isShare = type !== "int" && most - least <= 1;
  const slider = isShare ? el("input", {
    type: "range", ...common, step: 0.01, value, "aria-label": `${label}, slider`,
    oninput: (event) => (number.value = event.target.value),
  }) : null;
  const range = `${bound(least)} to ${bound(most)}`;
  return el("div.parameter", {}, el("span.parameter-name", {}, name), number, slider ?? el("span.range", {}, range),
    el("p.hint", {}, summary));
}

const bound = (value) => (Math.abs(value) >= noBound ? "no limit" : short(value));
const short = (value) => String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));

/** The chain is drawn again after each change; the keyboard stays where it was. */
function focusOn(stage, selector) {
  const node = $("chain").querySelector(`li[data-stage="${CSS.escape(stage)}"]`)?.querySelector(selector);
  if (node?.disabled) node.parentElement.querySelector("button:not(:disabled)")?.focus();
  else node?.focus();
}
