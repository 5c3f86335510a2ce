/* global axe */

/**
 * What axe finds on a page, with one of those texts that look alike looked at for its contrast:
 * see axe.py. The script of axe is on the page.
 */
async () => {
  const CONTRAST = "color-contrast";
  const names = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight",
    "fontStyle", "textShadow", "filter", "mixBlendMode", "display"];
  const attributes = ["class", "style", "aria-disabled", "disabled", "inert", "for"];
  const looks = new Map(); // from an element to its look, a number
  const numbers = new Map();
  function lookOf(el) {
    if (!el) return 0;
    if (!looks.has(el)) {
      const style = getComputedStyle(el);
      const text = [lookOf(el.parentElement), el.localName, ...names.map((one) => style[one]),
        ...attributes.map((one) => el.getAttribute(one))].join("|");
      if (!numbers.has(text)) numbers.set(text, numbers.size + 1);
      looks.set(el, numbers.get(text));
    }
    return looks.get(el);
  }

  // the texts, by their looks; what axe itself takes for signs has no contrast for it
  const signs = { emoji: true, nonBmp: true, punctuations: true };
  const buttons = ["range", "radio", "checkbox", "color", "image", "hidden"];
  const textOf = (el) => [...el.childNodes].map((one) => (one.nodeType === 3 ? one.data : "")).join("");
  const said = (el) => (el.matches("input, select, textarea") ? !buttons.includes(el.type)
    : axe.commons.text.removeUnicode(textOf(el), signs).trim() !== "");
  const alike = new Map();
  for (const el of document.querySelectorAll("body, body *")) {
    if (!said(el)) continue;
    const kind = el.closest("svg") ? el : `${lookOf(el)} ${el.checkVisibility()}`;
    if (alike.has(kind)) alike.get(kind).push(el);
    else alike.set(kind, [el]);
  }
  const kinds = [...alike.values()];

  axe.configure({ rules: [{ id: CONTRAST, selector: "[data-looked-at]" }] });
  async function run(elements, options) {
    for (const el of elements) el.setAttribute("data-looked-at", "");
    try {
      return await axe.run({ preload: false, selectors: false, elementRef: true, ...options });
    } finally {
      for (const el of elements) el.removeAttribute("data-looked-at");
    }
  }
  const first = await run(kinds.map(([el]) => el), {});
  const passed = first.passes.find(({ id }) => id === CONTRAST)?.nodes ?? [];
  const good = new Set(passed.map(({ element }) => element));
  const others = kinds.flatMap(([el, ...rest]) => (good.has(el) || !el.checkVisibility() ? [] : rest));
  const second = others.length > 0 ? (await run(others, { runOnly: [CONTRAST] })).violations : [];
  return {
    looks: kinds.length,
    texts: kinds.flat().length,
    violations: [...first.violations, ...second]
      .flatMap(({ id, nodes }) => nodes.map(({ element }) => [id, element.outerHTML.slice(0, 200)])),
  };
};
