/** The parts of a formula with live numbers in it. */

import { sigmoid } from "#core/gates.js";
import { signColour } from "./colour.js";
import { sketch } from "./dom.js";
import { decimalsFor, decimalsOf, fixed, trimmed } from "./number.js";
import { symbols } from "./slider.js";

/** A number that may follow an operator: a negative one in brackets. */
export function signed(value, decimals) {
  const text = trimmed(value, decimals);
  return text.startsWith("−") ? `(${text})` : text;
}

/** The same, for a value that the drawing shows, underlined in the colour it has there. */
export const operand = (value, decimals) =>
  sketch("u", { style: `text-decoration-color:${signColour(value)}`, text: signed(value, decimals) });

/** One line of several: its name, then parts that are kept whole. */
export const line = (name, ...parts) =>
  sketch("div", {}, sketch("span", { text: name }), ...parts.flatMap((part) => [" ", sketch("span", {}, ...part)]));

export const strong = (text) => sketch("b", { text });

/** A value with its first two digits at least, unless they come too late. */
export const outcome = (value, exact) =>
  [exact && !(value && Math.abs(value) < 5e-9) ? "= " : "≈ ", strong(fixed(value, decimalsOf(value)))];

/**
 * The symbols and the numbers of one equation, as a line.
 * @param {string} name
 * @param {{operands: number[], evaluate: (rounded: number[]) => number, value: number}} sum
 * @param {(Node|string)[]} symbols
 * @param {(shown: (k: number) => Node, plain: (k: number) => string) => (Node|string)[]} write
 *   the numbers: an operand that the drawing shows in its sign's colour, one that it does not
 */
export function equation(name, { operands, evaluate, value }, symbols, write) {
  const { decimals, exact } = decimalsFor(operands, evaluate, value, decimalsOf(value));
  const numbers = write((k) => operand(operands[k], decimals), (k) => signed(operands[k], decimals));
  return line(name, symbols, ["= ", ...numbers], outcome(value, exact));
}

const FUNCTIONS = { "σ": sigmoid, tanh: Math.tanh, "tanh²": (value) => Math.tanh(value) ** 2 };

/** What a sum in symbols comes to, "σ(w_xf × x_3 + b_f)" or "o_3 × tanh c_3", with each name's value by `at`. */
export function evaluate(text, at) {
  const tokens = text.match(/tanh²?|[A-Za-z]+_\w+|\S/g);
  let n = 0;
  const factor = () => {
    const token = tokens[n++];
    if (token !== "(") return FUNCTIONS[token]?.(factor()) ?? (token > "9" ? at(token) : Number(token));
    const value = sum();
    n++;
    return value;
  };
  const product = () => {
    let value = factor();
    for (; tokens[n] === "×"; value *= factor()) n++;
    return value;
  };
  const sum = () => {
    let value = product();
    while ("+−".includes(tokens[n])) value += (tokens[n++] === "+" ? 1 : -1) * product();
    return value;
  };
  return sum();
}

/**
 * The numbers in the place of a sum's symbols, with decimals enough to come to `value` as it is
 * printed, and whether they do. What the drawing shows by its sign is x, h, c, g, n and capitals.
 */
export function numbersOf(text, at, value) {
  const names = text.match(/\b[A-Za-z]_\w+/g);
  const { decimals, exact } = decimalsFor(names.map(at), (rounded) => evaluate(text, (name) => rounded[names.indexOf(name)]), value, decimalsOf(value));
  const numbers = text.split(/(\(?\b[A-Za-z]_\w+)/).map((part, k) => {
    if (k % 2 === 0) return part;
    if (part[0] === "(") return `(${trimmed(at(part.slice(1)), decimals)}`; // it has a bracket already
    return (/^[xhcgnA-Z]/.test(part) ? operand : signed)(at(part), decimals);
  });
  return { numbers, exact };
}

/** An equation, "c_3 = f_3 × c_2 + i_3 × g_3": as it is `written`, with the numbers by `at`, and its outcome. */
export function sumLine(name, text, at, written = symbols(text.replaceAll(" × ", " "))) {
  const [own, sum] = text.split(" = ");
  const value = at(own);
  const { numbers, exact } = numbersOf(sum, at, value);
  return line(name, written, ["= ", ...numbers], outcome(value, exact));
}
