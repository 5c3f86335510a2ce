/** Numbers as text. The minus is a true minus; nothing is ever shown as a blank. */

import { common } from "./words.js";

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function special(value) {
  if (Number.isNaN(value)) return common.notANumber;
  return value > 0 ? "∞" : "−∞";
}

const minus = (text) => text.replace("-", "−");

/**
 * `value` with a fixed number of decimals; far beyond that, in powers of ten.
 * A value that rounds to zero has no sign.
 */
export function fixed(value, decimals = 2) {
  if (!Number.isFinite(value)) return special(value);
  if (Math.abs(value) >= 1e6) {
    const [digits, power] = value.toExponential(decimals).split("e");
    const raised = [...String(Number(power))].map((d) => SUPERSCRIPT[d]).join("");
    return `${minus(digits)} × 10${raised}`;
  }
  const text = value.toFixed(decimals);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/** `value` with up to `decimals` decimals: no zeros at its end beyond the second. */
export const trimmed = (value, decimals) =>
  fixed(value, decimals).replace(/(\.\d\d\d*?)0+$/, "$1");

/** At most five characters, for a number inside a mark: 0.76, −17.9, 240, 3e9. */
export function short(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : special(value);
  const size = Math.abs(value);
  if (size < 9.995) return fixed(value, 2);
  if (size < 99.95) return fixed(value, 1);
  if (size < 9999.5) return fixed(value, 0);
  return minus(value.toExponential(0).replace("+", ""));
}

/** As a program reads it: the shortest text that gives the same number back. */
export const literal = (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/**
 * How many decimals (2 to 6) the operands of a printed sum need, so that what is
 * printed evaluates to the result as printed with `shown` decimals.
 *
 * @param {number[]} operands
 * @param {(rounded: number[]) => number} evaluate
 * @param {number} result
 * @returns {{decimals: number, exact: boolean}} exact is false where not even six do
 */
export function decimalsFor(operands, evaluate, result, shown = 2) {
  const target = fixed(result, shown);
  for (let decimals = 2; decimals <= 6; decimals++) {
    const rounded = operands.map((value) => Number(value.toFixed(decimals)));
    if (fixed(evaluate(rounded), shown) === target) return { decimals, exact: true };
  }
  return { decimals: 6, exact: false };
}
