// What the station told: kept here, changed by its events, announced to whoever draws.

export const state = {
  station: null, books: null, alarms: [],
  vehicles: new Map(), live: new Map(), routes: new Map(), stops: new Map(),
  trails: new Map(),
  chosen: null, // the name of a vehicle
};

const MAPS = ["vehicles", "live", "routes", "stops"];
const listeners = [];
let clockMs = Date.now();
let clockAt = performance.now();

export function listen(listener) {
  listeners.push(listener);
}

export function nowMs() {
  return clockMs + (performance.now() - clockAt) * speed();
}

export function speed() {
  return state.station?.speed ?? 1;
}

export function choose(vehicle) {
  state.chosen = vehicle;
  announce(new Set(["chosen"]), new Map());
}

export function connect(onLink) {
  const source = new EventSource("/api/events");
  source.onopen = () => onLink(true);
  source.onerror = () => onLink(false);
  source.onmessage = (event) => take(JSON.parse(event.data));
}

function take(message) {
  clockMs = Date.parse(message.now_utc);
  clockAt = performance.now();
  const kinds = new Set();
  const keys = new Map();
  if (message.whole) {
    for (const kind of MAPS) state[kind].clear();
    state.trails.clear();
    kinds.add("whole");
  }
  for (const kind of MAPS) {
    const changed = message[kind];
    if (!changed) continue;
    for (const [key, value] of Object.entries(changed)) state[kind].set(key, value);
    kinds.add(kind);
    keys.set(kind, Object.keys(changed));
  }
  if (message.station) { state.station = message.station.station ?? state.station; kinds.add("station"); }
  if (message.books) { state.books = message.books.books ?? state.books; kinds.add("books"); }
  if (message.alarms) { state.alarms = message.alarms.alarms ?? state.alarms; kinds.add("alarms"); }
  if (message.trails) {
    for (const [vehicle, points] of Object.entries(message.trails)) {
      const trail = state.trails.get(vehicle) ?? [];
      const late = trail.length && points[0][0] < trail[trail.length - 1][0];
      trail.push(...points);
      if (late) trail.sort((a, b) => a[0] - b[0]); // batches may come in any order
      state.trails.set(vehicle, trail);
    }
    kinds.add("trails");
    keys.set("trails", Object.keys(message.trails));
  }
  announce(kinds, keys);
}

function announce(kinds, keys) {
  for (const listener of listeners) listener(kinds, keys);
}
