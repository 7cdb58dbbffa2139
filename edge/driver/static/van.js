// The line to the van: session, the day as a stream of events, requests.

const SILENT_AFTER_MS = 25_000; // two missed signs of life
const RETRY_MS = 2_000;
const ANSWER_WITHIN_MS = 30_000;

/** Events: "view" (the day changed), "link" (found or lost), "code" (an access code is needed). */
export class Van extends EventTarget {
  view = null;
  version = 0;
  connected = false;
  lostAt = null;
  #csrf = "";
  #source = null;
  #streamed = {}; // what the stream has told so far: changes are meant against this
  #heardAt = 0;
  #timer = null;
  #turn = 0;

  constructor() {
    super();
    setInterval(() => this.#watch(), 5_000);
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.wake(); });
  }

  /** Get a session and listen; tries again by itself until it is told to ask for a code. */
  async start() {
    const turn = ++this.#turn; // a later start makes this one void
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    try {
      const answer = await this.#fetch("/session");
      if (turn !== this.#turn) return;
      if (answer.status === 401) { this.#tell("code"); return; }
      if (!answer.ok) throw new Error(`session: ${answer.status}`);
      this.#csrf = (await answer.json()).csrf;
      if (turn === this.#turn) this.#listen();
    } catch {
      if (turn !== this.#turn) return;
      this.#lost();
      this.#timer = setTimeout(() => this.start(), RETRY_MS);
    }
  }

  /** Enter the access code; resolves to "" or to why not. Throws without a connection. */
  async signIn(code) {
    const answer = await this.#fetch("/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
    });
    if (!answer.ok) return (await answer.json()).error;
    await this.start();
    return "";
  }

  /** Post bytes; resolves to { status, body }. Throws without a connection. */
  async post(path, body, type) {
    let answer;
    try {
      answer = await this.#fetch(path, {
        method: "POST",
        headers: { "Content-Type": type, "X-Doorstep-Csrf": this.#csrf },
        body,
      });
    } catch (error) {
      this.#lost(); // the stream may take long to notice
      throw error;
    }
    this.#heard();
    if (answer.status === 401 || answer.status === 403) this.start(); // a new token
    return { status: answer.status, body: await answer.json() };
  }

  /** Ask for the newest day now, so that an answer is never older than its effect. */
  async refresh() {
    try {
      const answer = await this.#fetch("/view");
      if (answer.ok) {
        this.#take(await answer.json(), Number(answer.headers.get("X-Doorstep-Version")));
      }
    } catch { /* the stream will bring it */ }
  }

  /** Look at once whether the van is there again. */
  wake() {
    if (!this.connected) this.start();
    else this.#watch();
  }

  #listen() {
    const source = new EventSource("/events");
    this.#source = source;
    source.addEventListener("open", () => this.#heard());
    source.addEventListener("alive", () => this.#heard());
    source.addEventListener("view", (event) => {
      this.#heard();
      this.version = 0; // the van may have started anew and count from 1
      this.#streamed = JSON.parse(event.data);
      this.#take(this.#streamed, Number(event.lastEventId));
    });
    source.addEventListener("change", (event) => {
      this.#heard();
      this.#streamed = { ...this.#streamed, ...JSON.parse(event.data) };
      this.#take(this.#streamed, Number(event.lastEventId));
    });
    source.addEventListener("error", () => {
      this.#lost();
      if (source.readyState === EventSource.CLOSED && source === this.#source) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.start(), RETRY_MS);
      }
    });
  }

  #take(view, version) {
    if (version <= this.version) return;
    this.view = view;
    this.version = version;
    this.#tell("view");
  }

  #heard() {
    this.#heardAt = Date.now();
    if (this.connected) return;
    this.connected = true;
    this.lostAt = null;
    this.#tell("link");
  }

  #lost() {
    if (!this.connected && this.lostAt !== null) return;
    this.connected = false;
    this.lostAt = Date.now();
    this.#tell("link");
  }

  #watch() {
    if (this.#source && this.connected && Date.now() - this.#heardAt > SILENT_AFTER_MS) {
      this.#lost();
      this.start();
    }
  }

  #tell(what) {
    this.dispatchEvent(new Event(what));
  }

  async #fetch(path, options = {}) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN_MS);
    try {
      return await fetch(path, { ...options, cache: "no-store", signal: patience.signal });
    } finally {
      clearTimeout(timer);
    }
  }
}
