// What takes a while and can be stopped.

/** A form whose button starts something, and stops it while it goes on, as Escape does. */
export class Run {
  #controller = null;
  #button;

  constructor(form, area, action) {
    this.#button = form.querySelector("[type=submit]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.isGoing ? this.stop() : action();
    });
    area.addEventListener("keydown", (event) => event.key === "Escape" && this.stop());
  }

  get isGoing() { return this.#controller !== null; }
  stop() { this.#controller?.abort(); }

  /** Runs an action, which is given the signal that stops it. */
  async during(action) {
    const label = this.#button.textContent;
    this.#controller = new AbortController();
    this.#button.textContent = "Stop";
    this.#button.classList.replace("primary", "stop");
    try {
      await action(this.#controller.signal);
    } finally {
      this.#controller = null;
      this.#button.textContent = label;
      this.#button.classList.replace("stop", "primary");
    }
  }
}
