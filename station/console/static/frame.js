// The header: who, when, the books of the day, the link, the speed of a clock that is not real.

import { state, nowMs } from "./store.js";
import { ask } from "./actions.js";
import { make, say, dress, keep } from "./dom.js";
import { BOOK_WORDS, clockWithSeconds, dayWords, setZone } from "./words.js";

const FASTEST = 600; // of the slider
const $ = (id) => document.getElementById(id);

let linked = false;
let before = 60; // speed to go on with after a pause
let sliding = false;
let sending = 0;

export function makeFrame() {
  setInterval(tick, 250);
  $("speed-range").oninput = () => { sliding = true; change(speedOf(Number($("speed-range").value))); };
  $("speed-range").onchange = () => { sliding = false; };
  $("pause").onclick = () => change(state.station.speed > 0 ? 0 : before);
}

export function showLink(up) {
  linked = up;
  drawLink();
}

export function drawFrame(kinds) {
  if (kinds.has("station") || kinds.has("whole")) {
    const { name, day, timezone, speed } = state.station;
    setZone(timezone);
    say($("station"), name);
    say($("day"), dayWords(day));
    document.title = `${name} · doorstep`;
    drawSpeed(speed);
    drawLink();
  }
  if (kinds.has("books") || kinds.has("whole")) drawBooks();
  markNext();
}

function tick() {
  if (!state.station) return;
  const now = clockWithSeconds(nowMs());
  const fast = (state.station.speed ?? 1) > 20;
  say($("clock"), fast ? now.slice(0, 5) : now);
}

function drawLink() {
  const broker = state.station?.connected;
  dress($("link"), `link ${!linked ? "off" : broker ? "on" : "half"}`);
  say($("link-text"), !linked ? "station not reached" : broker ? "connected" : "no broker");
}

function drawBooks() {
  const books = state.books ?? {};
  const total = Math.max(1, books.expected ?? 0);
  const parts = Object.keys(BOOK_WORDS).map((name) => [name, books[name] ?? 0]);
  keep($("books-bar"), parts, ([name]) => name, ([name]) => make("i", `tone-${name}`),
    (element, [, number]) => { element.style.width = `${100 * number / total}%`; });
  const told = parts.filter(([name, number]) => number || name === "delivered" || name === "on_board");
  keep($("books"), books.expected ? told : [], ([name]) => name, ([name]) => {
    const group = make("div", `tone-${name}`);
    group.append(make("dt", "", BOOK_WORDS[name]), make("dd"));
    return group;
  }, (group, [, number]) => say(group.lastChild, number.toLocaleString("en")));
  $("books-bar").setAttribute("aria-label", books.expected
    ? `${books.expected} parcels: ${parts.map(([name, number]) => `${number} ${BOOK_WORDS[name]}`).join(", ")}`
    : "no parcels yet");
}

// Which step of the day comes next is the button that stands out.
function markNext() {
  let loose = false;
  for (const stop of state.stops.values()) if (stop.state === "unassigned") { loose = true; break; }
  const draft = [...state.routes.values()].some((route) => route.state === "draft");
  const next = draft ? "dispatch" : loose ? "assign" : state.stops.size ? "" : "import";
  for (const name of ["import", "assign", "dispatch"]) $(name).classList.toggle("next", name === next);
}

// Speed: the slider is logarithmic, from real time to FASTEST.

function speedOf(position) {
  const speed = FASTEST ** (position / 100);
  return speed < 10 ? Math.round(speed) : speed < 100 ? Math.round(speed / 5) * 5 : Math.round(speed / 10) * 10;
}

function drawSpeed(speed) {
  $("speed").hidden = speed === undefined;
  if (speed === undefined) return;
  if (speed > 0) before = speed;
  say($("speed-value"), speed > 0 ? `${speed < 10 ? speed : Math.round(speed)} ×` : "paused");
  say($("pause"), speed > 0 ? "❚❚" : "▶");
  $("pause").setAttribute("aria-label", speed > 0 ? "Pause" : "Go on");
  if (!sliding && speed > 0) $("speed-range").value = 100 * Math.log(Math.max(1, speed)) / Math.log(FASTEST);
}

async function change(speed) {
  say($("speed-value"), speed > 0 ? `${speed} ×` : "paused");
  const mine = ++sending;
  await new Promise((resolve) => setTimeout(resolve, 60)); // a slider says a lot
  if (mine === sending) await ask("POST", "speed", JSON.stringify({ speed }));
}
