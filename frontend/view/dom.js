/** Elements: made here, and changed here, so that nothing is written to the page twice. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] as for `patch`
 * @param {...(Node|string|null)} children
 * @returns {HTMLElement}
 */
export function html(tag, attributes = {}, ...children) {
  return fill(patch(document.createElement(tag), attributes), children);
}

/**
 * An SVG element; the same arguments as `html`.
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(patch(document.createElementNS(SVG, tag), attributes), children);
}

function fill(element, children) {
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

const written = new WeakMap();

/**
 * Write only what differs from what was last written here. `text` is the text
 * content; a function is a listener ("onclick"); null or false takes an attribute away.
 */
export function patch(element, attributes) {
  let last = written.get(element);
  if (!last) written.set(element, (last = {}));
  for (const [name, value] of Object.entries(attributes)) {
    if (last[name] === value) continue;
    last[name] = value;
    if (name === "text") element.textContent = value;
    else if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  return element;
}

/**
 * One element for each of `count` items in `parent`: makes what is missing,
 * removes what is too many, and returns them in order.
 */
export function repeat(parent, count, make) {
  while (parent.childNodes.length > count) parent.lastChild.remove();
  while (parent.childNodes.length < count) parent.append(make(parent.childNodes.length));
  return parent.childNodes;
}
