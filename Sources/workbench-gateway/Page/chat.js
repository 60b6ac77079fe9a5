// The chat: a conversation with the model, whose answers can be taken up from any token.
import { alternatives } from "./alternatives.js";
import { Answer } from "./answer.js";
import { call } from "./api.js";
import { $, copyOf, el, factList, fill } from "./dom.js";
import { markdown } from "./markdown.js";
import { failureView } from "./notice.js";
import { Run } from "./run.js";
import { session } from "./session.js";
import { TokenText } from "./tokens.js";

let run = null;

export function start() {
  run = new Run($("composer"), $("chat"), send);
  $("message").addEventListener("keydown", (event) => {
    // While an input method composes, as for Korean, Enter ends a syllable and sends nothing. Some report only 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (!run.isGoing) send();
  });
  $("message").addEventListener("input", () => draft($("message").value));
  $("new-conversation").addEventListener("click", () => {
    run.stop();
    session.messages = [];
    changed();
    $("message").focus();
  });
  $("shade").addEventListener("change", () => $("messages").classList.toggle("shaded", $("shade").checked));
  bindSettings();
  draw();
}

function bindSettings() {
  $("system").value = session.system;
  const bind = (id, set, name = "settings") => $(id).addEventListener("change", () => {
    set($(id).value);
    session.changed(name);
  });
  bind("system", (value) => (session.system = value), "conversation");
  bind("template", (value) => (session.template = value));
  bind("source-of-sampling", (value) => (session.sampling.source = value));
  bind("temperature", (value) => (session.sampling.temperature = value));
  bind("seed", (value) => (session.sampling.seed = value));
  bind("max-tokens", (value) => (session.maxTokens = Math.max(1, Number(value) || 256)));
  bind("alternative-count", (value) => (session.alternatives = Math.max(0, Math.min(20, Number(value)))));
  const show = () => {
    fill($("template"), session.templateChoices, session.template);
    fill($("source-of-sampling"), session.samplingChoices, session.sampling.source);
    $("temperature").disabled = session.sampling.source === "chain";
  };
  for (const name of ["templates", "samplers", "settings"]) session.on(name, show);
}

function changed() {
  draw();
  session.changed("conversation");
}

/** Puts a text into the composer. */
function draft(text) {
  if (text !== $("message").value) $("message").value = text;
  session.draft = text;
  session.changed("draft");
}

function send() {
  const content = $("message").value;
  if (!content.trim()) return;
  session.messages.push({ role: "user", content });
  draft("");
  ask();
}

/** Lets the model answer the conversation. */
function ask() {
  const body = session.request(session.conversation(), session.options());
  const answer = new Answer();
  follow(answer, (signal) => answer.follow("Generation/Chat", body, signal, () => update(answer)));
}

/** Goes on from another token of an answer: the same prompt, the tokens before it, and then that one. */
function goOn(position, index, alternative) {
  if (run.isGoing) return;
  const earlier = session.messages[position].answer;
  session.messages.length = position;
  const answer = earlier.branch(index, alternative);
  // If the model's turn ends with it, there is nothing to go on with.
  if (session.loaded?.end_tokens?.some(({ id }) => id === alternative.id)) {
    answer.tokens.at(-1).special = true;
    Object.assign(answer, { isDone: true, start: earlier.start });
    session.messages.push({ role: "assistant", content: answer.text, answer });
    return changed();
  }
  $("messages").focus();
  follow(answer, async (signal) => {
    const prompt = await promptOf(position, earlier.start, signal);
    const options = session.options();
    options.stop = session.templates.find(({ name }) => name === earlier.start?.template)?.stop ?? [];
    const tokens = { ids: [...prompt, ...answer.tokens.map(({ id = 0 }) => id)] };
    const body = { model: session.model, options, tokens };
    await answer.follow("Generation/Generate", body, signal, () => update(answer));
  });
}

/** The tokens that an answer was given to, through the template that it was given with. */
async function promptOf(position, start, signal) {
  const body = { model: session.model, messages: session.conversation(position) };
  if (start?.template) body.name = start.template;
  if (start?.profile) body.profile = start.profile;
  return (await call("Templates/Render", body, signal)).token_ids ?? [];
}

/** Adds an answer to the conversation and runs it to its end. */
async function follow(answer, action) {
  const message = { role: "assistant", content: "", answer };
  session.messages.push(message);
  await run.during(async (signal) => {
    draw();
    await answer.during(() => action(signal));
  });
  message.content = answer.text;
  // What was never answered is no part of the conversation.
  if (answer.failure && !answer.tokens.length) message.isLost = true;
  changed();
}

/** Shows what has come of an answer since it was drawn. */
function update(answer) {
  const list = $("messages");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 48;
  answer.view?.update(answer.tokens);
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

function draw() {
  alternatives.hide();
  const last = session.messages.length - 1;
  session.messages = session.messages.filter((message, index) => !message.isLost || index === last);
  const rows = session.messages.map((message, index) => row(message, index));
  $("messages").replaceChildren(...(rows.length ? rows : [copyOf("empty-chat")]));
  $("messages").scrollTop = $("messages").scrollHeight;
}

function row(message, index) {
  const isAnswer = message.role === "assistant";
  const own = () => (isAnswer ? answerActions(message, index) : [action("Edit", () => edit(index))]);
  const actions = run.isGoing ? [] : own();
  return el(`article.message.${isAnswer ? "assistant" : "user"}`, { "aria-label": isAnswer ? "Answer" : "Question" },
    el("div.who", {}, isAnswer ? message.answer?.start?.model ?? "model" : "you"),
    el("div.said", {}, isAnswer ? answerBody(message, index) : el("div.text", {}, message.content),
      el("div.foot", {}, message.answer?.isDone ? factList(message.answer.facts) : null, actions)));
}

const action = (label, onclick) => el("button.quiet", { type: "button", onclick }, label);

function answerBody(message, index) {
  const { answer } = message;
  if (!answer) return el("div.text", {}, message.isFormatted ? markdown(message.content) : message.content);
  const failure = answer.failure ? failureView(answer.failure) : null;
  if (message.isFormatted) return el("div", {}, markdown(answer.text), failure);
  answer.view = new TokenText("Answer, token by token", {
    choose: (token, alternative) => goOn(index, token, alternative), kept: answer.kept,
  });
  answer.view.update(answer.tokens);
  return el("div", {}, answer.view.element, failure);
}

function answerActions(message, index) {
  const format = action(message.isFormatted ? "Tokens" : "Formatted", () => {
    message.isFormatted = !message.isFormatted;
    draw();
  });
  const retry = action("Answer again", () => {
    session.messages.length = index;
    ask();
  });
  return [message.content ? format : null, index === session.messages.length - 1 ? retry : null];
}

/** Takes a question back into the composer, with all that follows it. */
function edit(index) {
  draft(session.messages[index].content);
  session.messages.length = index;
  changed();
  $("message").focus();
}
