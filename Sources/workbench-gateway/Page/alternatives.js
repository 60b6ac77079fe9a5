// The panel beside a token: what the model might have said in its place, and how likely that was.
import { $, el, meter } from "./dom.js";
import { bytesOf, percent, piece } from "./text.js";

class Alternatives {
  #panel = $("alternatives");
  #anchor = null;
  #leaving = 0;

  constructor() {
    for (const name of ["pointerover", "focusin"]) this.#panel.addEventListener(name, () => this.#stay());
    for (const name of ["pointerout", "focusout"]) this.#panel.addEventListener(name, () => this.leave());
    this.#panel.addEventListener("keydown", (event) => this.#keydown(event));
    document.addEventListener("scroll", () => this.isShown && this.#place(), { capture: true, passive: true });
  }

  get isShown() { return !this.#panel.hidden; }
  #stay() { clearTimeout(this.#leaving); }

  /** Shows the alternatives of the tokens that an element stands for. */
  show(anchor, tokens, choose) {
    this.#stay();
    if (anchor === this.#anchor && this.isShown) return;
    this.#anchor = anchor;
    this.#panel.replaceChildren(...tokens.map((token, offset) => part(token, choose && ((other) => {
      this.hide();
      choose(offset, other);
    }))));
    this.#panel.hidden = false;
    this.#place();
  }

  /** Hides the panel unless the reader comes back to it, or is in it. */
  leave() {
    this.#stay();
    this.#leaving = setTimeout(() => {
      const isHeld = this.#panel.contains(document.activeElement) || this.#panel.matches(":hover");
      if (!isHeld && document.activeElement !== this.#anchor) this.hide();
    }, 250);
  }

  hide() {
    this.#panel.hidden = true;
    this.#anchor = null;
  }

  /** Moves the keyboard into the panel. */
  enter() { if (this.isShown) this.#panel.querySelector("button")?.focus(); }

  #keydown(event) {
    const buttons = [...this.#panel.querySelectorAll("button")];
    const here = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown") buttons[Math.min(here + 1, buttons.length - 1)]?.focus();
    else if (event.key === "ArrowUp" && here > 0) buttons[here - 1].focus();
    else if (event.key === "Escape" || event.key === "ArrowUp") this.#anchor?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Below the token where there is room, or else above it; never beyond the window. */
  #place() {
    if (!this.#anchor.isConnected) return this.hide();
    const box = this.#anchor.getClientRects()[0] ?? this.#anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.#panel;
    const below = box.bottom + 6 + height <= innerHeight || box.top < height + 6;
    this.#panel.style.left = `${Math.max(8, Math.min(box.left - 12, innerWidth - width - 8))}px`;
    this.#panel.style.top = `${below ? box.bottom + 6 : box.top - height - 6}px`;
  }
}

/** The alternatives of one token, its own among them. */
function part(token, choose) {
  const own = { id: token.id, bytes: token.bytes, logprob: token.logprob, isOwn: true };
  const others = (token.alternatives ?? []).filter(({ id }) => (id ?? 0) !== (token.id ?? 0));
  const all = [own, ...others].sort((a, b) => (b.logprob ?? 0) - (a.logprob ?? 0));
  const head = el("div.alternatives-head", {},
    el("code", {}, piece(bytesOf(token.bytes))), el("span", {}, `id ${token.id ?? 0}`));
  const hint = el("p.hint", {}, choose ? "Choose one to go on from it." : "");
  return el("div", {}, head, el("ul.plain", {}, all.map((entry) => el("li", {}, row(entry, choose)))), hint);
}

function row(entry, choose) {
  if (!choose || entry.isOwn) return el(`div.alternative${entry.isOwn ? ".own" : ""}`, {}, likelihood(entry));
  const ariaLabel = `${piece(bytesOf(entry.bytes))}, ${percent(Math.exp(entry.logprob ?? 0))}`;
  return el("button.alternative", { type: "button", ariaLabel, onclick: () => choose(entry) }, likelihood(entry));
}

/** A token and how likely it was, as cells. */
export function likelihood({ bytes, logprob = 0 }) {
  const probability = Math.exp(logprob);
  return [el("code", {}, piece(bytesOf(bytes))), meter(probability), el("span.number", {}, percent(probability))];
}

export const alternatives = new Alternatives();
