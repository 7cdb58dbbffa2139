// Pieces that several screens show.

import { clock, h, icon } from "../dom.js";
import { say } from "../strings.js";

const NEEDS = [
  ["photo", "camera", (parcel) => parcel.requirements.photo],
  ["signature", "pen", (parcel) => parcel.requirements.signature],
  ["pin", "key", (parcel) => parcel.needs_pin],
  ["age", "id", (parcel) => parcel.requirements.minimum_age],
];

/** Return how many parcels need which proof: [[name, icon, count], …], none left out at 0. */
export function needed(parcels) {
  return NEEDS.map(([name, iconName, test]) => [name, iconName, parcels.filter(test).length])
    .filter(([, , count]) => count > 0);
}

export function needIcons(parcel) {
  return h("span", { class: "needs" }, needed([parcel]).map(([name, iconName]) =>
    h("span", { title: say(`needs.${name}`, 1) }, icon(iconName),
      h("span", { class: "unseen" }, say(`needs.${name}`, 1)))));
}

/** A parcel of the stop that the driver still has to deal with. */
export const isOpen = (parcel) => parcel.loaded && !parcel.attempted && !parcel.outcome;

/** A parcel that is still to be picked up at its stop. */
export const isAwaited = (parcel) => !parcel.loaded && !parcel.outcome;

/** Return the promised windows in the phone's own time zone. */
export function promised(stop) {
  if (!stop.windows?.length) return stop.window;
  return stop.windows.map((window) =>
    `${clock(window.opens_utc)}–${clock(window.closes_utc)}`).join(", ");
}

export function lateMinutes(stop) {
  return stop.late_s >= 60 ? Math.round(stop.late_s / 60) : 0;
}

export function lateBadge(stop) {
  const late = lateMinutes(stop);
  if (late) return h("span", { class: "badge bad" }, say("drive.late", late));
  return promised(stop) ? h("span", { class: "badge good" }, say("drive.onTime")) : null;
}

/** One line of a list of stops. */
export function stopRow(stop, number, changed = false) {
  return h("li", { class: changed ? "stop changed" : "stop" },
    h("span", { class: "number" }, String(number)),
    h("div", { class: "grow" },
      h("strong", {}, stop.name || stop.stop_id),
      h("span", { class: "soft" }, [stop.address, promised(stop)].filter(Boolean).join(" · "))),
    h("div", { class: "when" },
      stop.arrives_utc ? h("span", {}, clock(stop.arrives_utc)) : null,
      changed ? h("span", { class: "badge news" }, say("why.changed")) : null,
      ["pickup", "rendezvous"].includes(stop.kind)
        ? h("span", { class: "badge" }, say(`stop.${stop.kind}`)) : null,
      lateMinutes(stop) ? lateBadge(stop) : null));
}

/** A list of stops that opens on demand and is only built then. */
export function stopList(words, stops, first) {
  const list = h("ol", { class: "stops" });
  const details = h("details", { class: "card", ontoggle: () => {
    if (details.open && !list.children.length) {
      list.append(...stops.map((stop, index) => stopRow(stop, first + index)));
    }
  } }, h("summary", {}, words), list);
  return details;
}

/** A figure with its name below: "12:40 Arrival". */
export function figure(value, name, extra = null) {
  return h("div", { class: "figure" }, h("dd", {}, value), h("dt", {}, name, extra));
}
