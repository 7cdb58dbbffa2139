// A map without tiles: the way, the stops, the van, a scale; north is up.

import { distance } from "../dom.js";
import { say } from "../strings.js";

const M_PER_DEG = 111_320;
const PAD_PX = { side: 32, top: 28, bottom: 62 }; // the scale and the button stay clear
const LEAST_SPAN_M = 120; // closer is no help
const STEPS_M = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];

/** Draw the day as `view` has it: the present leg, or the whole route. */
export function drawMap(canvas, view, { whole, name }) {
  const box = canvas.getBoundingClientRect();
  if (!box.width) return;
  const ratio = devicePixelRatio || 1;
  const [wide, high] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  canvas.setAttribute("aria-label",
    say("map.label", { name, distance: distance(view.distance_m) }));
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  const colours = palette(canvas);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, box.width, box.height);

  const here = view.position?.place ?? null;
  const goal = view.stop?.place ?? (whole ? null : view.station);
  const known = view.leg.length > 2; // two points are a straight line, not a way
  const way = known ? view.leg : [here, goal].filter(Boolean);
  const later = view.stops.filter((stop) => stop.stop_id !== view.stop?.stop_id);
  const framed = whole
    ? [...view.stops.map((stop) => stop.place), view.station, here].filter(Boolean)
    : [...way, goal, here].filter(Boolean);
  if (framed.length === 0) {
    label(pen, say("map.none"), box.width / 2, box.height / 2, colours);
    return;
  }
  const frame = fit(framed, box);
  grid(pen, frame, box, colours);
  if (whole) line(pen, frame, view.stops.map((stop) => stop.place), colours.faint, 2, [2, 6]);
  if (way.length > 1) {
    line(pen, frame, way, colours.edge, 9);
    line(pen, frame, way, colours.way, 5, known ? [] : [2, 11]);
  }
  if (view.station) square(pen, frame(view.station), colours);
  const first = view.closed.length + (view.stop ? 2 : 1);
  later.map((stop, index) => [stop, index]).reverse().forEach(([stop, index]) =>
    numbered(pen, frame(stop.place), first + index, 10, colours.later, colours));
  if (view.stop) numbered(pen, frame(view.stop.place), view.closed.length + 1, 16, colours.way, colours);
  if (here) van(pen, frame(here), view.position, frame.pxPerM, colours);
  scale(pen, frame.pxPerM, box, colours);
}

function palette(canvas) {
  const style = getComputedStyle(canvas);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ground: read("map"), grid: read("map-grid"), edge: read("map-edge"),
    way: read("map-way"), later: read("map-later"), faint: read("soft"), ink: read("ink"),
    paper: read("card"), van: read("map-van") };
}

/** Return place → [x, y] in pixels, so that all places lie inside the box. */
function fit(places, box) {
  const lats = places.map((place) => place.lat_deg);
  const lons = places.map((place) => place.lon_deg);
  const midLat = (Math.min(...lats) + Math.max(...lats)) / 2;
  const midLon = (Math.min(...lons) + Math.max(...lons)) / 2;
  const east = M_PER_DEG * Math.cos(midLat * Math.PI / 180);
  const high = Math.max((Math.max(...lats) - Math.min(...lats)) * M_PER_DEG, LEAST_SPAN_M);
  const wide = Math.max((Math.max(...lons) - Math.min(...lons)) * east, LEAST_SPAN_M);
  const inner = box.height - PAD_PX.top - PAD_PX.bottom;
  const pxPerM = Math.min((box.width - 2 * PAD_PX.side) / wide, inner / high);
  const frame = (place) => [
    box.width / 2 + (place.lon_deg - midLon) * east * pxPerM,
    PAD_PX.top + inner / 2 - (place.lat_deg - midLat) * M_PER_DEG * pxPerM];
  frame.pxPerM = pxPerM;
  return frame;
}

function stepOf(pxPerM) {
  return STEPS_M.find((metres) => metres * pxPerM >= 48) ?? STEPS_M[STEPS_M.length - 1];
}

function grid(pen, frame, box, colours) {
  const step = stepOf(frame.pxPerM) * frame.pxPerM;
  pen.strokeStyle = colours.grid;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let x = (box.width / 2) % step; x < box.width; x += step) {
    pen.moveTo(x, 0); pen.lineTo(x, box.height);
  }
  for (let y = (box.height / 2) % step; y < box.height; y += step) {
    pen.moveTo(0, y); pen.lineTo(box.width, y);
  }
  pen.stroke();
}

function line(pen, frame, places, colour, width, dash = []) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.setLineDash(dash);
  pen.beginPath();
  places.forEach((place, index) => pen[index ? "lineTo" : "moveTo"](...frame(place)));
  pen.stroke();
  pen.setLineDash([]);
}

function disc(pen, [x, y], radius, fillColour, edge, width) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = fillColour;
  pen.fill();
  if (width) {
    pen.strokeStyle = edge;
    pen.lineWidth = width;
    pen.stroke();
  }
}

function numbered(pen, at, number, radius, colour, colours) {
  disc(pen, at, radius, colour, colours.paper, 2.5);
  pen.font = `700 ${radius > 12 ? 15 : 11}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = colours.paper;
  pen.fillText(String(number), at[0], at[1] + 0.5);
}

function square(pen, [x, y], colours) {
  pen.fillStyle = colours.ink;
  pen.strokeStyle = colours.paper;
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.moveTo(x - 10, y + 9); pen.lineTo(x - 10, y - 2); pen.lineTo(x, y - 11);
  pen.lineTo(x + 10, y - 2); pen.lineTo(x + 10, y + 9);
  pen.closePath();
  pen.stroke();
  pen.fill();
}

function van(pen, at, position, pxPerM, colours) {
  const reach = (position.accuracy_m ?? 0) * pxPerM;
  if (reach > 14) {
    pen.globalAlpha = 0.18;
    disc(pen, at, Math.min(reach, 600), colours.van);
    pen.globalAlpha = 1;
  }
  if (position.heading_deg === null || (position.speed_mps ?? 0) < 0.5) {
    disc(pen, at, 9, position.doubtful ? colours.paper : colours.van, colours.paper, 3);
    return;
  }
  pen.save();
  pen.translate(...at);
  pen.rotate(position.heading_deg * Math.PI / 180);
  pen.beginPath();
  pen.moveTo(0, -15); pen.lineTo(11, 12); pen.lineTo(0, 6); pen.lineTo(-11, 12);
  pen.closePath();
  pen.lineJoin = "round";
  pen.strokeStyle = colours.paper;
  pen.lineWidth = 5;
  pen.stroke();
  pen.fillStyle = colours.van;
  pen.fill();
  pen.restore();
}

function label(pen, words, x, y, colours) {
  pen.font = "600 16px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.fillStyle = colours.faint;
  pen.fillText(words, x, y);
}

function scale(pen, pxPerM, box, colours) {
  const metres = stepOf(pxPerM);
  const [x, y, length] = [14, box.height - 14, metres * pxPerM];
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x, y - 5); pen.lineTo(x, y); pen.lineTo(x + length, y); pen.lineTo(x + length, y - 5);
  pen.stroke();
  pen.font = "600 12px system-ui, sans-serif";
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillStyle = colours.ink;
  pen.fillText(metres < 1000 ? `${metres} m` : `${metres / 1000} km`, x, y - 8);
}
