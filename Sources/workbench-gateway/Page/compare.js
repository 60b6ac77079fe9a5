// The same question under several templates, samplers, seeds or models, in step.
import { Answer } from "./answer.js";
import { $, copyOf, factList, fill } from "./dom.js";
import { failureView } from "./notice.js";
import { Run } from "./run.js";
import { session } from "./session.js";
import { bytesOf, counted, textOf } from "./text.js";
import { TokenText } from "./tokens.js";

const columnLimit = 4;
const columns = [];
let run = null;

/** One column: what answers, and its answer. */
class Column {
  answer = null;
  view = null;
  element = copyOf("column");
  fields = this.element.elements;
  output = this.element.querySelector(".output");

  constructor(seed) {
    const { source, temperature, remove } = this.fields;
    this.fields.seed.value = seed;
    source.addEventListener("change", () => (temperature.disabled = source.value === "chain"));
    remove.addEventListener("click", () => removeColumn(this));
  }

  refresh() {
    const { model, template, source } = this.fields;
    fill(model, session.models.map(({ name }) => [name, name]), model.value || session.model);
    fill(template, session.templateChoices);
    fill(source, session.samplingChoices);
  }

  follow(question, signal, changed) {
    // The fields have the names of the settings.
    const fields = [...this.fields].map(({ name, value }) => [name, value]);
    const { model, template, ...settings } = Object.fromEntries([...fields, ["chain", session.sampling.chain]]);
    const options = session.options(settings, { max_tokens: Number($("compare-tokens").value) || 64 });
    const body = session.request(session.ask(question), options, model, template);
    this.isEnded = false;
    this.answer = new Answer();
    this.view = new TokenText(`Answer of column ${columns.indexOf(this) + 1}, token by token`);
    this.output.replaceChildren(this.view.element);
    return this.answer.follow("Generation/Chat", body, signal, changed);
  }

  /** Shows the first tokens of the answer, and how it ended once it is all there. */
  show(tokens) {
    this.view.update(this.answer.tokens.slice(0, tokens));
    if (!this.answer.isDone || this.view.tokens.length < this.answer.tokens.length || this.isEnded) return;
    this.isEnded = true;
    this.output.append(this.answer.failure ? failureView(this.answer.failure) : factList(this.answer.facts));
  }
}

export function start() {
  run = new Run($("compare-form"), $("compare"), () => run.during(compare));
  $("add-column").addEventListener("click", () => {
    addColumn();
    columns.at(-1).fields.model.focus();
  });
  for (const seed of [1, 2]) addColumn(seed);
  const refresh = () => columns.forEach((column) => column.refresh());
  for (const name of ["models", "templates", "samplers"]) session.on(name, refresh);
}

function addColumn(seed = columns.length + 1) {
  columns.push(new Column(seed));
  drawColumns();
}

function removeColumn(column) {
  columns.splice(columns.indexOf(column), 1);
  drawColumns();
  $("add-column").focus();
}

function drawColumns() {
  columns.forEach((column, index) => {
    column.refresh();
    column.element.querySelector("h3").textContent = column.element.ariaLabel = `Column ${index + 1}`;
    column.fields.remove.ariaLabel = `Remove column ${index + 1}`;
    column.fields.remove.hidden = columns.length <= 2;
  });
  $("columns").replaceChildren(...columns.map(({ element }) => element));
  $("add-column").disabled = columns.length >= columnLimit;
}

async function compare(signal) {
  const question = $("compare-question").value.trim() || $("compare-question").placeholder;
  $("add-column").disabled = true;
  $("compare-status").textContent = "";
  const compared = [...columns];
  // Each has its answer before the first of them steps.
  await Promise.all(compared.map((column) => column.follow(question, signal, () => step(compared))));
  $("add-column").disabled = columns.length >= columnLimit;
}

/** Shows as many tokens of each answer as all have that still go on, so that they can be read side by side. */
function step(compared) {
  const waiting = compared.filter(({ answer }) => !answer.isDone).map(({ answer }) => answer.tokens.length);
  const shown = waiting.length ? Math.min(...waiting) : Infinity;
  for (const column of compared) column.show(shown);
  mark(compared, !waiting.length);
}

/** Marks where the shown answers first differ; models may cut the same text into other tokens, so it goes by bytes. */
function mark(compared, isAll) {
  const shown = compared.filter(({ answer }) => !answer.failure).map(({ view }) => view.tokens);
  const flat = shown.map((tokens) => tokens.flatMap((token) => [...bytesOf(token.bytes)]));
  const lengths = flat.map((bytes) => bytes.length);
  const length = isAll ? Math.max(...lengths) : Math.min(...lengths);
  let at = 0;
  while (at < length && flat.every((bytes) => bytes[at] === flat[0][at])) at += 1;
  const differs = at < length && flat.length > 1;
  for (const { view } of compared) {
    let seen = 0;
    const index = view.tokens.findIndex((token) => (seen += bytesOf(token.bytes).length) > at);
    for (const span of view.spans) {
      const first = Number(span.dataset.first);
      span.classList.toggle("differs", differs && span === view.span(index) && index >= 0);
      span.classList.toggle("after", differs && index >= 0 && first > index);
    }
  }
  const same = flat[0] ? textOf(Uint8Array.from(flat[0].slice(0, at))).length : 0;
  if (flat.length < 2) return;
  const place = same ? `after ${counted(same, "character")}` : "from the first token on";
  const equal = isAll ? "The answers are the same." : "";
  $("compare-status").textContent = differs ? `The answers differ ${place}.` : equal;
}
