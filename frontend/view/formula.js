/** The parts of a formula with live numbers in it. */

import { signColour } from "./colour.js";
import { html } from "./dom.js";
import { trimmed } from "./number.js";

/** A number that may follow an operator: a negative one in brackets. */
export function signed(value, decimals) {
  const text = trimmed(value, decimals);
  return text.startsWith("−") ? `(${text})` : text;
}

/** The same, for a value that the drawing shows, underlined in the colour it has there. */
export const operand = (value, decimals) =>
  html("u", { style: `text-decoration-color:${signColour(value)}`, text: signed(value, decimals) });
