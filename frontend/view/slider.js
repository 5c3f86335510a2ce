/** A labelled slider with a number box for the same value. */

import { html, patch, reconcile, sketch } from "./dom.js";
import { fixed, toNumber } from "./number.js";
import { within } from "./shape.js";

/** JupyterLab takes a slider's arrow keys for itself unless the control says no. */
export const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" };

/** An element in a box in which it is laid out by itself, so that what changes in it moves nothing around it. */
export const boxed = (part) => html("span", { class: "u-box" }, part);

/**
 * A native range input that shows its distance from zero (or from its lower end).
 * @param {{min: number, max: number, step: number, label: string, onvalue: (v: number) => void}} spec
 */
export function range({ min, max, step, label, onvalue }) {
  const input = html("input", {
    type: "range", min, max, step, "aria-label": label, ...KEEP_KEYS,
    oninput: () => onvalue(Number(input.value)),
  });
  const share = (value) => (100 * (within(value, [min, max]) - min)) / (max - min);
  return {
    element: input,
    update(value, { text, label: newLabel = label, upper = max } = {}) {
      patch(input, { max: (max = upper) });
      if (Number(input.value) !== value) input.value = String(value);
      const ends = [share(0), share(value)].sort((a, b) => a - b);
      patch(input, {
        "aria-valuetext": text,
        "aria-label": newLabel,
        style: `--from:${ends[0].toFixed(2)}%;--to:${ends[1].toFixed(2)}%`,
      });
    },
  };
}

/** Why a number box does not take what was typed, in words; null where it does. */
function complaint(text, { name, min, max, least, most, whole, words }) {
  const given = toNumber(text);
  if (!Number.isFinite(given)) return words.badNumber({ name, given: text });
  if (whole && (!Number.isInteger(given) || given < min || given > max)) return words.outOfRange({ name, given, low: min, high: max });
  if (given < least) return words.tooSmall({ name, given, least });
  return given > most ? words.tooLarge({ name, given, most }) : null;
}

/**
 * Slider and number box.
 * @param {object} spec
 * @param {string} spec.symbol what the book calls it: "w_h" is set as w with a subscript
 * @param {string} spec.label the accessible name, in words; "" where `update` names it, by the state
 * @param {number} spec.min the slider's ends; the box takes any finite number unless `whole`
 * @param {number} spec.max
 * @param {number} spec.step
 * @param {number} [spec.least] the smallest number that the box takes
 * @param {number} [spec.most] the largest
 * @param {boolean} [spec.whole] whole numbers within the slider's ends only
 * @param {number} [spec.decimals] where the slider's steps are all there is: the box counts in them
 *   too, and shows so many decimals
 * @param {(value: number) => void} spec.onvalue
 * @param {(message: string) => void} spec.onerror told why a typed value was not taken
 * @param {object} spec.words those of all explorers
 */
export function slider({ symbol, label, min, max, step, least = -Infinity, most = Infinity, whole = false, decimals = null, onvalue, onerror, words }) {
  const track = range({ min, max, step, label, onvalue });
  const caption = reconcile(html("span", { class: "u-symbol", "aria-hidden": "true" }), symbolNodes(symbol));
  let shown = null;
  const show = (value) =>
    (whole || Math.abs(value) >= 1e6 ? String(value) : fixed(value, decimals ?? 2).replace("−", "-"));
  const take = (final) => {
    const problem = complaint(box.value, { name: label, min, max, least, most, whole, words });
    patch(box, { "aria-invalid": problem ? "true" : null });
    if (!problem) onvalue(Number(box.value));
    else if (final) {
      onerror(problem);
      box.value = show(shown);
      patch(box, { "aria-invalid": null });
    }
  };
  const box = html("input", {
    type: "number", ...(decimals === null ? { step: whole ? 1 : "any" } : { min, max, step }), inputmode: whole ? "numeric" : null, "aria-label": label, ...KEEP_KEYS,
    oninput: () => take(false),
    onchange: () => take(true),
    onblur: () => { box.value = show(shown); },
  });
  return {
    element: html("div", { class: "u-control" }, label ? caption : boxed(caption), boxed(track), boxed(box)),
    /** `upper` is the slider's end where that depends on other settings. */
    update(value, { symbol: newSymbol = symbol, label: newLabel = label, upper } = {}) {
      const stale = value !== shown;
      shown = value;
      track.update(value, { text: show(value), label: newLabel, upper });
      if (newSymbol !== symbol) reconcile(caption, symbolNodes((symbol = newSymbol)));
      patch(box, { "aria-label": (label = newLabel) });
      if (stale && box.getRootNode().activeElement !== box) box.value = show(value);
    },
  };
}

/** "w_h" as an italic letter with its subscript; a word stays a word. */
export function symbolNodes(symbol) {
  const [letter, index] = symbol.split("_");
  if (letter.length > 1) return [symbol];
  const italic = sketch("i", { text: letter });
  return index ? [italic, sketch("sub", { text: index })] : [italic];
}

/** A text in which every letter with a subscript, "w_h" and that of "dL/dw_h", is set as a symbol. */
export const symbols = (text) => text.split(/\b(d?)([A-Za-z]_\w+)/).flatMap((part, k) => (k % 3 === 2 ? symbolNodes(part) : part || []));

/** One of a few words, as radio buttons that look like one bar. */
export function segments({ label, options, labels, onvalue }) {
  const group = `u-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map((value) =>
    html("input", { type: "radio", name: group, value, ...KEEP_KEYS, onchange: () => onvalue(value) }));
  const element = html("fieldset", { class: "u-segments" }, html("legend", { class: "u-hidden", text: label }),
    ...inputs.map((input) => html("label", {}, input, html("span", { text: labels[input.value], "data-text": labels[input.value] }))));
  return {
    element,
    update(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
