// Photos by the phone's own camera: a live picture is not to be had on a plain-http page.

import { fill, h, icon, newId } from "../dom.js";
import { redrawn } from "../kept.js";
import { say } from "../strings.js";

const MOST = 5;

/** A field of photos; `keys` is changed in place, `changed` told of it. */
export function photoField(page, keys, changed) {
  const urls = new Map();
  const strip = h("div", { class: "strip" });
  const problem = h("p", { class: "problem", role: "alert" });
  const file = h("input", {
    type: "file", accept: "image/*", capture: "environment", class: "unseen",
    onchange: () => take(),
  });
  const words = h("span", {});
  const take_button = h("label", { class: "button wide" }, icon("camera"), words, file);
  const root = h("div", {}, strip, take_button, problem);

  async function take() {
    const picked = file.files[0];
    file.value = "";
    if (!picked) return;
    problem.textContent = "";
    try {
      const key = newId();
      await page.pictures.put(key, await redrawn(picked));
      keys.push(key);
      changed();
      await show();
    } catch {
      problem.textContent = say("at.photo.unreadable");
    }
  }

  async function show() {
    for (const key of keys) {
      if (urls.has(key)) continue;
      const blob = await page.pictures.get(key);
      if (blob) urls.set(key, URL.createObjectURL(blob));
    }
    words.textContent = say(keys.length ? "at.photo.more" : "at.photo.take");
    take_button.hidden = keys.length >= MOST;
    fill(strip, [...keys], () => keys.map((key, index) => h("div", { class: "shot" },
      h("img", { src: urls.get(key) ?? "", alt: say("at.photo.alt", index + 1) }),
      h("button", { type: "button", class: "round", "aria-label": say("at.photo.remove", index + 1),
        onclick: () => { keys.splice(keys.indexOf(key), 1); changed(); show(); } },
      icon("close")))));
  }

  show();
  return { root, show };
}
