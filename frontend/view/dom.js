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
  for (const [name, value] of Object.entries(attributes)) {
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
  while (parent.childNodes.length > count) parent.lastChild.remove();
  while (parent.childNodes.length < count) parent.append(make(parent.childNodes.length));
  return parent.childNodes;
}

/** Make what is in `parent` equal to `nodes`, by changing no more of it than differs. */
export function reconcile(parent, nodes) {
  nodes.forEach((node, k) => {
    const old = parent.childNodes[k];
    if (old?.nodeName !== node.nodeName) old ? old.replaceWith(node) : parent.append(node);
    else if (node.nodeType === Node.TEXT_NODE) {
      if (old.data !== node.data) old.data = node.data;
    } else {
      for (const { name, value } of node.attributes) if (old.getAttribute(name) !== value) writeAttribute(old, name, value);
      for (const { name } of [...old.attributes]) if (!node.hasAttribute(name)) old.removeAttribute(name);
      reconcile(old, [...node.childNodes]);
    }
  });
  while (parent.childNodes.length > nodes.length) parent.lastChild.remove();
}
