// A signature drawn by finger: strokes in whole numbers, saved as a plain SVG path.

import { button, h } from "../dom.js";
import { say } from "../strings.js";

const WIDE = 640; // of the field the strokes are kept in, whatever the phone's size
const HIGH = 280;
const LEAST_STEP = 3;
const MOST_POINTS = 4000;

/** A field to sign in; `strokes` ([[[x, y], …], …]) is changed in place. */
export function signatureField(strokes, changed) {
  const canvas = h("canvas", { class: "sign", role: "img", width: WIDE, height: HIGH,
    "aria-label": say("at.signature.label") });
  const clear = button(say("at.signature.clear"), { class: "text", onclick: () => {
    strokes.length = 0;
    draw();
    changed();
  } }, "close");
  const root = h("div", { class: "signature" }, canvas, clear);
  let stroke = null;

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const inside = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    return [inside((event.clientX - box.left) / box.width * WIDE, WIDE),
      inside((event.clientY - box.top) / box.height * HIGH, HIGH)];
  }

  function draw() {
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, WIDE, HIGH);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 5;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    for (const points of strokes) {
      pen.beginPath();
      pen.moveTo(...points[0]);
      for (const point of points) pen.lineTo(...point);
      pen.stroke();
    }
    clear.hidden = strokes.length === 0;
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (stroke || strokes.flat().length > MOST_POINTS) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    stroke = [at(event)];
    strokes.push(stroke);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = at(part);
      const [lastX, lastY] = stroke[stroke.length - 1];
      if (Math.hypot(x - lastX, y - lastY) >= LEAST_STEP) stroke.push([x, y]);
    }
    draw();
  });
  const lift = () => { if (stroke) { stroke = null; changed(); } };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  setTimeout(draw); // its colour is known once it is in the page
  return { root, draw };
}

/** Write the strokes as the one form of SVG that the van takes. */
export function toSvg(strokes) {
  const path = strokes.map((points) => {
    const [first, ...rest] = points.length > 1 ? points : [points[0], points[0]];
    return `M${first.join(" ")}${rest.map((point) => `L${point.join(" ")}`).join("")}`;
  }).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDE} ${HIGH}"><path d="${path}"`
    + ' fill="none" stroke="#000" stroke-width="5" stroke-linecap="round"'
    + ' stroke-linejoin="round"/></svg>';
}
