// The driver's break: where it is planned, begun and ended by the driver.

import { button, clock, h, icon } from "../dom.js";
import { say } from "../strings.js";

const minutes = (rest) => Math.round(rest.lasts_s / 60);

/** The break as a card with its button; none left: nothing. */
export function restCard(page, view) {
  const rest = view.rest;
  if (!rest) return [];
  const waits = page.outbox.waits((action) =>
    ["start_break", "end_break"].includes(action.action)) !== null;
  const act = rest.since_utc ? "end_break" : "start_break";
  const words = rest.since_utc
    ? say("rest.since", { min: minutes(rest), since: clock(rest.since_utc) }) : planned(rest);
  const go = button(say(waits ? "at.sending" : rest.since_utc ? "rest.end" : "rest.start"),
    { class: "aside", disabled: waits, onclick: () => page.act(act) });
  return [h("section", { class: "card rest" }, h("p", {}, icon("clock"), words), go)];
}

/** The break between two stops of a list, if it is planned before this one. */
export function restRow(view, stop) {
  const rest = view.rest;
  if (!rest || rest.since_utc || rest.before !== stop.stop_id) return null;
  return h("li", { class: "rest soft" }, icon("clock"), planned(rest));
}

function planned(rest) {
  const min = minutes(rest);
  return rest.begins_utc ? say("rest.about", { min, time: clock(rest.begins_utc) })
    : say("rest.left", { min });
}
