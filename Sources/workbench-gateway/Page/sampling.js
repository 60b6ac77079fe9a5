// Sampling: the chain, an answer that it samples, and how each token of that came about.
import { Answer } from "./answer.js";
import * as chain from "./chain.js";
import { $, el, factList, table } from "./dom.js";
import { failureView } from "./notice.js";
import { Run } from "./run.js";
import { session } from "./session.js";
import { word } from "./text.js";
import { TokenText } from "./tokens.js";
import { traceView } from "./trace.js";

let run = null;

export function start() {
  chain.start();
  run = new Run($("trace-form"), $("sampling"), () => run.during(sample));
}

async function sample(signal) {
  const question = $("trace-question").value.trim() || $("trace-question").placeholder;
  const answer = new Answer();
  const view = new TokenText("Answer, token by token", { visit: (index) => show(answer, view, index) });
  $("trace-answer").replaceChildren(view.element);
  $("trace").replaceChildren(el("p.hint", {}, "Choose a token to see what every stage kept and removed."));
  $("effective").replaceChildren();
  const options = session.options(session.sampling, { trace: true, max_tokens: Number($("trace-tokens").value) || 32 });
  await answer.follow("Generation/Chat", session.request(session.ask(question), options), signal, () => {
    view.update(answer.tokens);
    // The first token is shown as an example until the reader chooses one.
    if (view.tokens.length && !$("trace").querySelector("table")) show(answer, view, 0);
  });
  if (answer.failure) $("trace-answer").append(failureView(answer.failure));
  if (answer.finish) showSettings(answer);
}

function show(answer, view, index) {
  const token = answer.tokens[index];
  view.select(index);
  if (token?.trace) $("trace").replaceChildren(traceView(token, token.trace));
}

function showSettings(answer) {
  const rows = (answer.finish.settings ?? []).map(({ name, value, source, source_name }) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value || "–"),
      el("td.faint", {}, `${word(source, "SETTING_SOURCE_")} ${source_name ?? ""}`)));
  $("effective").replaceChildren(factList(answer.facts), el("details", {}, el("summary", {}, "Settings in effect"),
    table("list", ["Setting", "Value", "From"], rows)));
}
