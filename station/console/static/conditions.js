// Traffic, weather and zones: which layers hold, who has them; files in, layers taken back.

import { ask, toast } from "./actions.js";
import { keep, make, say } from "./dom.js";
import { showStop } from "./map.js";
import { nowMs, state } from "./store.js";
import { clock, count, dayWords } from "./words.js";

const LOOK_EVERY_MS = 3000; // while the list is open
const DAY_MS = 86_400_000;
const CLEARED = "cleared"; // the kind of a layer that was taken back, until every vehicle knows
const TONES = { acknowledged: "good", refused: "bad", waiting: "warn", "not sent": "warn" };

const $ = (id) => document.getElementById(id);

export function makeConditions() {
  $("layer-file").onclick = () => $("layer-chosen").click();
  $("layer-chosen").onchange = () => importLayers([...$("layer-chosen").files]);
  $("tab-conditions").addEventListener("click", look);
  setInterval(() => { if (!$("panel-conditions").hidden) look(); }, LOOK_EVERY_MS);
  look();
}

async function look() {
  try {
    const answer = await fetch("/api/conditions");
    if (answer.ok) drawLayers((await answer.json()).layers);
  } catch {
    // The header says that the station cannot be reached.
  }
}

async function importLayers(files) {
  $("layer-file").disabled = true;
  const hours = Number($("layer-hours").value);
  const name = $("layer-name").value.trim();
  for (const file of files) {
    const query = new URLSearchParams({ file: file.name });
    if (name) query.set("name", name);
    if (hours > 0) query.set("expires_in_s", String(hours * 3600));
    const told = await ask("POST", `conditions?${query}`, file);
    if (!told) continue;
    toast(`${told.name}: ${inWords(told.counts)}; on the way to ${count(told.told.length, "vehicle")}`);
    for (const note of told.notes) toast(note);
  }
  $("layer-chosen").value = "";
  $("layer-file").disabled = false;
  look();
}

function inWords(counts) {
  return Object.entries(counts).map(([what, number]) => `${number} ${what}`).join(", ") || "nothing";
}

function drawLayers(layers) {
  say($("condition-count"), layers.length ? String(layers.length) : "");
  keep($("layers"), layers.length ? layers : [null], (layer) => layer?.name ?? "none", buildLayer, updateLayer);
}

function buildLayer(layer) {
  if (!layer) return make("li", "empty", "No traffic, weather or zones are known.");
  const item = make("li", "layer");
  const source = make("small");
  const holds = make("p");
  const who = make("p", "who");
  const clear = make("button", "", "Clear");
  clear.type = "button";
  clear.title = `Take ${layer.name} back from every vehicle`;
  clear.onclick = async () => {
    clear.disabled = true;
    const left = await ask("POST", "clear_conditions", JSON.stringify({ name: layer.name }));
    clear.disabled = false;
    if (left) drawLayers(left.layers);
  };
  item.append(make("b", "", layer.name), holds, source, who, clear);
  item.parts = { source, holds, who, clear };
  return item;
}

function updateLayer(item, layer) {
  if (!layer) return;
  const { source, holds, who, clear } = item.parts;
  clear.hidden = layer.kind === CLEARED;
  say(holds, clear.hidden ? "Taken back" : `${inWords(layer.counts)} · until ${until(layer.expires_utc)}`);
  say(source, [layer.file, layer.kind, `version ${layer.version}`].filter(Boolean).join(" · "));
  const tags = layer.vehicles.map((one) => [TONES[one.state], `${one.vehicle} ${one.state}`, one.why ?? ""]);
  keep(who, tags, (tag) => tag.join(), buildTag, () => {});
}

function buildTag([tone, words, why]) {
  const tag = make("span", `tag ${tone}`, words);
  tag.title = why;
  return tag;
}

function until(instant) {
  const today = Date.parse(instant) - nowMs() < DAY_MS;
  return today ? clock(instant) : `${dayWords(instant.slice(0, 10))}, ${clock(instant)}`;
}

// Stops that nobody drives to: in a zone, or without a way.

export function drawLeftOut(kinds) {
  if (!kinds.has("stops") && !kinds.has("whole")) return;
  const left = [...state.stops.values()].filter((stop) => stop.state === "dropped");
  $("left-out-head").hidden = !left.length;
  keep($("left-out"), left, (stop) => stop.id, buildLeftOut, updateLeftOut);
}

function buildLeftOut(stop) {
  const item = make("li");
  const button = make("button", "left-out");
  button.type = "button";
  const title = make("b");
  const why = make("span");
  button.append(title, why);
  button.onclick = () => showStop(stop.id);
  item.append(button);
  item.parts = { title, why };
  return item;
}

function updateLeftOut(item, stop) {
  const { title, why } = item.parts;
  say(title, `${stop.name || stop.address || stop.id}${stop.vehicle ? ` · ${stop.vehicle}` : ""}`);
  say(why, stop.why ?? "");
}
