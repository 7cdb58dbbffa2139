// "Cannot deliver": a reason, a note, a photo; the parcels stay on board.

import { button, h, sheet } from "../dom.js";
import { say } from "../strings.js";
import { photoField } from "./photos.js";

const CODES = ["NOBODY_HOME", "REFUSED", "WRONG_ADDRESS", "NO_ACCESS", "DAMAGED", "MISSING",
  "WRONG_PIN", "AGE_NOT_PROVEN", "OUT_OF_TIME", "UNSAFE", "VEHICLE_FAILURE", "OTHER"];
const ONLY_AT_THE_DOOR = ["NOBODY_HOME", "REFUSED", "WRONG_PIN", "AGE_NOT_PROVEN"];

/** Ask why; sends the attempt when the driver confirms. `photos` were taken at the stop. */
export function cannotDeliver(page, stop, parcels, { atDoor = false, photos = [] } = {}) {
  let code = "";
  const codes = CODES.filter((name) => atDoor || !ONLY_AT_THE_DOOR.includes(name));
  const choices = h("div", { class: "codes", role: "radiogroup", "aria-label": say("fail.why") },
    codes.map((name) => h("label", { class: "code" },
      h("input", { type: "radio", name: "code", value: name,
        onchange: () => { code = name; go.disabled = false; } }),
      h("span", {}, say(`code.${name}`)))));
  const note = h("textarea", { id: "note", rows: 2, maxlength: 500 });
  const taken = [...photos];
  const pictures = photoField(page, taken, () => {});
  const go = button(say("fail.go", parcels.length), { class: "danger", disabled: true,
    onclick: () => {
      page.act("cannot_deliver", {
        stop_id: stop.stop_id,
        parcel_ids: parcels.map((parcel) => parcel.parcel_id),
        code,
        note: note.value.trim(),
      }, { photos: taken });
      dialog.close();
    } });
  const dialog = sheet(say("fail.title"), h("div", { class: "fields" },
    h("p", { class: "soft" }, `${stop.name || stop.stop_id} · `
      + parcels.map((parcel) => parcel.parcel_id).join(", ")),
    choices,
    h("label", { for: "note" }, `${say("fail.note")} (${say("at.optional")})`), note,
    pictures.root,
  ), [button(say("ask.cancel"), { onclick: () => dialog.close() }), go]);
  dialog.showModal();
}
