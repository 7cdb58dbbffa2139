// Load-out, a pickup on the way, debrief in the evening: one list to scan, three meanings.

import { ask, button, buzz, fill, h, icon, text } from "../dom.js";
import { kept } from "../kept.js";
import { say, sentence } from "../strings.js";
import { cannotDeliver } from "./fail.js";
import { needIcons } from "./parts.js";

const TYPED_BY_HAND_MS = 100; // a scanner's keystrokes come faster than this

export function load(page) {
  return scanList(page, {
    title: "load.title",
    progress: ({ ticked, left }) => say("load.progress", {
      on: ticked.length, all: ticked.length + left.length }),
    scan: "scan_parcel",
    finish: "finish_loading",
    words: "load",
    done: "load.loaded",
    extras: "load.extra",
    left: (parcel) => !parcel.loaded && !parcel.outcome && !parcel.by_pickup,
    ticked: (parcel) => parcel.loaded,
  });
}

/** At a pickup stop; what is not there is said like what cannot be delivered. */
export function pickup(page) {
  return scanList(page, {
    title: "pickup.title",
    progress: ({ ticked, left }) => say("load.progress", {
      on: ticked.length, all: ticked.length + left.length }),
    scan: "scan_parcel",
    finish: "cannot_deliver",
    end: (view, missing) => cannotDeliver(page, view.stop, missing, { atDoor: true }),
    words: "pickup",
    done: "load.loaded",
    extras: null,
    of: (view) => view.stop?.parcels ?? [],
    left: (parcel) => !parcel.loaded && !parcel.outcome,
    ticked: (parcel) => parcel.loaded,
  });
}

export function debrief(page) {
  return scanList(page, {
    title: "debrief.title",
    progress: ({ ticked, left }) => ticked.length + left.length
      ? say("debrief.progress", { done: ticked.length, all: ticked.length + left.length })
      : say("debrief.none"),
    scan: "scan_return",
    finish: "finish_debrief",
    words: "debrief",
    done: "debrief.done",
    extras: null,
    left: (parcel) => parcel.loaded && !parcel.outcome,
    ticked: (parcel) => parcel.outcome === "RETURNED",
  });
}

function scanList(page, kind) {
  const waits = (id) => page.outbox.waits((action) =>
    action.action === kind.scan && action.parcel_id === id) !== null;
  const field = h("input", {
    id: "scan", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    enterkeyhint: "done", maxlength: 64 });
  const scan = (typed) => {
    const id = matching(typed.trim());
    field.value = "";
    if (!id || waits(id)) return;
    page.act(kind.scan, { parcel_id: id });
  };
  const progress = h("p", { class: "large" });
  const meter = h("progress", { "aria-label": say(kind.title) });
  const flash = h("p", { class: "flash", role: "status" });
  const extra = h("div", { class: "card bad", hidden: true });
  const left = h("div");
  const done = h("details", { class: "card" });
  const root = h("div", {},
    h("h1", {}, say(kind.title)), progress, meter,
    h("form", { class: "scan", onsubmit: (event) => { event.preventDefault(); scan(field.value); } },
      h("label", { for: "scan" }, icon("scan"), say("scan.label")),
      h("div", { class: "line" }, field, h("button", { type: "submit" }, say("scan.go"))),
      h("p", { class: "soft small" }, say("scan.hint"))),
    flash, extra, left, done);
  const finish = button("", { class: "main", onclick: () => end() }, "check");
  let view = null;
  let lists = { left: [], ticked: [] };
  listenToScanner(root, scan);

  /** A number typed in small letters is the parcel that differs from it in nothing else. */
  function matching(typed) {
    const known = view?.parcels.map((parcel) => parcel.parcel_id) ?? [];
    if (known.includes(typed)) return typed;
    return known.find((id) => id.toUpperCase() === typed.toUpperCase()) ?? typed;
  }

  async function end() {
    const missing = lists.left.filter((parcel) => !waits(parcel.parcel_id));
    if (kind.end) { if (missing.length) kind.end(view, missing); return; }
    const coming = lists.left.length - missing.length; // scanned, not answered yet
    const none = lists.left.length > 0 && lists.ticked.length + coming === 0;
    if (kind.words === "load" && none) { // a machine may have nothing but meetings
      page.refuse(say("load.ask.none"));
      return;
    }
    const sure = missing.length === 0 || await ask(say(`${kind.words}.ask.title`, missing.length),
      h("div", {}, h("p", {}, say(`${kind.words}.ask.text`)),
        h("ul", { class: "ids" }, missing.map((parcel) => h("li", {}, parcel.parcel_id)))),
      [[say("ask.cancel"), false, ""], [say(`${kind.words}.ask.go`), true, "danger"]]);
    if (sure) page.act(kind.finish);
  }

  function row([parcel, number, name, sent]) {
    const id = parcel.parcel_id;
    return h("li", {}, h("button", {
      type: "button", class: "tick", disabled: sent, "data-focus": id,
      "aria-label": say(`${kind.words}.tick`, { parcel: id }), onclick: () => scan(id),
    }, h("span", { class: "box" }, sent ? icon("clock") : null),
    h("span", { class: "grow" }, h("strong", { class: "id" }, id),
      h("span", { class: "soft" }, number ? `${say("stop.number", number)} · ${name}` : name)),
    needIcons(parcel)));
  }

  return {
    root,
    bar: [finish],
    /** Tell the outcome of a scan here, large; true: no need to tell it elsewhere. */
    answered(entry, result) {
      if (entry.action.action !== kind.scan) return false;
      const id = entry.action.parcel_id;
      flash.className = `flash ${result.accepted ? "good" : "bad"}`;
      text(flash, result.accepted ? `✓ ${id}` : `✗ ${sentence(result.why)}`);
      if (!result.accepted && kind.extras && !view.parcels.some((p) => p.parcel_id === id)) {
        const route = kept.get("extras", {});
        const ids = route.route === view.route_id ? route.ids : [];
        kept.set("extras", { route: view.route_id, ids: [...new Set([...ids, id])] });
      }
      buzz(result.accepted);
      return true;
    },
    update(now) {
      view = now;
      const place = new Map();
      now.stops.forEach((stop, index) => stop.parcels.forEach((parcel) =>
        place.set(parcel.parcel_id, [index + 1, stop.name || stop.stop_id])));
      const order = (parcel) => place.get(parcel.parcel_id)?.[0] ?? 1e6;
      const listed = kind.of ? kind.of(now) : now.parcels;
      lists = {
        left: listed.filter(kind.left).sort((a, b) => order(a) - order(b)),
        ticked: listed.filter(kind.ticked),
      };
      text(progress, kind.progress(lists));
      const all = lists.left.length + lists.ticked.length;
      meter.max = all || 1;
      meter.value = all ? lists.ticked.length : 1;
      const rows = lists.left.map((parcel) => [parcel,
        ...(place.get(parcel.parcel_id) ?? [0, ""]), waits(parcel.parcel_id)]);
      fill(left, rows, () => rows.length
        ? [h("h2", {}, say("load.left", rows.length)), h("ul", { class: "ticks" }, rows.map(row))]
        : []);
      done.hidden = lists.ticked.length === 0;
      fill(done, lists.ticked.map((parcel) => parcel.parcel_id), (ids) =>
        [h("summary", {}, say(kind.done, ids.length)),
          h("ul", { class: "ids" }, ids.map((id) => h("li", {}, id)))]);
      const extras = kept.get("extras", {});
      const ids = kind.extras && extras.route === now.route_id ? extras.ids : [];
      extra.hidden = ids.length === 0;
      fill(extra, ids, () => ids.length ? [h("h2", {}, say(kind.extras)),
        h("ul", { class: "ids" }, ids.map((id) => h("li", {}, id)))] : []);
      const missing = lists.left.filter((parcel) => !waits(parcel.parcel_id)).length;
      text(finish.lastChild, say(`${kind.words}.finish${missing ? ".left" : ""}`, missing));
      finish.classList.toggle("quiet", missing > 0);
      finish.disabled = page.outbox.waits((action) => action.action === kind.finish) !== null;
    },
  };
}

/** Read a scanner that types like a keyboard while no field has the focus. */
function listenToScanner(root, scan) {
  let typed = "";
  let last = 0;
  const listen = (event) => {
    if (!root.isConnected) { document.removeEventListener("keydown", listen); return; }
    if (event.target.closest("input, textarea, select, dialog")) return;
    if (event.timeStamp - last > TYPED_BY_HAND_MS) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter" && typed.length > 2) {
      event.preventDefault(); // the button that has the focus is not meant
      scan(typed);
      typed = "";
    } else if (event.key.length === 1) {
      typed += event.key;
    }
  };
  // Later, when the screen is in the page: until then it would count as left.
  setTimeout(() => document.addEventListener("keydown", listen));
}
