/** Elements: made here, and changed here, so that nothing is written to the page twice. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] as for `patch`
 * @param {...(Node|string|{element: Node}|null|undefined)} children nodes, texts, and parts: what has an `element`
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

const parts = new WeakMap();

/**
 * The children that an element was made with, by `html`, `svg` or `repeat`. What the document says
 * are its children may be others': a search that marks its words, a translator, a reader's own script.
 * @returns {Node[]}
 */
export const partsOf = (element) => parts.get(element) ?? [];

function fill(element, children) {
  const own = children.flatMap((child) => (typeof child === "string" ? new Text(child) : child?.element ?? child ?? []));
  parts.set(element, own);
  element.append(...own);
  return element;
}

const written = new WeakMap();

/** A text, in the text node that is there: another node would have to be laid out anew. */
function writeText(element, text) {
  const { firstChild: node, lastChild } = element;
  if (node?.nodeType === Node.TEXT_NODE && node === lastChild) node.data = text;
  else element.textContent = text; // others may have split it: what searches a page, or translates it
}

function writeAttribute(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (name === "style") element.style.cssText = value; // a page may forbid the attribute
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Write only what differs from what was last written here. `text` is the text
 * content; a function is a listener ("onclick"); null or false takes an attribute away.
 */
export function patch(element, attributes) {
  let last = written.get(element);
  if (!last) written.set(element, (last = {}));
  for (const name in attributes) {
    const value = attributes[name];
    if (last[name] === value) continue;
    last[name] = value;
    if (name === "text") writeText(element, value ?? "");
    else if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else writeAttribute(element, name, value);
  }
  return element;
}

/**
 * One element for each of `count` items in `parent`: makes what is missing,
 * removes what is too many, and returns them in order.
 */
export function repeat(parent, count, make) {
  const own = partsOf(parent);
  for (const extra of own.splice(count)) extra.remove();
  while (own.length < count) {
    own.push(make(own.length));
    parent.append(own.at(-1));
  }
  parts.set(parent, own);
  return own;
}

/**
 * What `html` would make, not made yet: a formula is thought anew with every change, and little of
 * it differs. It has a class and a style at most; a `text` is its one child.
 * @returns {{tag: string, look: {class: ?string, style: ?string}, within: (object|string)[]}}
 */
export const sketch = (tag, { class: look = null, style = null, text } = {}, ...within) =>
  ({ tag, look: { class: look, style }, within: text === undefined ? within : [text] });

/** Make what is in `parent` as it is sketched, by changing no more of it than differs; where others have changed it, anew. */
export function reconcile(parent, sketches) {
  const { childNodes: { length } } = parent;
  let own = partsOf(parent);
  if (own.length !== length || own.some((node) => node.parentNode !== parent)) {
    parent.replaceChildren();
    own = [];
  }
  parts.set(parent, sketches.map((one, k) => {
    const { tag, look, within = String(one) } = one;
    const old = own[k];
    const node = old && old.localName === tag ? old : tag ? html(tag) : new Text(within);
    if (tag) reconcile(patch(node, look), within);
    else if (node.data !== within) node.data = within;
    if (!old) parent.append(node);
    else if (node !== old) old.replaceWith(node);
    return node;
  }));
  for (const extra of own.slice(sketches.length)) extra.remove();
  return parent;
}
