/**
 * Words as data: messages in a subset of ICU MessageFormat. A message has holes, `{name}`, and
 * forks, `{n, plural, =0 {none} one {one step} other {{n} steps}}` and
 * `{how, select, off {not clipped} other {clipped}}`, which nest. src/unrolled/words.py reads the
 * same, and refuses what it does not know: what comes here is well formed.
 */

const PART = /[^{}]+|\{ *(\w+) *(?:, *(\w+) *, *)?/y; // a text, or how a hole or a fork begins
const OPTION = /(=?\w+) *\{/y;
const END = /\} */y;

/** @returns {(string|object)[]} texts, holes and forks, in their order */
function parse(text) {
  let at = 0;
  const next = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  function sequence() {
    const parts = [];
    for (let found; (found = next(PART));) {
      const [plain, name, kind] = found;
      if (name) parts.push({ name, kind, options: options() });
      else parts.push(plain);
    }
    return parts;
  }
  function options() {
    const all = { __proto__: null };
    for (let found; (found = next(OPTION)); next(END)) all[found[1]] = sequence();
    next(/\}/y);
    return all;
  }
  return sequence();
}

const rules = {};
/** Which form of its noun a number takes; what knows a language's is dear to make. */
const formOf = (language, number) => (rules[language] ??= new Intl.PluralRules(language)).select(number);

function fill(parts, values, language) {
  return parts.flatMap((part) => {
    if (typeof part === "string") return part;
    const value = values[part.name];
    if (value === undefined || value === null) throw new TypeError(`a message wants {${part.name}}, and got ${Object.keys(values).join(", ") || "nothing"}`);
    if (!part.kind) return value;
    if (part.kind === "plural" && typeof value !== "number") throw new TypeError(`${part.name} is “${value}”, but a plural counts with a number`);
    const { options } = part;
    const chosen = part.kind === "select" ? options[value]
      : options[`=${value}`] ?? options[formOf(language, value)];
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
