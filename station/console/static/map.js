// The map: streets or tiles below, lines of routes, dots of stops, vans on top.

import { state, choose, nowMs, speed } from "./store.js";
import { moveTo, whereIs, forgetAll } from "./motion.js";
import { css, hueOf, clock, windowWords, count, span, LATE_S, OPEN_STATES, STOP_WORDS, PHASES } from "./words.js";

const LINES_EVERY_MS = 700;
const TAIL_POINTS = 400;
const LOST_MS = 30_000;
const MANY_STOPS = 400; // drawn smaller
const MANY_ROUTES = 12; // beyond, only the chosen one shows its way ahead

const SVG = "http://www.w3.org/2000/svg";

let map, streetLines, stopDots, lineCanvas, streetCanvas;
let fitted = false;
let linesDue = false;
let tilesUrl = null;
const dots = new Map();
const vans = new Map();
const lines = new Map();
const tails = new Map();
const numbers = L.layerGroup();
let depot = null;
let taker = null; // of a click, while somebody helps a robot
let goalDot = null;

export function makeMap(element) {
  map = L.map(element, { zoomControl: false, attributionControl: true, zoomSnap: 0.25, maxZoom: 19 });
  map.attributionControl.setPrefix(false);
  map.setView([48.1, 11.5], 12);
  for (const [name, z] of [["streets", 250], ["lines", 350], ["dots", 450]]) map.createPane(name).style.zIndex = z;
  map.getPane("streets").style.pointerEvents = "none";
  map.getPane("lines").style.pointerEvents = "none";
  streetCanvas = L.canvas({ pane: "streets", padding: 0.4 });
  lineCanvas = L.canvas({ pane: "lines", padding: 0.3 });
  stopDots = L.canvas({ pane: "dots", padding: 0.3, tolerance: 5 });
  L.control.zoom({ position: "topright" }).addTo(map);
  L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
  legend().addTo(map);
  numbers.addTo(map);
  map.on("click", ({ latlng }) => (taker ? taker(latlng.lat, latlng.lng) : choose(null)));
  map.on("zoomend", () => { drawNumbers(); if (state.stops.size >= MANY_STOPS) restyleDots(); });
  new ResizeObserver(() => map.invalidateSize()).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  loadStreets();
  setInterval(() => { if (linesDue) { linesDue = false; drawLines(); } }, LINES_EVERY_MS);
}

export function drawMap(kinds, keys) {
  if (kinds.has("whole")) clear();
  if (kinds.has("station") || kinds.has("whole")) drawStation();
  if (kinds.has("stops")) for (const id of keys.get("stops")) drawStop(state.stops.get(id));
  if (kinds.has("live") || kinds.has("vehicles")) {
    for (const name of keys.get("live") ?? state.vehicles.keys()) drawVan(name);
  }
  if (kinds.has("chosen")) { restyle(); showChosen(); }
  if (["routes", "trails", "live", "stops", "vehicles"].some((kind) => kinds.has(kind))) linesDue = true;
  if (kinds.has("whole") || kinds.has("chosen")) drawLines();
  if (kinds.has("routes") || kinds.has("chosen") || kinds.has("whole")) drawNumbers();
  if (!fitted && state.stops.size) fitted = fitAll();
}

// Give every click on the map to somebody; null: clicks choose again.
export function pick(wanted) {
  taker = wanted;
  map.getContainer().classList.toggle("picking", Boolean(wanted));
}

// Bring a place so near that a click means a metre.
export function closeUp(at) {
  map.setView(at, map.getMaxZoom(), { animate: false });
}

// Show where a robot is to go.
export function goal(at) {
  goalDot?.remove();
  goalDot = at && L.circleMarker(at, { radius: 9, color: css("--accent"), weight: 3, fill: false, interactive: false }).addTo(map);
}

export function showStop(id) {
  const stop = state.stops.get(id);
  if (!stop?.place) return;
  const at = latLng(stop.place);
  if (!map.getBounds().pad(-0.1).contains(at) || map.getZoom() < 13) map.flyTo(at, Math.max(map.getZoom(), 15), { duration: 0.6 });
  L.popup({ offset: [0, -4] }).setLatLng(at).setContent(stopCard(stop)).openOn(map);
}

function clear() {
  for (const group of [dots, vans]) {
    for (const layer of group.values()) layer.remove();
    group.clear();
  }
  for (const pair of lines.values()) { pair.ahead.remove(); pair.driven.remove(); }
  lines.clear();
  tails.clear();
  forgetAll();
}

// Leaflet takes a string for HTML; names come from other people's spreadsheets.
function plain(text) {
  const words = document.createElement("span");
  words.textContent = text;
  return words;
}

function latLng(place) {
  return [place.lat_deg, place.lon_deg];
}

function fitAll() {
  const points = [...state.stops.values()].filter((stop) => stop.place).map((stop) => latLng(stop.place));
  if (state.station) points.push(latLng(state.station.place));
  if (points.length < 2) return false;
  map.fitBounds(points, { padding: [34, 34], animate: false });
  return true;
}

function drawStation() {
  const { place, name, tiles, tiles_credit: credit } = state.station;
  if (tiles && tiles !== tilesUrl) {
    tilesUrl = tiles;
    const words = document.createElement("span");
    words.textContent = credit ?? "";
    L.tileLayer(tiles, { maxZoom: 19, attribution: words.innerHTML }).addTo(map);
  }
  if (!depot) {
    depot = L.marker(latLng(place), { icon: L.divIcon({ className: "depot", html: depotShape(), iconSize: [30, 30] }), zIndexOffset: -200, keyboard: false });
    depot.bindTooltip(() => plain(state.station.name), { direction: "top", offset: [0, -12] }).addTo(map);
    if (!fitted) map.setView(latLng(place), 12);
  }
  depot.setLatLng(latLng(place));
  depot.options.title = name;
}

function shape(markup) {
  const holder = document.createElementNS(SVG, "svg");
  holder.setAttribute("viewBox", "-20 -20 40 40");
  for (const [tag, attributes] of markup) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    holder.append(element);
  }
  return holder;
}

function depotShape() {
  return shape([
    ["path", { class: "house", d: "M-16 15 V-3 L0 -15 L16 -3 V15 Z" }],
    ["rect", { class: "door", x: -7, y: 2, width: 14, height: 13, rx: 1.5 }],
  ]);
}

function vanShape() {
  const whole = shape([
    ["circle", { class: "ring", r: 19 }],
    ["g", { class: "turning" }],
  ]);
  const turning = whole.querySelector(".turning");
  const parts = shape([
    ["path", { class: "body", d: "M0 -15 C6.5 -11 9 -5 9 1 V9.5 A4 4 0 0 1 5 13.5 H-5 A4 4 0 0 1 -9 9.5 V1 C-9 -5 -6.5 -11 0 -15 Z" }],
    ["path", { class: "nose", d: "M-4.6 -3.6 Q0 -7.6 4.6 -3.6 L3.7 0 H-3.7 Z" }],
  ]);
  turning.append(...parts.children);
  return whole;
}

// Stops

function tone(stop) {
  const vehicle = state.vehicles.get(stop.vehicle);
  const hue = vehicle ? hueOf(vehicle.number) : css("--pending");
  const late = OPEN_STATES.has(stop.state) && stop.late_s > LATE_S;
  switch (stop.state) {
    case "delivered": return { hue: css("--good"), open: false };
    case "partly": return { hue: css("--warn"), open: false };
    case "failed": case "dropped": return { hue: css("--bad"), open: stop.state === "dropped" };
    case "blocked": return { hue: css("--bad"), open: true };
    case "cancelled": return { hue: css("--line"), open: true };
    case "unassigned": return { hue: css("--pending"), open: true };
    default: return { hue: late ? css("--warn") : hue, open: stop.state === "pending" && !late };
  }
}

export { tone };

function radius() {
  const zoom = map.getZoom();
  return state.stops.size < MANY_STOPS || zoom > 15.5 ? 5.2 : zoom > 14.4 ? 4.2 : 3.2;
}

function dotStyle(stop) {
  const { hue, open } = tone(stop);
  const faded = state.chosen && stop.vehicle !== state.chosen;
  const current = stop.state === "current";
  return {
    radius: current ? 1.6 * radius() : radius(),
    color: open ? hue : css("--card"),
    weight: open ? 0.42 * radius() : current ? 3 : 1.4,
    fillColor: open ? css("--card") : hue,
    fillOpacity: faded ? 0.3 : 1,
    opacity: faded ? 0.3 : 1,
  };
}

function drawStop(stop) {
  if (!stop.place) return;
  let dot = dots.get(stop.id);
  if (!dot) {
    dot = L.circleMarker(latLng(stop.place), { renderer: stopDots, ...dotStyle(stop), bubblingMouseEvents: false });
    dot.bindTooltip(() => plain(state.stops.get(stop.id)?.name || stop.id), { direction: "top", offset: [0, -6] });
    dot.on("click", () => showStop(stop.id));
    dot.addTo(map);
    dots.set(stop.id, dot);
    return;
  }
  const style = dotStyle(stop);
  dot.setStyle(style).setRadius(style.radius);
}

function stopCard(stop) {
  const card = document.createElement("div");
  const title = document.createElement("h3");
  title.textContent = stop.name || stop.id;
  card.append(title);
  const late = stop.late_s > LATE_S ? `, ${span(stop.late_s)} late` : "";
  const told = [
    [stop.address],
    [STOP_WORDS[stop.state], stop.why && ` · ${stop.why.replaceAll("_", " ").toLowerCase()}`],
    stop.closed_utc ? ["Closed", ` at ${clock(stop.closed_utc)}${late}`]
      : stop.arrived_utc ? ["Here", ` since ${clock(stop.arrived_utc)}`]
      : stop.eta_utc ? ["Expected", ` at ${clock(stop.eta_utc)}${late}`] : [],
    stop.window ? ["Promised", ` ${windowWords(stop.window)}`] : [],
    [count(stop.parcels ?? 0, "parcel"), stop.vehicle && ` · ${stop.vehicle}`],
  ];
  for (const [strong, rest] of told) {
    if (!strong) continue;
    const line = document.createElement("p");
    const bold = document.createElement("b");
    bold.textContent = strong;
    line.append(bold, rest || "");
    card.append(line);
  }
  return card;
}

// Vans

function drawVan(name) {
  const live = state.live.get(name);
  const vehicle = state.vehicles.get(name);
  if (!live?.place || !vehicle) return;
  const { lat_deg: lat, lon_deg: lon } = live.place;
  let marker = vans.get(name);
  if (!marker) {
    marker = L.marker([lat, lon], {
      icon: L.divIcon({ className: "van", html: vanShape(), iconSize: [34, 34] }),
      title: "", alt: name, riseOnHover: true,
    });
    marker.bindTooltip(() => plain(`${name} · ${PHASES[state.vehicles.get(name)?.phase] ?? ""}`), { direction: "top", offset: [0, -14] });
    marker.on("click", () => choose(name));
    marker.addTo(map);
    const element = marker.getElement();
    element.dataset.vehicle = name;
    element.style.setProperty("--hue", hueOf(vehicle.number));
    element.setAttribute("aria-label", name);
    vans.set(name, marker);
  }
  const speeding = (live.speed_mps ?? 0) > 0.5;
  moveTo(name, marker, lat, lon, speeding ? live.heading_deg ?? null : undefined);
  const lost = live.state === "offline" || (nowMs() - Date.parse(live.utc)) / Math.max(1, speed()) > LOST_MS;
  marker.getElement()?.classList.toggle("lost", lost);
  const tail = tails.get(name) ?? [];
  tail.push([Date.parse(live.utc), lat, lon]);
  if (tail.length > TAIL_POINTS) tail.splice(0, tail.length - TAIL_POINTS);
  tails.set(name, tail);
}

// Lines

function drawLines() {
  for (const route of state.routes.values()) {
    const vehicle = state.vehicles.get(route.vehicle);
    if (!vehicle) continue;
    let pair = lines.get(route.vehicle);
    if (!pair) {
      const options = { renderer: lineCanvas, interactive: false, lineJoin: "round", lineCap: "round" };
      pair = { driven: L.polyline([], options).addTo(map), ahead: L.polyline([], options).addTo(map) };
      lines.set(route.vehicle, pair);
    }
    const color = hueOf(vehicle.number);
    const faded = state.chosen && state.chosen !== route.vehicle;
    const chosen = state.chosen === route.vehicle;
    pair.driven.setStyle({ color, weight: chosen ? 5 : 3.5, opacity: faded ? 0.12 : 0.85 });
    pair.ahead.setStyle({ color, weight: chosen ? 2.5 : 1.8, opacity: faded ? 0.1 : chosen ? 0.9 : 0.5, dashArray: "2 6" });
    pair.driven.setLatLngs(drivenBy(route.vehicle));
    pair.ahead.setLatLngs(chosen || state.routes.size <= MANY_ROUTES ? aheadOf(route) : []);
  }
}

function drivenBy(vehicle) {
  const trail = state.trails.get(vehicle) ?? [];
  const until = trail.length ? trail[trail.length - 1][0] : 0;
  const points = trail.map(([, lat, lon]) => [lat, lon]);
  for (const [at, lat, lon] of tails.get(vehicle) ?? []) if (at > until) points.push([lat, lon]);
  return points;
}

function aheadOf(route) {
  const vehicle = state.vehicles.get(route.vehicle);
  if (vehicle.phase === "closed" || vehicle.phase === "debriefing") return [];
  const start = whereIs(route.vehicle) ?? latLng(state.station.place);
  const points = [start];
  for (const id of route.order) {
    const place = state.stops.get(id)?.place;
    if (place) points.push(latLng(place));
  }
  points.push(latLng(state.station.place));
  return points;
}

function drawNumbers() {
  numbers.clearLayers();
  const vehicle = state.chosen && state.vehicles.get(state.chosen);
  if (!vehicle || map.getZoom() < 12.5) return;
  const order = state.routes.get(vehicle.route)?.order ?? [];
  for (const [index, id] of order.slice(0, 60).entries()) {
    const place = state.stops.get(id)?.place;
    if (!place) continue;
    L.tooltip({ permanent: true, direction: "right", offset: [5, 0], className: "number" })
      .setLatLng(latLng(place)).setContent(String(index + 1)).addTo(numbers);
  }
}

function showChosen() {
  for (const [name, marker] of vans) marker.getElement()?.classList.toggle("chosen", name === state.chosen);
  const vehicle = state.chosen && state.vehicles.get(state.chosen);
  if (!vehicle) return;
  const route = state.routes.get(vehicle.route);
  const points = route ? aheadOf(route) : [];
  const here = whereIs(vehicle.name);
  if (here) points.push(here);
  if (points.length > 1) map.flyToBounds(L.latLngBounds(points), { padding: [60, 60], duration: 0.7, maxZoom: 16 });
  else if (here) map.flyTo(here, 15, { duration: 0.7 });
}

function restyleDots() {
  for (const stop of state.stops.values()) {
    const style = dotStyle(stop);
    dots.get(stop.id)?.setStyle(style).setRadius(style.radius);
  }
}

function restyle() {
  restyleDots();
  styleStreets();
  linesDue = true;
}

// Below everything

async function loadStreets() {
  const answer = await fetch("/streets.geojson").catch(() => null);
  if (!answer?.ok) return;
  const geometry = await answer.json();
  const layer = () => L.geoJSON(geometry, { renderer: streetCanvas, interactive: false });
  streetLines = { edge: layer().addTo(map), surface: layer().addTo(map) };
  styleStreets();
  map.on("zoomend", styleStreets);
}

function styleStreets() {
  if (!streetLines) return;
  const scale = 2 ** (map.getZoom() - 14);
  const width = (feature) => Math.max(1, (feature.properties?.width ?? 5) * Math.min(2.4, Math.max(0.35, scale)));
  streetLines.edge.setStyle((feature) => ({ color: css("--street-edge"), weight: width(feature) + 1.6, opacity: 1 }));
  streetLines.surface.setStyle((feature) => ({ color: css("--street"), weight: width(feature), opacity: 1 }));
}

function legend() {
  const control = L.control({ position: "bottomleft" });
  control.onAdd = () => {
    const box = L.DomUtil.create("div", "legend");
    for (const [text, hue, open] of [["To come", "var(--accent)", true], ["Now", "var(--accent)", false],
      ["Delivered", "var(--good)", false], ["Not delivered", "var(--bad)", false], ["Late", "var(--warn)", false]]) {
      const row = document.createElement("span");
      const dot = document.createElement("i");
      dot.style.setProperty("--hue", hue);
      dot.classList.toggle("open", open);
      row.append(dot, text);
      box.append(row);
    }
    return box;
  };
  return control;
}
