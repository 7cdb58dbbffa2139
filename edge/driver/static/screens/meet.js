// A meeting: parcels go from one vehicle to another, each with an offer and a receipt.

import { button, fill, h, text } from "../dom.js";
import { say } from "../strings.js";
import { cannotDeliver } from "./fail.js";

/** The giver shows offers and asks for receipts, the taker the other way round. */
export function meet(page) {
  const title = h("h1", {});
  const hint = h("p", { class: "large" });
  const list = h("div");
  const receipts = h("div");
  const fail = button(say("meet.fail"), { onclick: () => {
    const left = open(view);
    if (left.length) cannotDeliver(page, view.stop, left, { atDoor: true });
  } });
  let view = null;

  function open(now) {
    const gives = now.stop.meeting.gives;
    return now.stop.parcels.filter((parcel) => !parcel.outcome && !parcel.attempted
      && parcel.loaded === gives);
  }

  function send(parcel, code) {
    const id = parcel.parcel_id;
    if (view.stop.meeting.gives) {
      page.act("hand_over", { stop_id: view.stop.stop_id, parcel_ids: [id],
        outcome: "HANDED_OVER", receipt: code });
    } else {
      page.act("scan_parcel", { parcel_id: id, offer: code });
    }
  }

  function row([id, code, gives]) {
    const parcel = view.stop.parcels.find((each) => each.parcel_id === id);
    const field = h("input", { id: `code-${id}`, inputmode: "numeric", autocomplete: "off",
      maxlength: 12 });
    return h("form", { class: "card scan", onsubmit: (event) => {
      event.preventDefault();
      if (field.value.trim()) send(parcel, field.value.trim());
      field.value = "";
    } },
    h("h2", { class: "id" }, id),
    gives ? h("p", { class: "large" }, say("meet.offer", { code })) : null,
    h("label", { for: `code-${id}` }, say(gives ? "meet.receipt" : "meet.their")),
    h("div", { class: "line" }, field, h("button", { type: "submit" }, say("scan.go"))));
  }

  return {
    root: h("div", {}, title, hint, list, receipts),
    bar: [fail],
    update(now) {
      view = now;
      const { vehicle, gives } = now.stop.meeting;
      text(title, say("meet.title", { vehicle }));
      text(hint, say(gives ? "meet.give" : "meet.take", { vehicle }));
      fill(list, open(now).map((parcel) => [parcel.parcel_id, parcel.code, gives]),
        (rows) => rows.map(row));
      showReceipts(receipts, now);
    },
  };
}

/** What the other vehicle's people have to type for the parcels that were taken over. */
export function showReceipts(root, view) {
  const taken = view.parcels.filter((parcel) => parcel.by_pickup && parcel.loaded
    && !parcel.outcome && parcel.code);
  fill(root, taken.map((parcel) => [parcel.parcel_id, parcel.code]), (rows) => rows.length
    ? [h("div", { class: "card" }, h("h2", {}, say("meet.receipts")),
      h("ul", { class: "ids" }, rows.map(([id, code]) => h("li", {}, `${id}: ${code}`))))]
    : []);
}
