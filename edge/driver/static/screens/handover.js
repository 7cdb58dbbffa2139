// At the stop: which parcels, their proof, and the hand-over itself.

import { button, fill, h, icon, newId, text } from "../dom.js";
import { kept } from "../kept.js";
import { say } from "../strings.js";
import { cannotDeliver } from "./fail.js";
import { isOpen, lateBadge, needIcons } from "./parts.js";
import { photoField } from "./photos.js";
import { askPin } from "./pinpad.js";
import { signatureField, toSvg } from "./signature.js";

const WAYS = ["DELIVERED", "SAFE_PLACE", "LOCKER"];
const empty = (stopId, route) => ({ stop_id: stopId, route, off: [], way: "DELIVERED", recipient: "",
  aged: false, photos: [], strokes: [] });

export function handover(page) {
  const { stop: { stop_id: stopId }, route_id: route } = page.van.view;
  const found = kept.get("draft");
  const mine = found?.stop_id === stopId && found.route === route; // never another day's proof
  const draft = mine ? { ...empty(stopId, route), ...found } : empty(stopId, route);
  let pin = ""; // never kept: only in the outbox, until the van has answered
  let view = null;
  let open = [];

  const keep = () => { kept.set("draft", draft); page.show(); };
  const head = h("div", { class: "head" });
  const parcels = h("section", { class: "card" });
  const ways = h("section", { class: "card" });
  const photos = photoField(page, draft.photos, keep);
  const signature = signatureField(draft.strokes, keep);
  const photoCard = card("camera", say("at.photo"), photos.root);
  const signatureCard = card("pen", say("at.signature"), signature.root);
  const pinCard = h("section", { class: "card" });
  const ageCard = h("section", { class: "card" });
  const recipient = h("input", { id: "recipient", maxlength: 120, autocomplete: "off",
    autocapitalize: "words", value: draft.recipient,
    placeholder: say("at.recipient.hint"),
    oninput: () => { draft.recipient = recipient.value; kept.set("draft", draft); } });
  const who = h("section", { class: "card" },
    h("label", { for: "recipient" }, say("at.recipient")), recipient);
  const lacks = h("p", { class: "lacks", id: "lacks", role: "status" });
  const root = h("div", {}, head, parcels, ways, pinCard, ageCard, photoCard.root,
    signatureCard.root, who);
  const fail = button(say("at.fail"), { class: "aside", onclick: () => cannotDeliver(page, view.stop,
    open.filter(chosen), { atDoor: true, photos: draft.photos }) });
  const go = button("", { class: "main", "aria-describedby": "lacks", onclick: () => send() },
    "check");
  const bar = [lacks, h("div", { class: "line" }, fail, go)];

  const locked = (parcel) => parcel.needs_pin && parcel.pin_tries_left === 0;
  const chosen = (parcel) => !draft.off.includes(parcel.parcel_id);
  const picked = () => open.filter((parcel) => chosen(parcel) && !locked(parcel));
  const some = (test) => picked().some(test);
  const age = () => Math.max(0, ...picked().map((p) => p.requirements.minimum_age ?? 0));
  const personal = () => age() > 0 || some((p) => p.needs_pin || p.requirements.signature);
  const sent = () => page.outbox.waits((action) =>
    ["hand_over", "cannot_deliver"].includes(action.action) && action.stop_id === stopId);

  /** What the van would refuse for, in the order of the page: [words, card]. */
  function lacking() {
    return [
      [picked().length === 0, say("at.lacking.parcel"), parcels],
      [some((p) => p.needs_pin) && !pin, say("at.pin"), pinCard],
      [age() > 0 && !draft.aged, say("at.age.short"), ageCard],
      [some((p) => p.requirements.photo) && !draft.photos.length, say("at.photo"), photoCard.root],
      [some((p) => p.requirements.signature) && !draft.strokes.length, say("at.signature"),
        signatureCard.root],
    ].filter(([lacksIt]) => lacksIt);
  }

  async function send() {
    const missing = lacking();
    if (missing.length) {
      missing[0][2].scrollIntoView({ behavior: "smooth", block: "center" });
      page.speak(lacks.textContent);
      return;
    }
    go.disabled = true;
    let mark = null;
    if (draft.strokes.length) {
      mark = newId();
      await page.pictures.put(mark, new Blob([toSvg(draft.strokes)], { type: "image/svg+xml" }));
    }
    page.act("hand_over", {
      stop_id: stopId,
      parcel_ids: picked().map((parcel) => parcel.parcel_id),
      outcome: personal() ? "DELIVERED" : draft.way,
      recipient: draft.recipient.trim(),
      pin: some((p) => p.needs_pin) ? pin : null,
      age_checked: draft.aged && age() > 0,
    }, { photos: [...draft.photos], signature: mark });
  }

  function row([parcel, on]) {
    const id = parcel.parcel_id;
    return h("li", {}, h("label", { class: "tick" },
      h("input", { type: "checkbox", checked: on && !locked(parcel), disabled: locked(parcel),
        "data-focus": id, onchange: (event) => {
          draft.off = draft.off.filter((other) => other !== id);
          if (!event.target.checked) draft.off.push(id);
          keep();
        } }),
      h("span", { class: "box" }, icon("check")),
      h("span", { class: "grow" }, h("strong", { class: "id" }, id),
        locked(parcel) ? h("span", { class: "problem" }, say("at.pin.locked")) : null),
      needIcons(parcel)));
  }

  function way(name) {
    return h("label", { class: "way" }, h("input", { type: "radio", name: "way", value: name,
      checked: draft.way === name, "data-focus": name,
      onchange: () => { draft.way = name; keep(); } }), h("span", {}, say(`at.${name}`)));
  }

  function showPin() {
    const needing = picked().filter((parcel) => parcel.needs_pin);
    const tries = Math.min(...needing.map((parcel) => parcel.pin_tries_left ?? 5));
    pinCard.hidden = needing.length === 0;
    fill(pinCard, [needing.length, pin.length, tries], () => [
      title("key", say("at.pin"), needing.length > 0, pin.length > 0),
      button(pin ? say("at.pin.entered", { n: pin.length }) : say("at.pin.enter"),
        { class: "wide", "data-focus": "pin", onclick: async () => {
          pin = await askPin() ?? pin;
          page.show();
        } }, "key"),
      needing.length > 1 ? h("p", { class: "soft small" }, say("at.pin.several")) : null,
      tries < 5 ? h("p", { class: "problem" }, say("at.pin.tries", tries)) : null]);
  }

  function showAge() {
    ageCard.hidden = age() === 0;
    fill(ageCard, [age(), draft.aged], ([years, checked]) => h("label", { class: "tick" },
      h("input", { type: "checkbox", checked, "data-focus": "age",
        onchange: (event) => { draft.aged = event.target.checked; keep(); } }),
      h("span", { class: "box" }, icon("check")),
      h("span", { class: "grow" }, h("strong", {}, say("at.age", { age: years }))), icon("id")));
  }

  /** Say in the bar, where it is always seen, what is missing or waits. */
  function showBar(entry, missing) {
    const far = entry !== null && !page.van.connected;
    lacks.classList.toggle("kept", far);
    text(lacks, far ? say(entry.action.pin ? "at.kept.pin" : "at.kept.text")
      : missing.length ? say("at.lacking", { what: missing.map(([, words]) => words).join(", ") })
        : "");
    go.classList.toggle("quiet", missing.length > 0);
    go.disabled = entry !== null;
    fail.disabled = entry !== null || open.filter(chosen).length === 0;
    text(go.lastChild, far ? say("at.waiting") : entry ? say("at.sending") : say("at.go", picked().length));
    for (const part of [parcels, ways, pinCard, ageCard, photoCard.root, signatureCard.root, who]) {
      part.classList.toggle("asleep", entry !== null);
      part.inert = entry !== null;
    }
  }

  return {
    root,
    bar,
    dressed: signature.draw,
    answered(entry, result) {
      if (entry.action.stop_id !== stopId) return;
      pin = "";
      if (!result.accepted) return;
      // Part of the stop is done; what is left begins with an empty form.
      const { photos: shots, strokes } = draft;
      Object.assign(draft, empty(stopId, route), { photos: shots, strokes });
      shots.length = 0;
      strokes.length = 0;
      recipient.value = "";
      photos.show();
      signature.draw();
    },
    update(now) {
      view = now;
      open = now.stop.parcels.filter(isOpen);
      fill(head, now.stop, (stop) => [
        h("p", { class: "eyebrow" }, say("at.title"), " ", lateBadge(stop)),
        h("h1", {}, stop.name || stop.stop_id),
        stop.address ? h("p", { class: "address" }, stop.address) : null,
        stop.notes ? h("p", { class: "notes" }, icon("note"), stop.notes) : null]);
      fill(parcels, open.map((parcel) => [parcel, chosen(parcel)]), (rows) =>
        [h("h2", {}, icon("box"), say("at.parcels")),
          h("ul", { class: "ticks" }, rows.map(row))]);
      ways.hidden = personal();
      fill(ways, draft.way, () => h("fieldset", { class: "ways" },
        h("legend", {}, say("at.how")), WAYS.map(way)));
      showPin();
      showAge();
      photoCard.show(some((p) => p.requirements.photo), draft.photos.length > 0);
      signatureCard.show(some((p) => p.requirements.signature), draft.strokes.length > 0);
      const entry = sent();
      showBar(entry, entry ? [] : lacking());
    },
  };
}

function title(iconName, words, required, done) {
  return h("h2", {}, icon(done ? "check" : iconName), words,
    done ? null : h("span", { class: `tag ${required ? "must" : ""}` },
      say(required ? "at.required" : "at.optional")));
}

/** A card whose title tells whether its content is required and there. */
function card(iconName, words, content) {
  const head = h("div");
  const root = h("section", { class: "card" }, head, content);
  return {
    root,
    show(required, done) {
      root.classList.toggle("done", done);
      fill(head, [required, done], () => title(iconName, words, required, done));
    },
  };
}
