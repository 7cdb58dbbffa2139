// Ties the page together: the van's day in, the right screen out, actions into the outbox.

import { buzz, button, clock, fill, h, icon, sheet, text } from "./dom.js";
import { kept, Pictures } from "./kept.js";
import { Outbox } from "./outbox.js";
import { closed } from "./screens/closed.js";
import { drive } from "./screens/drive.js";
import { handover } from "./screens/handover.js";
import { debrief, load, pickup } from "./screens/load.js";
import { meet } from "./screens/meet.js";
import { accessCode, connecting, driverName, idle, offered } from "./screens/start.js";
import { say, sentence } from "./strings.js";
import { Van } from "./van.js";

const SHOWN_MS = 15_000; // how long a refusal stays without being dismissed
const GPS_MATTERS = ["offered", "loading", "underway", "at_stop", "returning"];
const LOST_AFTER_MS = 3_000; // shorter gaps heal before anybody has read of them

const $ = (id) => document.getElementById(id);
const van = new Van();
const pictures = new Pictures();
const outbox = new Outbox(van, pictures);
const refusals = [];
let codeNeeded = false;
let shown = { key: "", screen: null };

/** What a screen may use. */
const page = {
  outbox,
  pictures,
  van,
  get driver() { return kept.get("driver", ""); },
  act(action, fields = {}, media = {}) {
    refusals.length = 0; // the driver has read them and tries anew
    outbox.add({ action, driver: page.driver, ...fields }, media);
  },
  speak(words) { text($("spoken"), words); },
  refuse(why) {
    const refusal = { why: sentence(why), at: Date.now() };
    refusals.push(refusal);
    buzz(false);
    setTimeout(() => { refusals.splice(refusals.indexOf(refusal) >>> 0, 1); show(); }, SHOWN_MS);
    show();
  },
  show: () => show(),
};

const SCREENS = {
  idle, offered, loading: load, underway: drive, at_stop: handover, returning: drive,
  debriefing: debrief, closed,
};

function screenNow() {
  const view = van.view;
  if (codeNeeded) return ["code", accessCode];
  if (!page.driver) return ["driver", driverName];
  if (view === null) return ["connecting", connecting];
  const place = ["underway", "at_stop"].includes(view.phase) ? view.stop?.stop_id ?? "" : "";
  const fetches = view.phase === "at_stop" && view.stop?.kind === "pickup";
  const meets = view.phase === "at_stop" && view.stop?.meeting;
  const screen = meets ? meet : fetches ? pickup : SCREENS[view.phase] ?? idle;
  return [`${view.phase}/${view.route_id ?? ""}/${place}`, screen];
}

function show() {
  const [key, make] = screenNow();
  if (key !== shown.key) {
    const first = shown.key === "";
    shown = { key, screen: make(page) };
    refusals.length = 0; // they were about the screen before
    $("screen").replaceChildren(shown.screen.root);
    $("bar").replaceChildren(...shown.screen.bar ?? []);
    window.scrollTo(0, 0);
    if (!first) $("screen").focus({ preventScroll: true });
    const title = shown.screen.root.querySelector("h1");
    if (title) page.speak(title.textContent);
  }
  shown.screen.update?.(van.view);
  if (key !== screenNow()[0]) { show(); return; }
  showTop();
  showAlerts();
}

function showTop() {
  const view = van.view;
  $("menu").hidden = !page.driver;
  text($("vehicle"), view?.vehicle ?? "doorstep");
  const done = view?.closed.length ?? 0;
  const working = view !== null && ["underway", "at_stop", "returning"].includes(view.phase);
  text($("progress"), working
    ? say("progress.stops", { done, all: done + view.stops.length }) : "");
  const gps = !view?.position || view.position.fix === "none" ? "none"
    : view.position.doubtful ? "doubtful"
    : view.position.fix === "dead_reckoning" ? "wheels" : "";
  const unsent = (view?.backlog?.facts ?? 0) + (view?.backlog?.proof ?? 0);
  fill($("chips"), { gps, unsent, shown: van.connected && GPS_MATTERS.includes(view?.phase) }, (now) =>
    now.shown ? [
      h("span", { class: `chip ${now.gps ? "bad" : "good"}` },
        icon(now.gps ? "alert" : "check"), say(now.gps ? `chip.gps.${now.gps}` : "chip.gps")),
      now.unsent > 5 ? h("span", { class: "chip" }, icon("clock"), say("chip.waiting", now.unsent))
        : null,
    ].filter(Boolean) : []);
}

function showAlerts() {
  const view = van.view;
  const lost = van.lostAt !== null && Date.now() - van.lostAt > LOST_AFTER_MS && !codeNeeded;
  const waiting = outbox.entries.length;
  const rows = refusals.map(({ why, at }) => ({ style: "bad", words: why, at }));
  if (lost) {
    const words = [say("alert.lost", { since: clock(van.lostAt) }),
      waiting ? say("alert.waiting", waiting) : say("alert.goOn")].join(" ");
    rows.push({ style: "bad", words, sign: "wifi" });
  }
  const foreign = outbox.foreign;
  if (foreign.length) {
    rows.push({ style: "warn", words: say("alert.foreign", {
      vehicle: foreign[0].vehicle, n: foreign.length }) });
  }
  const said = view?.warnings ?? [];
  const doubt = view?.position?.doubtful;
  if (doubt && !said.some((words) => words.includes(doubt))) {
    rows.push({ style: "warn", words: say("alert.doubtful", { why: doubt }) });
  }
  rows.push(...said.map((words) => ({ style: "warn", words: sentence(words) })));
  fill($("alerts"), rows, () => rows.map(({ style, words, at, sign }) =>
    h("div", { class: `alert ${style}` }, icon(sign ?? "alert"), h("p", {}, words),
      at === undefined ? null : h("button", {
        type: "button", class: "round", "aria-label": say("alert.dismiss"),
        onclick: () => {
          refusals.splice(refusals.findIndex((refusal) => refusal.at === at) >>> 0, 1);
          show();
        },
      }, icon("close")))));
}

/** The driver's own events and score: he sees them before anybody else. */
function drivingPart({ score, events, learning }) {
  return h("section", {},
    h("h2", {}, say("driving.title", score)),
    learning ? h("p", {}, say("driving.learning")) : null,
    events.length
      ? h("ul", {}, events.map((event) => h("li", {}, say("driving.event", event))))
      : h("p", {}, say("driving.none")));
}

function showMenu() {
  const name = h("input", { id: "menu-driver", value: page.driver, maxlength: 64, autocomplete: "name" });
  const look = h("select", { id: "menu-look" }, ["auto", "light", "dark"].map((mode) =>
    h("option", { value: mode, selected: mode === kept.get("look", "auto") },
      say(`menu.look.${mode}`))));
  const body = h("div", { class: "fields" },
    h("label", { for: "menu-driver" }, say("menu.driver")), name,
    h("label", { for: "menu-look" }, say("menu.look")), look);
  if (van.view?.driving) body.append(drivingPart(van.view.driving));
  const dialog = sheet(say("menu.title"), body,
    [button(say("menu.close"), { class: "main", onclick: () => dialog.close() })]);
  dialog.addEventListener("close", () => {
    if (name.value.trim()) kept.set("driver", name.value.trim());
    kept.set("look", look.value);
    dress();
    show();
  });
  dialog.showModal();
}

const night = matchMedia("(prefers-color-scheme: dark)");

function dress() {
  const look = kept.get("look", "auto");
  const dark = look === "dark" || (look === "auto" && night.matches);
  document.documentElement.dataset.look = dark ? "dark" : "light";
  shown.screen?.dressed?.();
}

/** A sticker's QR code may carry the access code: http://10.0.0.1:8080/#code=XXXX-XXXX. */
async function begin() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) history.replaceState(null, "", location.pathname);
  if (code && (await van.signIn(code).catch(() => "offline")) === "") return;
  await van.start();
}

van.addEventListener("code", () => { codeNeeded = true; show(); });
van.addEventListener("view", () => { codeNeeded = false; show(); });
van.addEventListener("link", () => {
  if (van.connected) codeNeeded = false;
  else setTimeout(show, LOST_AFTER_MS + 100);
  show();
});
outbox.addEventListener("change", show);
outbox.addEventListener("answer", ({ detail: { entry, result } }) => {
  const told = shown.screen?.answered?.(entry, result) === true;
  if (result.accepted) {
    if (entry.action.stop_id && kept.get("draft")?.stop_id === entry.action.stop_id) {
      kept.drop("draft");
    }
    pictures.drop([...entry.photos, entry.signature].filter(Boolean));
    if (!told) buzz(true);
    page.speak(say("said.accepted"));
  } else if (!told) {
    page.refuse(result.why);
  }
  show();
});
night.addEventListener?.("change", dress);
$("menu").append(icon("menu"));
$("menu").setAttribute("aria-label", say("menu.open"));
$("menu").addEventListener("click", showMenu);

dress();
show();
begin();
outbox.wake();
pictures.sweep([
  ...outbox.entries.flatMap((entry) => [...entry.photos, entry.signature]),
  ...(kept.get("draft")?.photos ?? []),
]);
