// Elements. Everything that the page shows is built here from nodes and texts; nothing is ever parsed as markup, and no
// text acts on what stands beside it.
import { plain } from "./text.js";

/** The element of the document with an id. */
export const $ = (id) => document.getElementById(id);

/**
 * An element: `el("button.primary", { onclick, "aria-label": "Send" }, "Send")`. Members whose names begin with "on"
 * are listeners, `data` sets data attributes, and the rest are properties where there are any, or else attributes.
 */
export function el(name, members = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.classList.add(...classes);
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  const given = children.flat().filter((child) => child !== null && child !== undefined && child !== "");
  node.append(...given.map((child) => (child instanceof Node ? child : plain(String(child)))));
  return node;
}

/** A copy of a template of the document. */
export const copyOf = (id) => $(id).content.firstElementChild.cloneNode(true);

/** An element of SVG with attributes. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Fills a choice with `[value, label]` pairs and keeps what was chosen if it is still among them. */
export function fill(select, pairs, chosen = select.value) {
  select.replaceChildren(...pairs.map(([value, label]) => el("option", { value }, label)));
  select.value = pairs.some(([value]) => value === chosen) ? chosen : pairs[0]?.[0] ?? "";
}

/**
 * Walks along elements of which only one is a stop of the Tab key: the arrow keys, Home and End. Returns the element
 * that the key leads to, if it leads anywhere.
 */
export function walk(event, all) {
  const here = all.indexOf(event.target);
  const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 }[event.key];
  if (here < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return null;
  event.preventDefault();
  const next = all[Math.max(0, Math.min(to, all.length - 1))];
  for (const node of all) node.tabIndex = node === next ? 0 : -1;
  next.focus();
  return next;
}

/** A bar that is filled to a share. */
export function meter(share) {
  const filled = el("span");
  filled.style.width = `${100 * share}%`;
  return el("span.meter", { ariaHidden: "true" }, filled);
}

/** A table: the names of its columns, and its rows. */
export function table(kind, names, rows) {
  const head = el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name))));
  return el("div.scroll", {}, el(`table.${kind}`, {}, head, el("tbody", {}, rows)));
}

/** Short facts in a row. */
export const factList = (facts) => el("p.facts", {}, facts.map((fact) => el("span", {}, fact)));

/** A function that runs `action` once there has been no call for some milliseconds. */
export function settled(milliseconds, action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}
