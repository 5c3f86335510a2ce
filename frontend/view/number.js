/** Numbers as text, and back. The minus is a true minus; nothing is ever shown as a blank. */

/** The number that a reader, or a link, has written; NaN where it is none. */
export const toNumber = (text) => (text.trim() === "" ? NaN : Number(text));

/** 10 to the `power`, a whole number: 10⁻⁴. */
export const tenTo = (power) => `10${[...String(power)].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("")}`;

function special(value) {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "∞" : "−∞";
}

const minus = (text) => text.replace("-", "−");

function scientific(value, decimals) {
  const [digits, power] = value.toExponential(decimals).split("e");
  return `${minus(digits)} × ${tenTo(Number(power))}`;
}

/**
 * `value` with a fixed number of decimals; far beyond that, in powers of ten.
 * A value that rounds to zero has no sign.
 */
export function fixed(value, decimals = 2) {
  if (!Number.isFinite(value)) return special(value);
  if (Math.abs(value) >= 1e6) return scientific(value, decimals);
  const text = value.toFixed(decimals);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/** `value` with up to `decimals` decimals: no zeros at its end beyond the second. */
export const trimmed = (value, decimals) =>
  fixed(value, decimals).replace(/(\.\d\d\d*?)0+$/, "$1");

/** `value` with so many digits that count: 0.0123, 12.3, 1235; far from 1, in powers of ten. */
export function significant(value, digits = 3) {
  if (!Number.isFinite(value)) return special(value);
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.0009995 || size >= 9999.5) return scientific(value, digits - 1);
  return minus(size >= 10 ** digits - 0.5 ? value.toFixed(0) : value.toPrecision(digits));
}

/** At most five characters, for a number inside a mark: 0.76, −17.9, 240, 3e9. */
export function short(value) {
  const size = Math.abs(value);
  if (size < 9999.5 || !Number.isFinite(value)) return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  return minus(value.toExponential(0).replace("+", ""));
}

/** The same, but what is too small for two decimals keeps its first digit: 4e−3. */
export function brief(value) {
  const size = Math.abs(value);
  if (size === 0 || size >= 0.00995 || Number.isNaN(value)) return short(value);
  return size < 1e-9 ? "≈0" : value.toExponential(0).replaceAll("-", "−");
}

/** How many decimals, from 2 to 8, show the first two digits of a value. */
export const decimalsOf = (value) =>
  (value && Number.isFinite(value) ? Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(Math.abs(value))))) : 2);

/** As a program reads it: the shortest text that gives the same number back. */
export const literal = (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
export const literals = (values) => `[${values.map(literal).join(", ")}]`;

/**
 * How many decimals (2 to 6, or 4 more than `shown`) the operands of a printed sum need, so that what is
 * printed evaluates to the result as printed: by `show`, or with `shown` decimals.
 *
 * @template Result
 * @param {number[]} operands
 * @param {(rounded: number[]) => Result} evaluate
 * @param {Result} result
 * @param {number} [shown]
 * @param {(result: Result) => string} [show]
 * @returns {{decimals: number, exact: boolean}} exact is false where not even so many do
 */
export function decimalsFor(operands, evaluate, result, shown = 2, show = (value) => fixed(value, shown)) {
  const target = show(result);
  const most = shown + 4;
  for (let decimals = 2; decimals <= most; decimals++) {
    const rounded = operands.map((value) => Number(value.toFixed(decimals)));
    if (show(evaluate(rounded)) === target) return { decimals, exact: true };
  }
  return { decimals: most, exact: false };
}

/** The same for a product or a quotient: how many digits (3 to 8) of its operands count. */
export function digitsFor(operands, evaluate, result) {
  const target = significant(result);
  for (let digits = 3; digits <= 8; digits++) {
    const rounded = operands.map((value) => Number(value.toPrecision(digits)));
    if (significant(evaluate(rounded)) === target) return { digits, exact: true };
  }
  return { digits: 8, exact: false };
}
