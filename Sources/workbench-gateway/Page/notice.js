// Short messages at the edge of the page: what was done, and what failed and why.
import { $, el } from "./dom.js";

/** Shows a text for a while. */
export function notice(text, kind = "done", action = null) {
  const node = el(`div.notice.${kind}`, {}, el("span", {}, text), action);
  const members = { type: "button", "aria-label": "Close this message", onclick: () => node.remove() };
  node.append(el("button.quiet", members, "✕"));
  $("notices").append(node);
  if (kind === "done") setTimeout(() => node.remove(), 6000);
  while ($("notices").children.length > 3) $("notices").firstElementChild.remove();
}

/** A failure as text, with the way to a key where one may help. */
function failureText(error) {
  if (!error.isDenied) return [error.message];
  const help = error.status === 401 ? "" : "; the page's address with its key is printed where the gateway was started";
  return [error.message, help, ". ", el("button", { type: "button", onclick: askForKey }, "Enter a key…")];
}

/** A failure in the place where its result would be. */
export const failureView = (error) => el("p.failure", { role: "alert" }, failureText(error));

/** Shows a failure until it is closed. */
export function failed(error) {
  if (error.name === "AbortError") return;
  notice("", "failed", el("span", {}, failureText(error)));
}

export function askForKey() { $("key-dialog").showModal(); }
