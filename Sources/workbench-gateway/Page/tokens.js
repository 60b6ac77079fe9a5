// An answer token by token: each can be pointed at, and shows what it might have been.
import { alternatives } from "./alternatives.js";
import { el, walk } from "./dom.js";
import { bytesOf, piece, plain, textOf } from "./text.js";

/**
 * A text whose tokens can be visited: one stop of the Tab key, then the arrow keys. `choose(index, alternative)` goes
 * on from another token; without it alternatives are only shown. `visit(index)` hears where the reader is. `kept` is
 * the number of tokens that an answer goes on from.
 */
export class TokenText {
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #open = null;
  #options;
  tokens = [];
  spans = [];

  constructor(label, options = {}) {
    this.#options = options;
    this.element = el("div.tokens", {
      role: "listbox", "aria-label": label, "aria-orientation": "horizontal",
      onkeydown: (event) => this.#keydown(event),
      onclick: (event) => this.#at(event, (span) => span.focus()),
      onpointerover: (event) => this.#at(event, (span) => event.pointerType === "mouse" && this.#show(span)),
      onpointerout: () => alternatives.leave(),
      onfocusin: (event) => this.#at(event, (span) => this.#focus(span)),
      onfocusout: () => alternatives.leave(),
    });
  }

  /** Shows the tokens that are new. */
  update(tokens) { for (const token of tokens.slice(this.tokens.length)) this.#add(token); }

  /** The span that shows a token. */
  span(index) { return this.spans.findLast((span) => Number(span.dataset.first) <= index); }

  /** Marks the token that the reader looks at. */
  select(index) {
    const chosen = this.span(index);
    for (const span of this.spans) span.ariaSelected = String(span === chosen);
  }

  #add(token) {
    const index = this.tokens.length;
    const bytes = bytesOf(token.bytes);
    this.tokens.push(token);
    const text = token.special ? textOf(bytes) : this.#decoder.decode(bytes, { stream: true });
    // A character may take several tokens; they share one span, since none of them has a text of its own.
    const span = this.#open ?? this.#newSpan(index);
    span.dataset.last = index;
    span.append(plain(text));
    if (token.special) span.classList.add("special");
    const { kept = 0 } = this.#options;
    if (index < kept) span.classList.add(index === kept - 1 ? "chosen" : "kept");
    if (token.logprob !== undefined) span.dataset.heat = heat(Math.exp(token.logprob));
    span.ariaLabel = this.tokens.slice(Number(span.dataset.first)).map((one) => piece(bytesOf(one.bytes))).join(" ");
    this.#open = text ? null : span;
  }

  #newSpan(index) {
    const span = el("span.token", {
      role: "option", tabIndex: this.spans.length ? -1 : 0, ariaSelected: "false", data: { first: index },
    });
    this.spans.push(span);
    this.element.append(span);
    return span;
  }

  #at(event, action) {
    const span = event.target.closest?.(".token");
    if (span) action(span);
  }

  #focus(span) {
    for (const other of this.spans) other.tabIndex = other === span ? 0 : -1;
    this.#show(span);
    this.#options.visit?.(Number(span.dataset.first));
  }

  #show(span) {
    const first = Number(span.dataset.first);
    const tokens = this.tokens.slice(first, Number(span.dataset.last) + 1);
    if (!tokens.some((token) => token.alternatives?.length)) return;
    const { choose } = this.#options;
    alternatives.show(span, tokens, choose && ((offset, other) => choose(first + offset, other)));
  }

  #keydown(event) {
    if (walk(event, this.spans)) return;
    if (event.key === "ArrowDown" || event.key === "Enter") alternatives.enter();
    else if (event.key === "Escape" && alternatives.isShown) alternatives.hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** How unlikely a token was, in five steps. */
const heat = (probability) => [0.5, 0.2, 0.05, 0.01].filter((bound) => probability < bound).length;
