// A person helps a robot: it moves only while the button is held, and the map says where to.

import { state } from "../store.js";
import { make, say } from "../dom.js";
import { ask } from "../actions.js";
import { closeUp, goal, pick } from "../map.js";

const SAY_MS = 400; // the station counts the button as held for a second
const $ = (id) => document.getElementById(id);
let session = null;
let vehicle = null;
let place = null; // where it is to go, said with every word while the button is held
let held = false;
let near = false; // the map shows where it is
let busy = false;

export function makePanel() {
  $("help-begin").onclick = begin;
  $("help-stand").onclick = () => { place = null; goal(null); tell("stand"); };
  $("help-back").onclick = () => { release(); tell("back"); };
  const button = $("help-hold");
  button.onpointerdown = (event) => { button.setPointerCapture(event.pointerId); hold(); };
  for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(name, release);
  button.onkeydown = (event) => { if (event.key === " " || event.key === "Enter") { event.preventDefault(); hold(); } };
  button.onkeyup = release;
  button.oncontextmenu = (event) => event.preventDefault();
  document.addEventListener("visibilitychange", () => { if (document.hidden) release(); });
  addEventListener("blur", release);
  setInterval(() => { if (session) tell(); }, SAY_MS);
}

export function drawPanel(kinds) {
  if (!kinds.has("chosen") && !kinds.has("whole") && !kinds.has("vehicles")) return;
  const chosen = state.vehicles.get(state.chosen);
  const robot = chosen?.kind === "robot";
  $("help").hidden = !robot && !session;
  if (!session && robot) { vehicle = chosen.name; say($("help-title"), `Help ${vehicle}`); }
}

async function begin() {
  const operator = $("help-operator").value.trim();
  if (!operator) { $("help-operator").focus(); return; }
  const told = await ask("POST", "help/begin", JSON.stringify({ vehicle, operator }));
  if (!told) return;
  session = told.session;
  near = false;
  place = null;
  $("help-steer").hidden = false;
  $("help-ask").hidden = true;
  pick((lat, lon) => { place = { lat_deg: lat, lon_deg: lon }; goal([lat, lon]); });
  $("help-hold").focus();
  show(told);
}

function hold() {
  if (held || !session) return;
  held = true;
  $("help-hold").classList.add("held");
  tell("go");
}

function release() {
  if (!held) return;
  held = false;
  $("help-hold").classList.remove("held");
  tell("stand");
}

async function tell(wish = "") {
  if (!session || (busy && !wish)) return;
  busy = true;
  const word = { session, here: !document.hidden, wish: wish === "go" ? "" : wish };
  if (held && place && (!wish || wish === "go")) Object.assign(word, { goal: place, speed_mps: Number($("help-speed").value) });
  const told = await ask("POST", "help/say", JSON.stringify(word));
  busy = false;
  if (told && told.session === session) show(told);
  else if (!told) place = null;
}

function show(told) {
  if (told.place && !near) { near = true; closeUp([told.place.lat_deg, told.place.lon_deg]); }
  const moves = told.speed_mps > 0.05 ? `, ${told.speed_mps.toFixed(1)} m/s` : "";
  const words = {
    knocking: "Asking whether it is there", asking: "Taking over", "giving back": "Giving it back",
    helping: `${told.phase.replaceAll("_", " ")}${moves}, ${Math.round(told.left_s)} s left`,
    over: `Over: ${told.why}`,
  };
  say($("help-state"), words[told.state] ?? told.state);
  say($("help-refused"), told.refused && told.state === "helping" ? `It does not go there: ${told.refused}`
    : held && !place ? "Click on the map first: where is it to go?" : "");
  if (told.refused && told.state === "helping") { place = null; goal(null); }
  if (told.state !== "over") return;
  session = null;
  held = false;
  pick(null);
  goal(null);
  $("help-hold").classList.remove("held");
  $("help-steer").hidden = true;
  $("help-ask").hidden = false;
}
