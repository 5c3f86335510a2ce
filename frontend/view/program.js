/** Programs as data: what a reader copies, from the text of a room's program.txt. */

import { literal, literals } from "./number.js";

/** A value as Python writes it; a text is part of the program. */
function written(value) {
  if (Array.isArray(value)) return literals(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? literal(value) : value;
}

/** Whether all conditions hold, "torch !held": if there is a `torch`, and no `held`, which is null or false. */
export const holds = (conditions, values) => conditions.split(" ").filter(Boolean)
  .every((name) => (values[name.replace("!", "")] ?? false) !== false === (name[0] !== "!"));

/**
 * A program of its text and of values by name. A line "? torch !held" says when the lines below it
 * are there. `$name` is a value; a line that ends in a backslash goes on in the next.
 */
export function program(text, values) {
  return text.split(/^\?(.*)\n/m).map((part, k, all) => (k % 2 || !holds(all[k - 1] ?? "", values) ? ""
    : part.replaceAll("\\\n", "").replace(/\$(\w+)/g, (_, name) => written(values[name])))).join("");
}

/**
 * What is copied, by NumPy and by PyTorch: the room's program, whose conditions and holes are the
 * settings, and what `adds` has beside them.
 * @param {(state: object, words: object, torch: boolean) => object} adds
 */
export function programs(adds) {
  const copied = (torch) => (state, words) => program(words.program, { ...state, torch, numpy: !torch, ...adds(state, words, torch) });
  return { copyNumpy: copied(false), copyPytorch: copied(true) };
}
