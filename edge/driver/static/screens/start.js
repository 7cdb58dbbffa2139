// Before the day begins: access code, driver, waiting, and the route on offer.

import { button, clock, fill, h, icon } from "../dom.js";
import { kept } from "../kept.js";
import { say, sentence } from "../strings.js";
import { drawMap } from "./map.js";
import { figure, needed, stopList } from "./parts.js";

function form(iconName, title, words, label, go, attributes, done) {
  const problem = h("p", { class: "problem", role: "alert" });
  const input = h("input", { id: "field", required: true, autocomplete: "off", ...attributes });
  const root = h("form", { class: "hero", onsubmit: async (event) => {
    event.preventDefault();
    if (input.value.trim()) problem.textContent = sentence(await done(input.value.trim()));
  } },
  icon(iconName), h("h1", {}, title), words ? h("p", { class: "soft" }, words) : null,
  h("label", { for: "field" }, label), input, problem,
  h("button", { class: "main", type: "submit" }, go));
  return { root };
}

export function accessCode(page) {
  return form("key", say("code.title"), say("code.text"), say("code.label"), say("code.go"),
    { autocapitalize: "characters", spellcheck: "false", maxlength: 64 },
    (code) => page.van.signIn(code).catch(() => say("code.offline")));
}

export function driverName(page) {
  return form("id", say("driver.title"), "", say("driver.label"), say("driver.go"),
    { autocapitalize: "words", spellcheck: "false", maxlength: 64, autocomplete: "name" },
    (name) => { kept.set("driver", name); page.show(); return ""; });
}

function hero(iconName, title, words) {
  return { root: h("div", { class: "hero" }, icon(iconName), h("h1", {}, title),
    h("p", { class: "soft" }, words)) };
}

export const connecting = () => hero("wifi", say("connecting.title"), say("connecting.text"));
export const idle = () => hero("clock", say("idle.title"), say("idle.text"));

/** The route as the station offers it. */
export function offered(page) {
  const facts = h("dl", { class: "figures" });
  const needs = h("div", { class: "card" });
  const all = h("div");
  const who = button(say("offered.driver", { name: page.driver }), { class: "text",
    onclick: () => { kept.drop("driver"); page.show(); } });
  const canvas = h("canvas", { role: "img" });
  const root = h("div", {},
    h("p", { class: "eyebrow", id: "route" }), h("h1", {}, say("offered.title")),
    h("div", { class: "card" }, facts), h("div", { class: "map" }, canvas), needs, all, who);
  const start = button(say("offered.start"),
    { class: "main", onclick: () => page.act("start_loading") }, "box");
  let view = null;
  const draw = () => view && drawMap(canvas, view, { whole: true, name: say("offered.title") });
  return {
    root,
    bar: [start],
    dressed: draw,
    update(now) {
      view = now;
      root.querySelector("#route").textContent = now.route_id ?? "";
      const first = now.stops[0];
      const last = now.stops[now.stops.length - 1];
      fill(facts, [now.stops.length, now.parcels.length, first?.arrives_utc, last?.arrives_utc],
        ([stops, parcels, from, until]) => [
          figure(String(stops), say("offered.stops", stops).replace(/^\d+ /, "")),
          figure(String(parcels), say("offered.parcels", parcels).replace(/^\d+ /, "")),
          from ? figure(clock(from), say("offered.first")) : null,
          until ? figure(clock(until), say("offered.last")) : null]);
      const wanted = needed(now.parcels);
      needs.hidden = wanted.length === 0;
      fill(needs, wanted, () => [h("h2", {}, say("offered.needs")),
        h("p", { class: "chips" }, wanted.map(([name, iconName, count]) =>
          h("span", { class: "chip" }, icon(iconName), say(`needs.${name}`, count))))]);
      fill(all, now.stops.map((stop) => [stop.stop_id, stop.arrives_utc]), () =>
        stopList(say("offered.list"), now.stops, 1));
      start.disabled = page.outbox.waits((action) => action.action === "start_loading") !== null;
      draw();
    },
  };
}
