// One answer of a model as it comes: its tokens, its text, and how it began and ended.
import { stream } from "./api.js";
import { bytesOf, count, counted, seconds } from "./text.js";

export class Answer {
  tokens = [];
  text = "";
  start = null;
  finish = null;
  failure = null;
  /** Whether the reader stopped it. */
  isStopped = false;
  isDone = false;
  /** Number of its tokens that were there before: those that it goes on from. */
  kept = 0;

  /** Follows a stream to its end; `changed` hears of each message, and of the end. */
  async follow(method, body, signal, changed) {
    await this.during(async () => {
      for await (const message of stream(method, body, signal)) {
        if (message.start) this.start = message.start;
        this.tokens.push(...(message.tokens ?? []));
        this.text = this.kept ? this.#decoded() : this.text + (message.text ?? "");
        if (message.finish) this.#end(message.finish);
        changed();
      }
    });
    changed();
  }

  /** Runs what makes the answer, and notes how it ended. */
  async during(action) {
    try {
      await action();
    } catch (error) {
      if (error.name === "AbortError") this.isStopped = true;
      else this.failure = error;
    }
    this.isDone = true;
  }

  /** An answer that begins with the first tokens of this one and then has another token. */
  branch(index, alternative) {
    const answer = new Answer();
    const token = this.tokens[index];
    const { id = 0, bytes, logprob } = alternative;
    answer.tokens = [...this.tokens.slice(0, index), { id, bytes, logprob, alternatives: token.alternatives }];
    answer.kept = answer.tokens.length;
    answer.text = answer.#decoded();
    return answer;
  }

  /** The text of the tokens: a continuation's own text does not know of a character that was begun before it. */
  #decoded() {
    const decoder = new TextDecoder();
    const shown = this.tokens.filter((token) => !token.special);
    return shown.map((token) => decoder.decode(bytesOf(token.bytes), { stream: true })).join("");
  }

  #end(finish) {
    this.finish = finish;
    if (this.kept && finish.reason === "FINISH_REASON_STOP") {
      const cut = this.text.lastIndexOf(finish.rule);
      if (cut >= 0) this.text = this.text.slice(0, cut);
    }
  }

  /** What there is to say about it, in short parts. */
  get facts() {
    const facts = [counted(this.tokens.length, "token")];
    const time = seconds(this.finish?.timings?.decode);
    if (time > 0) facts.push(`${((this.finish.generated_tokens ?? 0) / time).toFixed(1)} tokens/s`);
    if (this.finish) {
      const cached = this.finish.cached_tokens ?? 0;
      facts.push(`prompt ${count(this.finish.prompt_tokens)}${cached ? ` (${count(cached)} cached)` : ""}`);
    }
    const { template, template_version: version, seed } = this.start ?? {};
    if (template) facts.push(`template ${version ? `${template}@${version}` : template}`);
    if (seed) facts.push(`seed ${seed}`);
    const end = this.isStopped ? "stopped" : ends[this.finish?.reason]?.(this.finish);
    if (end) facts.push(end);
    return facts;
  }
}

const ends = {
  FINISH_REASON_END: (finish) => `ended with ${finish.rule || "the end of the turn"}`,
  FINISH_REASON_STOP: (finish) => `stopped at ${JSON.stringify(finish.rule)}`,
  FINISH_REASON_MAX_TOKENS: () => "cut at the maximum of tokens",
  FINISH_REASON_CONTEXT_FULL: () => "the context is full",
};
