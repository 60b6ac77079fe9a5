// The gateway's `/api`: the daemon's methods as JSON, and the key that they are called with.

const storage = "workbench.key";

/** A call that failed: what the gateway said, and the status of its response (0: there was none). */
export class Failure extends Error {
  constructor(status, error) {
    super(error?.message ?? `the gateway answered with status ${status}`);
    this.status = status;
  }

  /** Whether a key may help. */
  get isDenied() { return this.status === 401 || this.status === 403; }
}

/** The key that the page sends; kept for this tab only. */
export const key = {
  get value() { return sessionStorage.getItem(storage) ?? ""; },
  set value(text) {
    if (text) sessionStorage.setItem(storage, text);
    else sessionStorage.removeItem(storage);
  },
  /** Takes a key out of the address bar, where histories and screenshots would keep it; false if there is none. */
  takeFromAddress() {
    const match = /^#key=(\S+)/.exec(location.hash);
    if (!match) return false;
    key.value = match[1];
    history.replaceState(null, "", location.pathname);
    return true;
  },
};

/** One request, one response. */
export async function call(method, body = {}, signal = undefined) {
  return (await answer(method, body, signal)).json();
}

/** All pages of a list as one. */
export async function list(method, body, ...fields) {
  const whole = Object.fromEntries(fields.map((name) => [name, []]));
  for (let token = ""; ; ) {
    const page = await call(method, { ...body, page_token: token });
    for (const name of fields) whole[name].push(...(page[name] ?? []));
    token = page.next_page_token ?? "";
    if (!token) return { ...page, ...whole };
  }
}

/** The messages of a stream as they come. */
export async function* stream(method, body, signal) {
  const reader = (await answer(method, body, signal)).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const message = JSON.parse(event.replace(/^data: /, ""));
        if (message.error) throw new Failure(500, message.error);
        yield message;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function answer(method, body, signal) {
  const headers = { "Content-Type": "application/json" };
  if (key.value) headers.Authorization = `Bearer ${key.value}`;
  let response;
  try {
    const path = `/api/workbench.v1.${method}`;
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(0, { message: "the gateway does not answer; is it still running?" });
  }
  if (response.ok) return response;
  const failure = await response.json().catch(() => ({}));
  throw new Failure(response.status, failure.error);
}
