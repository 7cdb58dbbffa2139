// Small tools to build and keep up a page: elements, icons, times, distances.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element; `on…` props are listeners, true and false are bare attributes. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value);
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Rebuild a node's children only when what they show has changed; keeps the focus. */
export function fill(node, shown, build) {
  const now = JSON.stringify(shown);
  if (node.shown === now) return;
  node.shown = now;
  const focus = node.contains(document.activeElement)
    ? document.activeElement.getAttribute("data-focus") : null;
  node.replaceChildren(...[build(shown)].flat().filter(Boolean));
  if (focus) node.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

/** Set a text only when it differs, so that a screen reader is not told twice. */
export function text(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

const ICONS = {
  alert: "M12 3 2 20h20zM12 10v4M12 17v.5",
  back: "M19 12H5M11 6l-6 6 6 6",
  box: "M3 7l9-4 9 4v10l-9 4-9-4zM3 7l9 4 9-4M12 11v10",
  camera: "M4 7h4l2-3h4l2 3h4v13H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  check: "M4 12l5 6L20 6",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  close: "M5 5l14 14M19 5L5 19",
  flag: "M5 21V4h13l-3 4 3 4H5",
  fork: "M12 21v-8M12 13L5 6M12 13l7-7M5 10V6h4M19 10V6h-4",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  id: "M3 5h18v14H3zM8 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM5 16c1-2 5-2 6 0M14 10h4M14 14h4",
  key: "M8 16a4 4 0 1 1 0-8 4 4 0 0 1 0 8zM12 12h9M18 12v4",
  menu: "M4 6h16M4 12h16M4 18h16",
  navigate: "M12 2l8 19-8-4-8 4z",
  note: "M5 3h10l4 4v14H5zM9 12h6M9 16h6",
  pen: "M4 20l1-5L16 4l4 4L9 19z",
  pin: "M12 22s7-7 7-12a7 7 0 0 0-14 0c0 5 7 12 7 12zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  scan: "M3 8V4h4M17 4h4v4M21 16v4h-4M7 20H3v-4M7 8v8M11 8v8M14 8v8M17 8v8",
  wifi: "M2 9a15 15 0 0 1 20 0M5 13a10 10 0 0 1 14 0M9 16.500a5 5 0 0 1 6 0M12 20v.5",
};

/** Return a decorative icon; the words stand beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function button(words, props = {}, iconName = null) {
  return h("button", { type: "button", ...props }, iconName ? icon(iconName) : null,
    h("span", {}, words));
}

/** Return HH:MM in the phone's own time zone. */
export function clock(utc) {
  return new Date(utc).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function distance(metres) {
  if (metres === null || metres === undefined) return "";
  if (metres < 995) return `${Math.max(0, Math.round(metres / 10) * 10)} m`;
  return `${(metres / 1000).toFixed(metres < 9950 ? 1 : 0)} km`;
}

/** Draw 32 random hex digits; crypto.randomUUID is missing on a plain-http page. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Ask with a modal sheet; resolves to the pressed choice's value, null if dismissed. */
export function ask(title, body, choices) {
  return new Promise((resolve) => {
    const dialog = sheet(title, body, choices.map(([words, value, style]) =>
      button(words, { class: style, onclick: () => { dialog.answer = value; dialog.close(); } })));
    dialog.addEventListener("close", () => resolve(dialog.answer ?? null));
    dialog.showModal();
  });
}

/** Make a modal sheet that removes itself when it is closed. */
export function sheet(title, body, buttons) {
  const id = `t${newId().slice(0, 8)}`;
  const dialog = h("dialog", { class: "sheet", "aria-labelledby": id },
    h("h2", { id }, title), body, h("div", { class: "choices" }, buttons));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return dialog;
}

/** Buzz, where the phone can; a scan must be felt without looking. */
export function buzz(good) {
  if (navigator.userActivation?.hasBeenActive === false) return; // browsers forbid it till then
  navigator.vibrate?.(good ? 40 : [120, 80, 120]);
}
