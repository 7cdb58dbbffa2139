// The lists beside the map: vehicles, stops, alarms.

import { state, choose, nowMs, speed } from "./store.js";
import { make, say, dress, keep } from "./dom.js";
import { showStop, tone } from "./map.js";
import { ask } from "./actions.js";
import {
  ALARM_WORDS, LATE_S, OPEN_STATES, PHASES, PHASE_TONE, STOP_WORDS,
  clock, count, hueOf, span, windowWords,
} from "./words.js";

const MOST_ROWS = 150;
const STALE_MS = 10_000;
const LOST_MS = 60_000;

const FILTERS = [
  ["all", "All", () => true],
  ["open", "To come", (stop) => OPEN_STATES.has(stop.state)],
  ["late", "Late", (stop) => stop.late_s > LATE_S],
  ["delivered", "Delivered", (stop) => stop.state === "delivered" || stop.state === "partly"],
  ["failed", "Not delivered", (stop) => stop.state === "failed" || stop.state === "dropped"],
  ["loose", "On no route", (stop) => stop.state === "unassigned" || stop.state === "blocked"],
];

const $ = (id) => document.getElementById(id);
let filter = "all";
let stopsDue = true;
let alarmsDue = true;

export function makeLists() {
  for (const [name, text] of FILTERS) {
    const chip = make("button", "", text);
    chip.type = "button";
    chip.dataset.filter = name;
    chip.onclick = () => { filter = name; drawStops(); };
    $("chips").append(chip);
  }
  $("find").oninput = drawStops;
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.onclick = () => openTab(tab);
    tab.onkeydown = (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
      const other = tabs[(tabs.indexOf(tab) + step) % tabs.length];
      openTab(other);
      other.focus();
    };
  }
  setInterval(() => {
    drawVehicles();
    if (stopsDue) drawStops();
    if (alarmsDue) drawAlarms();
  }, 500);
}

export function drawLists(kinds) {
  if (kinds.has("whole") || kinds.has("chosen")) { drawVehicles(); drawStops(); }
  if (kinds.has("stops") || kinds.has("whole")) stopsDue = true;
  if (kinds.has("alarms")) drawAlarms();
}

function openTab(tab) {
  for (const one of document.querySelectorAll("[role=tab]")) {
    const open = one === tab;
    one.setAttribute("aria-selected", open);
    one.tabIndex = open ? 0 : -1;
    $(one.getAttribute("aria-controls")).hidden = !open;
  }
}

// Vehicles

function drawVehicles() {
  const shown = [...state.vehicles.values()].sort((a, b) => a.number - b.number);
  say($("vehicle-count"), shown.length ? String(shown.length) : "");
  keep($("vehicles"), shown, (vehicle) => vehicle.name, buildVehicle, updateVehicle);
}

function buildVehicle(vehicle) {
  const item = make("li");
  const card = make("button", "vehicle");
  card.type = "button";
  card.dataset.vehicle = vehicle.name;
  card.style.setProperty("--hue", hueOf(vehicle.number));
  const first = make("span", "line");
  const phase = make("span", "tag");
  const age = make("span", "age right-end");
  first.append(make("span", "name", vehicle.name), phase, age);
  const progress = make("span", "progress");
  const done = make("i");
  const failed = make("i", "failed");
  progress.append(done, failed);
  const second = make("span", "line meta");
  const story = make("span");
  const eta = make("span", "eta right-end");
  second.append(story, eta);
  const third = make("span", "line");
  card.append(make("span", "swatch"), first, progress, second, third);
  card.onclick = () => choose(state.chosen === vehicle.name ? null : vehicle.name);
  item.append(card);
  item.parts = { card, phase, age, progress, done, failed, story, eta, third };
  return item;
}

function updateVehicle(item, vehicle) {
  const { card, phase, age, progress, done, failed, story, eta, third } = item.parts;
  const live = state.live.get(vehicle.name) ?? {};
  card.setAttribute("aria-pressed", state.chosen === vehicle.name);
  say(phase, PHASES[vehicle.phase] ?? vehicle.phase);
  dress(phase, `tag ${PHASE_TONE[vehicle.phase] ?? ""}`);
  updateAge(age, vehicle, live);
  const { total = 0 } = vehicle;
  progress.hidden = !total;
  done.style.width = `${total ? 100 * (vehicle.done ?? 0) / total : 0}%`;
  failed.style.width = `${total ? 100 * (vehicle.failed ?? 0) / total : 0}%`;
  const handled = (vehicle.done ?? 0) + (vehicle.failed ?? 0);
  const stop = state.stops.get(state.routes.get(vehicle.route)?.order?.[0]);
  const heading = stop && vehicle.phase !== "closed" ? ` · ${stop.name || stop.address || stop.id}` : "";
  say(story, total ? `${handled} of ${total}${heading}` : "No route today");
  const at = vehicle.phase === "returning" ? vehicle.back_utc : vehicle.next_utc;
  say(eta, vehicle.phase === "closed" || !at ? "" : vehicle.phase === "at_stop" ? `next ${clock(at)}` : clock(at));
  const tags = [];
  if (vehicle.late) tags.push(["warn", `${count(vehicle.late, "stop")} late`]);
  if (vehicle.no_position || live.doubtful) tags.push(["warn", "no position"]);
  if (live.backlog > 50) tags.push(["", `${live.backlog} to send`]);
  if (live.state === "offline" && vehicle.phase !== "closed" && vehicle.phase !== "idle") tags.push(["bad", "no link"]);
  third.hidden = !tags.length;
  keep(third, tags, ([, text]) => text, ([tagTone, text]) => make("span", `tag ${tagTone}`, text), () => {});
}

function updateAge(age, vehicle, live) {
  const resting = ["idle", "offered", "closed"].includes(vehicle.phase);
  const told = live.utc ? nowMs() - Date.parse(live.utc) : Infinity;
  const ms = told / Math.max(1, speed()); // as the dispatcher's own time passes
  if (!live.utc || (resting && ms > STALE_MS)) { say(age, ""); age.hidden = true; return; }
  age.hidden = false;
  dress(age, `age right-end ${ms < STALE_MS ? "fresh" : ms < LOST_MS ? "stale" : "lost"}`);
  say(age, ms < STALE_MS ? "live" : span(told / 1000));
}

// Stops

function drawStops() {
  stopsDue = false;
  const words = $("find").value.trim().toLowerCase();
  const [, , fits] = FILTERS.find(([name]) => name === filter);
  const all = [...state.stops.values()];
  const ours = all.filter((stop) => !state.chosen || stop.vehicle === state.chosen);
  for (const chip of $("chips").children) chip.setAttribute("aria-pressed", chip.dataset.filter === filter);
  const shown = ours.filter((stop) => fits(stop) && (!words || told(stop).includes(words))).sort(byTime);
  say($("stop-count"), all.length ? String(ours.length) : "");
  keep($("stops"), shown.slice(0, MOST_ROWS), (stop) => stop.id, buildStop, updateStop);
  const left = shown.length - MOST_ROWS;
  say($("more"), !all.length ? "No stops today. Import a spreadsheet to begin."
    : !shown.length ? "No stop fits." : left > 0 ? `and ${left} more: search or choose a vehicle` : "");
}

function told(stop) {
  return `${stop.id} ${stop.name ?? ""} ${stop.address ?? ""} ${stop.vehicle ?? ""}`.toLowerCase();
}

function byTime(a, b) {
  const rank = (stop) => stop.state === "current" ? 0 : stop.state === "pending" ? 1 : stop.closed_utc ? 2 : 3;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const left = a.closed_utc ?? a.eta_utc ?? a.window?.closes_utc ?? "";
  const right = b.closed_utc ?? b.eta_utc ?? b.window?.closes_utc ?? "";
  const order = left < right ? -1 : left > right ? 1 : a.id < b.id ? -1 : 1;
  return a.closed_utc ? -order : order;
}

function buildStop(stop) {
  const item = make("li");
  const row = make("button", "stop");
  row.type = "button";
  const pin = make("span", "pin");
  const title = make("span", "title");
  const when = make("span", "when");
  const under = make("span", "under");
  row.append(pin, title, when, under);
  row.onclick = () => showStop(stop.id);
  item.append(row);
  item.parts = { pin, title, when, under };
  return item;
}

function updateStop(item, stop) {
  const { pin, title, when, under } = item.parts;
  const { hue, open } = tone(stop);
  pin.style.setProperty("--hue", hue);
  dress(pin, open ? "pin open" : "pin");
  say(title, stop.name || stop.address || stop.id);
  const late = stop.late_s > LATE_S;
  dress(when, late ? "when late" : "when");
  say(when, clock(stop.closed_utc ?? stop.arrived_utc ?? stop.eta_utc) || windowWords(stop.window));
  const words = [stop.arrived_utc && !stop.closed_utc ? "Being served" : STOP_WORDS[stop.state]];
  if (stop.why) words.push(stop.why.replaceAll("_", " ").toLowerCase());
  if (late) words.push(`${span(stop.late_s)} late`);
  if (stop.vehicle && !state.chosen) words.push(stop.vehicle);
  if (stop.window && (stop.eta_utc || stop.closed_utc)) words.push(`promised ${windowWords(stop.window)}`);
  say(under, words.join(" · "));
}

// Alarms

function drawAlarms() {
  alarmsDue = false;
  const waiting = state.alarms.filter((alarm) => !alarm.seen_utc).length;
  say($("alarm-count"), state.alarms.length ? String(waiting || state.alarms.length) : "");
  dress($("alarm-count"), waiting ? "count alert" : "count");
  const items = state.alarms.length ? state.alarms : [null];
  keep($("alarms"), items, (alarm) => alarm?.id ?? "none", buildAlarm, updateAlarm);
}

function buildAlarm(alarm) {
  if (!alarm) return make("li", "empty", "All is well.");
  const item = make("li");
  const title = make("b");
  const text = make("p");
  const when = make("small");
  const seen = make("button", "", "Seen");
  seen.type = "button";
  seen.onclick = async () => {
    seen.disabled = true;
    if (!await ask("POST", `alarms/${alarm.id}`)) seen.disabled = false;
  };
  item.append(title, text, when, seen);
  item.parts = { title, text, when, seen };
  return item;
}

function updateAlarm(item, alarm) {
  if (!alarm) return;
  const { title, text, when, seen } = item.parts;
  dress(item, `alarm ${alarm.kind}${alarm.cleared_utc ? " over" : ""}`);
  say(title, `${ALARM_WORDS[alarm.kind] ?? alarm.kind}${alarm.vehicle ? ` · ${alarm.vehicle}` : ""}`);
  say(text, alarm.text);
  const over = alarm.cleared_utc ? `–${clock(alarm.cleared_utc)}` : "";
  say(when, `${clock(alarm.raised_utc)}${over}${alarm.seen_utc ? " · seen" : ""}`);
  seen.hidden = Boolean(alarm.seen_utc);
}
