// How one token was chosen, drawn: what each stage of the chain kept and removed.
import { likelihood } from "./alternatives.js";
import { el, svg, table } from "./dom.js";
import { bytesOf, count, percent, piece } from "./text.js";

/** A trace as a table of drawn stages, with the model's own favourites. */
export function traceView(token, trace) {
  const stages = trace.stages ?? [];
  const first = stages[0]?.before ?? {};
  const cells = ({ name, before = {}, after = {}, mass_removed = 0 }) => [name, before, after, mass_removed];
  const rows = [["the model", null, first, 0], ...stages.map(cells)];
  const most = Math.log(Math.max(2, first.candidates ?? 2));
  const head = ["Stage", "Candidates", "Removed", "Entropy", "This token"];
  const drawn = table("trace", head, rows.map((row) => stageRow(row, most)));
  return el("div", {}, el("h3", {}, "Token ", el("code", {}, piece(bytesOf(token.bytes)))), drawn,
    el("h3", {}, "Likeliest before the chain"), favourites(trace.likeliest ?? [], token));
}

function stageRow([name, before, after, removed], most) {
  const kept = after.candidates ?? 0;
  const was = before ? before.candidates ?? 0 : kept;
  const width = (amount) => (amount > 0 ? Math.max(1.5, (100 * Math.log(Math.max(1.02, amount))) / most) : 0);
  const bar = svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", class: "funnel", "aria-hidden": "true" },
    svg("rect", { class: "gone", x: 0, y: 1, width: width(was), height: 8 }),
    svg("rect", { class: "left", x: 0, y: 1, width: width(kept), height: 8 }));
  const isGone = !after.rank;
  return el("tr", {}, el("th", { scope: "row" }, name),
    el("td.candidates", {}, bar, el("span", {}, was === kept ? count(kept) : `${count(was)} → ${count(kept)}`)),
    el(`td.number${removed > 0 ? "" : ".faint"}`, {}, removed > 0 ? percent(removed) : "–"),
    el("td.number", {}, `${Number(after.entropy ?? 0).toFixed(2)} bit`),
    el("td.number", {}, isGone ? "removed" : `#${after.rank}  ${percent(after.probability ?? 0)}`));
}

const favourites = (likeliest, token) => el("ul.plain.favourites", {},
  likeliest.map((entry) => el(`li.alternative${entry.id === token.id ? ".own" : ""}`, {}, likelihood(entry))));
