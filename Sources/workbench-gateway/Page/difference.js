// What changed between two texts, line by line.
import { el } from "./dom.js";

/** Beyond this many pairs of lines the middle is shown as replaced, since comparing each pair would take too long. */
const pairLimit = 4_000_000;

/** `[sign, line]` for each line, the sign "-", "+" or " ". */
export function difference(before, after) {
  const [left, right] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  let tail = 0;
  const most = Math.min(left.length, right.length) - head;
  while (tail < most && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1;
  const middle = changes(left.slice(head, left.length - tail), right.slice(head, right.length - tail));
  const same = (lines) => lines.map((line) => [" ", line]);
  return [...same(left.slice(0, head)), ...middle, ...same(left.slice(left.length - tail))];
}

/** The shortest way from one list to another, by their longest common subsequence. */
function changes(left, right) {
  const all = (sign, lines) => lines.map((line) => [sign, line]);
  if (left.length * right.length > pairLimit) return [...all("-", left), ...all("+", right)];
  const width = right.length + 1;
  const length = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) for (let j = right.length - 1; j >= 0; j -= 1) {
    length[i * width + j] = left[i] === right[j]
      ? length[(i + 1) * width + j + 1] + 1 : Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
  }
  const made = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) made.push([" ", left[i++]], ...(j++, []));
    else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) made.push(["-", left[i++]]);
    else made.push(["+", right[j++]]);
  }
  return [...made, ...all("-", left.slice(i)), ...all("+", right.slice(j))];
}

const kinds = { "-": "removed", "+": "added", " ": "same" };

/** A difference as an element. */
export const differenceView = (rows) => el("pre.difference", { tabIndex: 0, ariaLabel: "Changed lines" },
  rows.map(([sign, line]) => el(`div.${kinds[sign]}`, {}, `${sign} ${line}`)));
