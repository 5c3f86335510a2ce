/**
 * Words as data: messages in a subset of ICU MessageFormat. A message has holes, `{name}`, and
 * forks, `{n, plural, =0 {none} one {one step} other {{n} steps}}` and
 * `{how, select, off {not clipped} other {clipped}}`, which nest. src/unrolled/words.py reads the
 * same, and refuses what it does not know: what comes here is well formed.
 */

/** @returns {(string|object)[]} texts, holes and forks, in their order */
function parse(text) {
  const open = [[]]; // in braces a hole or a fork, and in these what it chooses
  for (const one of text.split(/([{}])/).filter(Boolean)) {
    if (one === "}") open.pop();
    else open.at(-1).push(one === "{" ? (open[open.length] = []) : one);
  }
  return open[0].map(made);
}

/** A hole has a name, a fork a kind and options, too: a word and what it chooses, in turns. */
function made(part) {
  if (typeof part === "string") return part;
  const [begin, ...rest] = part;
  const [name, kind, first] = begin.trim().split(/ *, */);
  let word = first;
  const options = { __proto__: null };
  for (const one of rest) {
    if (typeof one === "string") word = one.trim();
    else options[word] = one.map(made);
  }
  return { name, kind, options };
}

const rules = {};
/** Which form of its noun a number takes; what knows a language's is dear to make. */
const formOf = (language, number) => (rules[language] ??= new Intl.PluralRules(language)).select(number);

function fill(parts, values, language) {
  return parts.flatMap((part) => {
    if (typeof part === "string") return part;
    const { name, kind, options } = part;
    const value = values[name];
    author: if (value === undefined || value === null) throw new TypeError(`a message wants {${name}}, and got ${Object.keys(values).join(", ") || "nothing"}`);
    if (!kind) return value;
    author: if (kind === "plural" && typeof value !== "number") throw new TypeError(`${name} is “${value}”, but a plural counts with a number`);
    const chosen = kind === "select" ? options[value] : options[`=${value}`] ?? options[formOf(language, value)];
    return fill(chosen ?? options.other, values, language);
  });
}

/**
 * A tree of words as it is read from `words/<language>.json`: a message without holes is a
 * string, one with holes a function of their values, whose `parts` leaves a hole's value what it
 * is (an element, say).
 */
export function messages(tree, language = "en") {
  if (typeof tree !== "string") {
    return Object.fromEntries(Object.entries(tree).map(([key, one]) => [key, messages(one, language)]));
  }
  const parts = parse(tree);
  if (parts.every((part) => typeof part === "string")) return parts.join("");
  const say = (values = {}) => fill(parts, values, language).join("");
  say.parts = (values = {}) => fill(parts, values, language);
  return say;
}
