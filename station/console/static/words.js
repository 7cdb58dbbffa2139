// Words, times and colours: how the day is told.

// Of vehicles. Green, red and amber are left to outcomes.
const HUES = ["#1f6feb", "#e8590c", "#ae3ec9", "#0c8599", "#d6336c", "#6741d9",
  "#a0522d", "#1098ad", "#4c6ef5", "#c2255c", "#7a5c3e", "#495867"];

export const PHASES = {
  idle: "Idle", offered: "Has its route", loading: "Loading", underway: "Under way",
  at_stop: "At a stop", returning: "Driving back", debriefing: "Unloading", closed: "Day closed",
};
export const PHASE_TONE = {
  idle: "", offered: "", loading: "warn", underway: "go", at_stop: "go",
  returning: "go", debriefing: "warn", closed: "good",
};
export const STOP_WORDS = {
  blocked: "Where is it?", unassigned: "Not assigned", pending: "To come", current: "Now",
  delivered: "Delivered", partly: "Partly delivered", failed: "Not delivered",
  cancelled: "Cancelled", dropped: "Left out",
};
export const ALARM_WORDS = {
  silent: "Silent", gap: "Facts missing", late: "Running late", gnss: "No position",
  quarantine: "Set aside", forged: "Forged or unknown", conflict: "Contradiction",
  foreseen: "Will be late", tamper: "Meddled with", help: "Needs a person", hazard: "Hazard", barred: "Not driven to",
  deaf: "Takes no orders", refused: "Order refused", parcel: "Parcel", books: "Books",
  store: "New store",
};
export const BOOK_WORDS = {
  delivered: "delivered", on_board: "on board", returned: "returned",
  failed: "failed", waiting: "waiting",
};
export const OPEN_STATES = new Set(["pending", "current"]);
export const LATE_S = 60;

export function hueOf(number) {
  return number < HUES.length ? HUES[number] : `hsl(${Math.round(number * 137.508) % 360} 62% 45%)`;
}

export function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

let zone = "UTC";
const formats = new Map();

export function setZone(name) {
  if (name !== zone) { zone = name; formats.clear(); }
}

function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}

export function clock(instant) {
  return instant ? format({ hour: "2-digit", minute: "2-digit" }).format(new Date(instant)) : "";
}

export function clockWithSeconds(instant) {
  return format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(instant));
}

export function dayWords(day) {
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" })
    .format(new Date(`${day}T00:00:00Z`));
}

export function span(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return `${Math.max(0, Math.round(seconds))} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

export function windowWords(window) {
  return window ? `${clock(window.opens_utc)}–${clock(window.closes_utc)}` : "";
}

export function count(number, one, many) {
  return `${number} ${number === 1 ? one : many ?? `${one}s`}`;
}
