/** Programs as data: what a reader copies, from the text of a room's program.txt. */

import { literal, literals } from "./number.js";

/** A value as Python writes it; a text is part of the program. */
function written(value) {
  if (Array.isArray(value)) return literals(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? literal(value) : value;
}

/**
 * A program of its text and of values by name. A line "? torch !held" says when the lines below it
 * are there: if there is a `torch`, and no `held`, which is null or false. `$name` is a value; a
 * line that ends in a backslash goes on in the next.
 */
export function program(text, values) {
  const holds = (name) => (values[name.replace("!", "")] ?? false) !== false === (name[0] !== "!");
  return text.split(/^\?(.*)\n/m).map((part, k, all) => (k % 2 || !(all[k - 1] ?? "").split(" ").filter(Boolean).every(holds) ? ""
    : part.replaceAll("\\\n", "").replace(/\$(\w+)/g, (_, name) => written(values[name])))).join("");
}
