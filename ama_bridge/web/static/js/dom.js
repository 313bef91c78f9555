/** Elements made in one expression. Text always goes in as text, never as markup: names come from anybody's files. */

const SVG = "http://www.w3.org/2000/svg";

/** Return an HTML element; `on` holds listeners, `data` data-attributes, null and false leave an attribute out. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Return an SVG element. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name in PROPERTIES) {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PROPERTIES = { value: 1, checked: 1, disabled: 1, selected: 1, hidden: 1, indeterminate: 1 };

/** Put `text` where it differs, so that a reader's selection and the screen reader are left alone. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show or hide without a layout of its own. */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/** Let `parent` hold one element for each item in their order; elements are made once a key and then updated, so focus stays where it is. */
export function keyed(parent, items, { key, make, update = () => {} }) {
  const kept = (parent.keyedElements ??= new Map());
  const wanted = new Set(items.map(key));
  for (const [name, element] of kept) {
    if (!wanted.has(name)) {
      element.remove();
      kept.delete(name);
    }
  }
  let after = null;
  for (const item of items) {
    const name = key(item);
    let element = kept.get(name);
    if (!element) {
      element = make(item);
      kept.set(name, element);
    }
    const place = after === null ? parent.firstChild : after.nextSibling;
    if (place !== element) parent.insertBefore(element, place);
    update(element, item);
    after = element;
  }
}

/** Return whether a key press belongs to what has the focus (a field, a list, an open dialog) and not to the page. */
export function isTyping(event) {
  const at = event.target;
  if (!(at instanceof Element)) return false;
  return at.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, dialog[open]") !== null;
}
