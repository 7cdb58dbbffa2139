// A pad for the customer's PIN: large keys, and never the digits in clear.

import { button, h, icon, sheet, text } from "../dom.js";
import { say } from "../strings.js";

const LONGEST = 12;
const SHORTEST = 4;

/** Ask for a PIN; resolves to its digits, null if the sheet was left. */
export function askPin() {
  return new Promise((resolve) => {
    let pin = "";
    let answer = null;
    const dots = h("p", { class: "dots", "aria-hidden": "true" });
    const spoken = h("p", { class: "unseen", role: "status" });
    const press = (digit) => { if (pin.length < LONGEST) { pin += digit; show(); } };
    const undo = () => { pin = pin.slice(0, -1); show(); };
    const key = (digit) => h("button", { type: "button", class: "key",
      onclick: () => press(digit) }, digit);
    const pad = h("div", { class: "pad" }, [..."123456789"].map(key),
      h("button", { type: "button", class: "key", "aria-label": say("at.pin.delete"),
        onclick: undo }, icon("back")),
      key("0"), h("span"));
    const done = button(say("at.pin.done"), { class: "main", onclick: () => finish() }, "check");
    const dialog = sheet(say("at.pin.enter"), h("div", {}, dots, spoken, pad),
      [button(say("ask.cancel"), { onclick: () => dialog.close() }), done]);

    function show() {
      text(dots, "●".repeat(pin.length) || "–");
      text(spoken, say("at.pin.length", { n: pin.length }));
      done.disabled = pin.length < SHORTEST;
    }

    function finish() {
      answer = pin;
      dialog.close();
    }

    dialog.addEventListener("keydown", (event) => {
      if (/^\d$/.test(event.key)) press(event.key);
      if (event.key === "Backspace") undo();
    });
    dialog.addEventListener("close", () => resolve(answer));
    show();
    dialog.showModal();
  });
}
