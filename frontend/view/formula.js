/** The parts of a formula with live numbers in it. */

import { signColour } from "./colour.js";
import { html } from "./dom.js";
import { decimalsFor, decimalsOf, fixed, trimmed } from "./number.js";
import { symbolNodes } from "./slider.js";

/** A text in which every letter with a subscript, "w_h", is set as a symbol. */
export const symbols = (text) => text.split(/\b([A-Za-z]_\w+)/).flatMap((part, k) => (k % 2 ? symbolNodes(part) : part || []));

/** A number that may follow an operator: a negative one in brackets. */
export function signed(value, decimals) {
  const text = trimmed(value, decimals);
  return text.startsWith("−") ? `(${text})` : text;
}

/** The same, for a value that the drawing shows, underlined in the colour it has there. */
export const operand = (value, decimals) =>
  html("u", { style: `text-decoration-color:${signColour(value)}`, text: signed(value, decimals) });

/** One line of several: its name, then parts that are kept whole. */
export const line = (name, ...parts) =>
  html("div", {}, html("span", { text: name }), ...parts.flatMap((part) => [" ", html("span", {}, ...part)]));

/** A value with its first two digits at least, unless they come too late. */
export const outcome = (value, exact) =>
  [exact && !(value && Math.abs(value) < 5e-9) ? "= " : "≈ ", html("b", { text: fixed(value, decimalsOf(value)) })];

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

const NAMES = /\b[A-Za-z]_\w+/g;

/** The numbers of "f_3 × c_2 + i_3 × g_3", for `equation`: what the drawing shows by its sign is x, h, c, g and n. */
export const numbersOf = (text) => (shown, plain) => {
  const names = [...new Set(text.match(NAMES))];
  return text.split(/(\(?\b[A-Za-z]_\w+)/).map((part, k) => {
    if (k % 2 === 0) return part;
    if (part[0] === "(") return `(${plain(names.indexOf(part.slice(1))).replace(/[()]/g, "")}`; // it has a bracket already
    return (/^[xhcgn]/.test(part) ? shown : plain)(names.indexOf(part));
  });
};

/** Both sides of "c_3 = f_3 × c_2 + i_3 × g_3". */
export const sides = (text) => text.split(" = ");

/**
 * An equation whose symbols and numbers are both read from one text, "c_3 = f_3 × c_2 + i_3 × g_3"; the
 * operands come in the order in which the right side names them first.
 */
export const sumLine = (name, text, sum) => equation(name, sum, symbols(text.replaceAll(" × ", " ")), numbersOf(sides(text)[1]));
