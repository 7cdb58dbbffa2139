// The day is over: what became of every parcel.

import { fill, h, icon } from "../dom.js";
import { say } from "../strings.js";
import { figure } from "./parts.js";

const GOOD = ["DELIVERED", "SAFE_PLACE", "LOCKER", "HANDED_OVER"];

export function closed(page) {
  const thanks = h("p", { class: "soft" });
  const counts = h("dl", { class: "figures" });
  const verdict = h("p", { class: "verdict" });
  const rest = h("div");
  const root = h("div", {}, h("div", { class: "hero flat" }, icon("check"),
    h("h1", {}, say("closed.title")), thanks), h("div", { class: "card" }, counts, verdict), rest);
  return {
    root,
    update(view) {
      thanks.textContent = say("closed.text", { driver: page.driver });
      const of = new Map();
      for (const parcel of view.parcels) {
        const outcome = parcel.outcome ?? "none";
        of.set(outcome, (of.get(outcome) ?? 0) + 1);
      }
      const open = of.get("none") ?? 0;
      of.delete("none");
      const order = [...GOOD, "RETURNED", "FAILED", "CANCELLED"].filter((name) => of.has(name));
      fill(counts, order.map((name) => [name, of.get(name)]), (rows) =>
        rows.map(([name, count]) => figure(String(count), say(`outcome.${name}`))));
      verdict.className = `verdict ${open ? "bad" : "good"}`;
      fill(verdict, open, () => [icon(open ? "alert" : "check"),
        h("span", {}, open ? say("closed.open", open) : say("closed.balanced"))]);
      const back = view.parcels.filter((parcel) => parcel.outcome && !GOOD.includes(parcel.outcome));
      fill(rest, back.map((parcel) => [parcel.parcel_id, parcel.outcome]), (rows) => rows.length
        ? h("section", { class: "card" }, h("h2", {}, say("closed.back")),
          h("ul", { class: "ids long" }, rows.map(([id, outcome]) =>
            h("li", {}, h("strong", {}, id), ` ${say(`outcome.${outcome}`)}`))))
        : []);
    },
  };
}
