// A small line over the last minute or so.
import { svg } from "./dom.js";

const points = 60;

export class Plot {
  #values = [];
  #area = svg("path", { class: "plot-area" });
  #line = svg("path", { class: "plot-line" });

  /** `most`: the top of the scale; without it, the largest value. */
  constructor(label, most) {
    this.most = most;
    this.element = svg("svg", {
      class: "plot", viewBox: `0 0 ${points - 1} 20`, preserveAspectRatio: "none", role: "img", "aria-label": label,
    }, this.#area, this.#line);
  }

  add(value) {
    this.#values = [...this.#values, value].slice(-points);
    const top = this.most ?? Math.max(1, ...this.#values);
    const start = points - this.#values.length;
    const line = this.#values.map((one, index) => `${start + index} ${(19 - (18 * one) / top).toFixed(2)}`).join(" L ");
    this.#line.setAttribute("d", `M ${line}`);
    this.#area.setAttribute("d", `M ${start} 20 L ${line} L ${points - 1} 20 Z`);
  }
}
