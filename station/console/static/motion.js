// Vans that glide: between two positions they are drawn where they most likely are.

const SHORTEST_MS = 200;
const LONGEST_MS = 2500;
const JUMP_DEG = 0.05; // farther than this a van is moved, not driven

const vans = new Map();
let running = false;

// `heading` null: where it drives to; undefined: it stands, and does not turn.
export function moveTo(name, marker, lat, lon, heading) {
  const now = performance.now();
  let van = vans.get(name);
  if (!van) {
    van = { marker, lat, lon, heading: heading ?? 0, gap: 1000, last: now };
    vans.set(name, van);
    place(van, lat, lon, van.heading);
    return;
  }
  const elapsed = now - van.last;
  van.last = now;
  van.gap = 0.6 * van.gap + 0.4 * Math.min(Math.max(elapsed, SHORTEST_MS), LONGEST_MS);
  const far = Math.abs(lat - van.lat) + Math.abs(lon - van.lon) > JUMP_DEG;
  if (far || document.hidden) { van.go = null; place(van, lat, lon, heading ?? van.heading); return; }
  const turn = heading === undefined ? van.heading
    : heading ?? bearing(van.lat, van.lon, lat, lon) ?? van.heading;
  van.go = {
    lat: van.lat, lon: van.lon, heading: van.heading, toLat: lat, toLon: lon,
    turn: shortestTurn(van.heading, turn), at: now, span: van.gap * 1.15,
  };
  if (!running) { running = true; requestAnimationFrame(step); }
}

export function whereIs(name) {
  const van = vans.get(name);
  return van ? [van.lat, van.lon] : null;
}

export function forgetAll() {
  vans.clear();
}

function step(now) {
  running = false;
  for (const van of vans.values()) {
    if (!van.go) continue;
    const { lat, lon, heading, toLat, toLon, turn, at, span } = van.go;
    const part = Math.min(1, (now - at) / span);
    place(van, lat + (toLat - lat) * part, lon + (toLon - lon) * part,
      heading + turn * Math.min(1, part * 3));
    if (part === 1) van.go = null; else running = true;
  }
  if (running) requestAnimationFrame(step);
}

function place(van, lat, lon, heading) {
  van.lat = lat;
  van.lon = lon;
  van.heading = heading;
  van.marker.setLatLng([lat, lon]);
  const turning = van.marker.getElement()?.querySelector(".turning");
  if (turning) turning.style.transform = `rotate(${heading}deg)`;
}

function shortestTurn(from, to) {
  return ((to - from) % 360 + 540) % 360 - 180;
}

function bearing(lat, lon, toLat, toLon) {
  const north = toLat - lat;
  const east = (toLon - lon) * Math.cos(lat * Math.PI / 180);
  return Math.hypot(north, east) < 1e-5 ? null : Math.atan2(east, north) * 180 / Math.PI;
}
