// Small hands for the page: elements made and kept without ever parsing HTML.

export function make(tag, classes = "", text = "") {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  if (text !== "") element.textContent = text;
  return element;
}

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function dress(element, classes) {
  if (element.className !== classes) element.className = classes;
}

// Make `list` show `items`, keeping the elements of those that stay (and the focus in them).
export function keep(list, items, keyOf, build, update) {
  const known = list.kept ??= new Map();
  const wanted = new Set();
  let next = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    wanted.add(key);
    let element = known.get(key);
    if (!element) known.set(key, element = build(item));
    update(element, item);
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
  for (const [key, element] of known) {
    if (!wanted.has(key)) { element.remove(); known.delete(key); }
  }
}
