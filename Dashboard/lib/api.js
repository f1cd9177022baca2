// The server's API: single requests, and streams that reconnect.

/** A refusal, with the server's own sentence and code. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body?.code;
  }
}

async function request(path, options, limit) {
  let answer;
  try {
    answer = await fetch(path, { ...options, signal: AbortSignal.timeout(limit) });
  } catch {
    throw new Refusal(0, { detail: "The server doesn't answer.", code: "NO_ANSWER" });
  }
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(answer.status, body);
  return body;
}

export function get(path, limit = 15_000) {
  return request(path, {}, limit);
}

/** Asks for a change; stopping an app may take its whole grace. */
export function send(method, path, body = {}) {
  return request(
    path,
    { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
    120_000,
  );
}

export const post = (path, body) => send("POST", path, body);

/** What a GET tells, or null where this server has no such thing yet. */
export async function getIfThere(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error.status === 404 || error.status === 405) return null;
    throw error;
  }
}

const wait = (time) => new Promise((done) => setTimeout(done, time));

/**
 * A stream of events that is opened again when it ends. In place of the browser's EventSource,
 * because that gives up at the first error of a proxy, and can't tell silence from a dead server.
 *
 * `onEvent(name, data, id)`, `onOpen(isAgain)`, `onLost(silence)`, `onRefused(refusal)`. With `silence`,
 * as many milliseconds without a byte count as a lost connection.
 */
export class Stream {
  #path;
  #handlers;
  #silence;
  #controller = null;
  #isClosed = false;
  #lastByte = 0;
  #lastID = null;
  #hasOpened = false;

  /** `after` is the id of the last event that is known already. */
  constructor(path, handlers, { silence = 40_000, after = null } = {}) {
    this.#path = path;
    this.#handlers = handlers;
    this.#silence = silence;
    this.#lastID = after;
    this.#run();
  }

  close() {
    this.#isClosed = true;
    this.#controller?.abort();
  }

  async #run() {
    let pause = 250;
    while (!this.#isClosed) {
      try {
        await this.#read();
        pause = 250;
      } catch (error) {
        if (this.#isClosed) return;
        if (error instanceof Refusal) this.#handlers.onRefused?.(error);
      }
      if (this.#isClosed) return;
      this.#handlers.onLost?.();
      await wait(pause);
      pause = Math.min(pause * 2, 2_000);
    }
  }

  async #read() {
    this.#controller = new AbortController();
    this.#lastByte = performance.now();
    let lastLook = this.#lastByte;
    const watch = setInterval(() => {
      const now = performance.now();
      // While the page itself was busy, or its computer asleep, nothing was read either.
      const pause = now - lastLook;
      lastLook = now;
      if (pause > 1_000) this.#lastByte = Math.max(this.#lastByte, now - 1_000);
      const silence = now - this.#lastByte;
      if (silence < this.#silence) return;
      this.#handlers.onLost?.(silence);
      this.#controller.abort();
    }, 200);
    try {
      const headers = { accept: "text/event-stream" };
      if (this.#lastID) headers["last-event-id"] = this.#lastID;
      const answer = await fetch(this.#path, { headers, cache: "no-store", signal: this.#controller.signal });
      if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null));
      this.#handlers.onOpen?.(this.#hasOpened);
      this.#hasOpened = true;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        this.#lastByte = performance.now();
        rest = this.#take(rest + value);
      }
    } finally {
      clearInterval(watch);
    }
  }

  /** Hands on the whole events of a text, and returns what is left. */
  #take(text) {
    const events = text.split("\n\n");
    const rest = events.pop();
    for (const event of events) {
      let name = "message";
      let data = "";
      let id = null;
      for (const line of event.split("\n")) {
        if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith("data: ")) data += line.slice(6);
        else if (line.startsWith("id: ")) id = line.slice(4);
      }
      if (!data) continue;
      if (id) this.#lastID = id;
      try {
        this.#handlers.onEvent(name, JSON.parse(data), id);
      } catch (error) {
        console.warn("An event was passed over.", error);
      }
    }
    return rest;
  }
}
