// What the driver did, kept on the phone until the van has answered, sent in order.
// navigator.onLine is not asked: the van's Wi-Fi is "offline" to many phones.

import { newId } from "./dom.js";
import { kept } from "./kept.js";
import { say } from "./strings.js";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
const MOST_FAULTS = 5; // a van that breaks on the same action so often will never take it

/** Events: "change" (something waits or no longer waits), "answer" ({ entry, result }). */
export class Outbox extends EventTarget {
  #van;
  #pictures;
  #draining = false;
  #vehicle = null;
  #pause = FIRST_PAUSE_MS;
  #timer = null;

  constructor(van, pictures) {
    super();
    this.#van = van;
    this.#pictures = pictures;
    van.addEventListener("link", () => { if (van.connected) this.wake(); });
    van.addEventListener("view", () => {
      if (van.view.vehicle !== this.#vehicle) { this.#vehicle = van.view.vehicle; this.wake(); }
    });
    // Another tab of this phone may have sent what we show as waiting.
    addEventListener("storage", () => this.dispatchEvent(new Event("change")));
  }

  get entries() {
    return kept.get("outbox", []);
  }

  /** What was done in another van: all have the same address, but it must not reach this one. */
  get foreign() {
    return this.entries.filter((entry) => this.#vehicle !== null && entry.vehicle !== this.#vehicle);
  }

  /** Keep an action and send it as soon as possible. Pictures are named by their keys. */
  add(action, { photos = [], signature = null } = {}) {
    const { vehicle, route_id: route } = this.#van.view;
    const entry = { action: { ...action, action_id: newId() }, photos, signature, uploaded: {},
      faults: 0, vehicle, route };
    this.#save([...this.entries, entry]);
    this.wake();
    return entry;
  }

  /** Tell whether an action like this one waits for its answer. */
  waits(test) {
    return this.entries.find((entry) => test(entry.action)) ?? null;
  }

  /** Try at once, whatever the pause. */
  wake() {
    this.#pause = FIRST_PAUSE_MS;
    clearTimeout(this.#timer);
    this.#drain();
  }

  async #drain() {
    if (this.#draining) return;
    this.#draining = true;
    try {
      let entry;
      while ((entry = this.entries.find((one) => one.vehicle === this.#vehicle))) {
        const result = await this.#send(entry);
        if (result === null) {
          this.#timer = setTimeout(() => this.#drain(), this.#pause);
          this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
          return;
        }
        if (result.accepted) await this.#van.refresh();
        this.#save(this.entries.filter((other) => other.action.action_id !== entry.action.action_id));
        this.dispatchEvent(new CustomEvent("answer", { detail: { entry, result } }));
        this.#pause = FIRST_PAUSE_MS;
      }
    } finally {
      this.#draining = false;
    }
  }

  /** Send one entry whole; null: later. */
  async #send(entry) {
    if (entry.route !== this.#van.view.route_id) {
      return { accepted: false, why: say("refused.route") };
    }
    try {
      for (const key of [...entry.photos, entry.signature].filter(Boolean)) {
        if (entry.uploaded[key]) continue;
        const blob = await this.#pictures.get(key);
        if (!blob) return { accepted: false, why: say("refused.picture") };
        const answer = judge(await this.#van.post("/attach", blob, blob.type));
        if (answer === null || answer.accepted === false) return answer;
        entry.uploaded[key] = answer;
        this.#update(entry);
      }
      const action = { ...entry.action };
      if (entry.photos.length) action.photos = entry.photos.map((key) => entry.uploaded[key]);
      if (entry.signature) action.signature = entry.uploaded[entry.signature];
      const answer = await this.#van.post("/act", JSON.stringify(action), "application/json");
      if (answer.status === 500 && ++entry.faults >= MOST_FAULTS) {
        return { accepted: false, why: say("refused.fault") };
      }
      this.#update(entry);
      return judge(answer);
    } catch {
      return null;
    }
  }

  #update(entry) {
    this.#save(this.entries.map((other) =>
      other.action.action_id === entry.action.action_id ? entry : other));
  }

  #save(entries) {
    kept.set("outbox", entries);
    this.dispatchEvent(new Event("change"));
  }
}

/** An answer stands; a busy van or a stale session is asked again; the rest will never do. */
function judge({ status, body }) {
  if (status === 200) return body;
  if ([401, 403, 408, 421, 429].includes(status) || status >= 500) return null;
  return { accepted: false, why: body.field ? `${body.error} (${body.field})` : body.error };
}
