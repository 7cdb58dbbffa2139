// Under way: where to, when, how far; and the way back to the station.

import { ask, button, clock, distance, fill, h, icon } from "../dom.js";
import { kept } from "../kept.js";
import { showReceipts } from "./meet.js";
import { say, sentence } from "../strings.js";
import { cannotDeliver } from "./fail.js";
import { drawMap } from "./map.js";
import { figure, isAwaited, isOpen, lateBadge, promised, stopList, stopRow } from "./parts.js";
import { restCard, restRow } from "./rest.js";

const FAR_M = 250; // beyond this an arrival by hand is asked about once more
const AFTER = 3; // stops shown below the next one
const STATION = "station"; // what Arrive names on the way back

export function drive(page) {
  const canvas = h("canvas", { role: "img" });
  const whole = h("button", { type: "button", class: "chip mapmode", "aria-pressed": "false" });
  const head = h("div", { class: "head" });
  const numbers = h("dl", { class: "figures" });
  const why = h("div");
  const rest = h("div");
  const steps = h("div");
  const after = h("div");
  const receipts = h("div");
  const root = h("div", { class: "drive" }, head, h("div", { class: "map" }, canvas, whole),
    h("div", { class: "card" }, numbers), why, rest, steps, receipts, after);
  const away = h("a", { class: "button aside", rel: "noreferrer" }, icon("navigate"),
    h("span", {}, say("drive.navigate")));
  const arrive = button("", { class: "main", onclick: () => arrived() }, "flag");
  let view = null;
  let wide = false;

  const name = () => view.stop ? view.stop.name || view.stop.stop_id : say("back.title");
  const target = () => view.stop ? view.stop.place : view.station;
  const draw = () => view && drawMap(canvas, view, { whole: wide, name: name() });
  whole.addEventListener("click", () => { wide = !wide; label(); draw(); });
  canvas.addEventListener("click", () => whole.click());

  function label() {
    whole.textContent = say(wide ? "map.leg" : "map.route");
    whole.setAttribute("aria-pressed", String(wide));
  }

  async function arrived() {
    const metres = view.distance_m;
    const sure = metres === null || metres < FAR_M || await ask(
      say("drive.far.title", { distance: distance(metres) }),
      h("p", {}, say("drive.far.text", { name: name() })),
      [[say("ask.cancel"), false, ""], [say("drive.far.go"), true, "main"]]);
    if (sure) page.act("arrive", { stop_id: view.stop?.stop_id ?? STATION });
  }

  label();
  return {
    root,
    bar: [away, arrive],
    dressed: draw,
    update(now) {
      view = now;
      const stop = now.stop;
      showReceipts(receipts, now);
      const fetches = stop?.kind === "pickup";
      const open = stop ? stop.parcels.filter(fetches ? isAwaited : isOpen) : [];
      fill(head, stop ? [stop, open.length] : ["", now.parcels], () => stop
        ? [h("p", { class: "eyebrow" }, say("drive.title")), h("h1", {}, name()),
          stop.address ? h("p", { class: "address" }, stop.address) : null,
          stop.notes ? h("p", { class: "notes" }, icon("note"), stop.notes) : null]
        : [h("h1", {}, name()), h("p", { class: "soft" }, say("back.text",
          now.parcels.filter((parcel) => parcel.loaded && !parcel.outcome).length))]);
      const figures = [distance(now.distance_m), stop?.arrives_utc, stop?.late_s >= 60 ? stop.late_s
        : 0, stop ? promised(stop) : "", open.length];
      fill(numbers, figures, () => [
        stop?.arrives_utc
          ? figure(clock(stop.arrives_utc), say("drive.eta"), lateBadge(stop)) : null,
        figures[0] ? figure(figures[0], say("drive.distance")) : null,
        figures[3] ? figure(figures[3], say("drive.window")) : null,
        stop ? figure(String(open.length), say(fetches ? "stop.pickup" : "drive.parcels")) : null]);
      numbers.parentNode.hidden = numbers.children.length === 0;
      showWhy(why, now, page);
      fill(rest, [now.rest, page.outbox.entries.length], () => restCard(page, now));
      const next = now.stops.filter((other) => other.stop_id !== stop?.stop_id);
      const first = now.closed.length + 2;
      const changed = new Set(unread(now).flatMap(changes));
      fill(steps, now.steps, () => wayList(now.steps ?? []));
      fill(after, [next.map((s) => [s.stop_id, s.arrives_utc, s.late_s >= 60]), now.dropped,
        [...changed], now.rest], () => [
        stop ? button(say("drive.fail"), { class: "text", onclick: () =>
          cannotDeliver(page, view.stop, view.stop.parcels.filter(
            view.stop.kind === "pickup" ? isAwaited : isOpen)) }) : null,
        next.length ? h("section", { class: "card" }, h("h2", {}, say("drive.after")),
          h("ol", { class: "stops" }, next.slice(0, AFTER).flatMap((s, i) =>
            [restRow(now, s), stopRow(s, first + i, changed.has(s.stop_id))])))
          : null,
        next.length > AFTER
          ? stopList(say("drive.all", { n: next.length }), next, first) : null,
        now.dropped.length ? h("section", { class: "card" }, h("h2", {}, say("drive.dropped")),
          h("ul", { class: "ids long" }, now.dropped.map((drop) =>
            h("li", {}, dropped(drop))))) : null]);
      away.href = navigation(target(), name());
      away.hidden = !target();
      const waits = page.outbox.waits((action) =>
        ["arrive", "cannot_deliver"].includes(action.action)) !== null;
      arrive.disabled = waits;
      arrive.lastChild.textContent = waits ? say("at.sending")
        : say(stop ? "drive.arrive" : "back.arrive");
      draw();
    },
  };
}

/** Why the order changed, every change until the driver has acknowledged it. */
function showWhy(node, view, page) {
  const news = unread(view);
  fill(node, news, () => news.length ? h("section", { class: "card why", "aria-live": "polite" },
    icon("fork"), h("div", { class: "grow" }, news.map((one) => h("div", {},
      h("h2", {}, say(changes(one).length ? "why.title" : "why.late")),
      h("p", {}, whySentence(one.why, view)), causes(one.why), leftOut(one)))),
    h("button", { type: "button", class: "round", "aria-label": say("why.read"),
      onclick: () => {
        const number = news[news.length - 1].number;
        kept.set("read", `${view.route_id} ${number}`);
        page.act("acknowledge_plan", { number });
        page.show();
      } }, icon("close")))
    : []);
}

/** The changes the driver has not acknowledged, on this phone or another. */
function unread(view) {
  const [route, number] = (kept.get("read") ?? "").split(" ");
  return (view.news ?? []).filter((one) => route !== view.route_id || one.number > Number(number));
}

const changes = (one) => [...one.why.moved, ...one.put_in, ...one.left_out.map((d) => d.stop_id)];

function causes(why) {
  const lines = (why.causes ?? []).map((cause) => say(`cause.${cause.what}`, { layer: cause.layer,
    closed: (cause.closed ?? []).join(", ") }));
  if (why.delay_s >= 60) lines.push(say("cause.delay", Math.round(why.delay_s / 60)));
  return lines.length ? h("p", { class: "soft" }, lines.join(" ")) : null;
}

function leftOut(one) {
  return one.left_out.length ? h("ul", { class: "ids long" }, one.left_out.map((drop) =>
    h("li", {}, dropped(drop)))) : null;
}

/** A stop left out, with when or where it could be served instead. */
function dropped(drop) {
  const later = drop.until_utc ? ` ${say("drop.until", { time: clock(drop.until_utc) })}` : "";
  return `${drop.stop_id}: ${drop.reason}${later}`;
}

function whySentence(why, view) {
  const names = why.promises_at_risk.map((id) =>
    view.stops.find((stop) => stop.stop_id === id)?.name || id);
  return [
    why.text ? sentence(why.text) : say(`why.${why.trigger}`),
    !why.text && why.gained_s >= 60 ? say("why.gain", Math.round(why.gained_s / 60)) : "",
    names.length ? say("why.risk", { names: names.join(", ") }) : "",
  ].filter(Boolean).join(" ");
}

/** What to do on the way to the next stop, the next thing first. */
function wayList(steps) {
  if (steps.length < 2) return [];
  return h("details", { class: "card way" },
    h("summary", {}, stepWords(steps[steps[0].manoeuvre === "depart" ? 1 : 0])),
    h("ol", { class: "steps" }, steps.map((step) => h("li", {},
      h("span", { class: "grow" }, stepWords(step)),
      step.length_m ? h("span", { class: "soft" }, distance(step.length_m)) : null))));
}

function stepWords(step) {
  const words = say(`step.${step.manoeuvre}`, { exit: step.exit ?? "" });
  return step.street ? say("step.onto", { words, street: step.street }) : words;
}

/** Link to the phone's own navigation. */
function navigation(place, name) {
  if (!place) return "#";
  const at = `${place.lat_deg.toFixed(6)},${place.lon_deg.toFixed(6)}`;
  if (/iPhone|iPad/.test(navigator.userAgent)) return `maps://?daddr=${at}`;
  return `geo:${at}?q=${at}(${encodeURIComponent(name)})`;
}
