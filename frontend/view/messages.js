/**
 * Words as data: messages in a subset of ICU MessageFormat. A message has holes, `{name}`, and
 * forks, `{n, plural, =0 {none} one {one step} other {{n} steps}}` and
 * `{how, select, off {not clipped} other {clipped}}`, which nest. src/unrolled/words.py reads the
 * same, and refuses what it does not know: what comes here is well formed.
 */

/** @returns {(string|Array)[]} its texts, and for what stands in braces a list of the same kind */
function parse(text) {
  const open = [[]];
  for (const one of text.split(/([{}])/).filter(Boolean)) {
    if (one === "}") open.pop();
    else {
      const part = one === "{" ? [] : one;
      open.at(-1).push(part);
      if (part !== one) open.push(part);
    }
  }
  return open[0];
}

const rules = {};
/** Which form of its noun a number takes; what knows a language's is dear to make. */
const formOf = (language, number) => (rules[language] ??= new Intl.PluralRules(language)).select(number);

function fill(parts, values, language) {
  return parts.flatMap((part) => {
    if (typeof part === "string") return part;
    const [begin, ...rest] = part;
    const [name, kind, first] = begin.trim().split(/ *, */);
    const value = values[name];
    if (value === undefined || value === null) throw new TypeError(`a message wants {${name}}, and got ${Object.keys(values).join(", ") || "nothing"}`);
    if (!kind) return value;
    if (kind === "plural" && typeof value !== "number") throw new TypeError(`${name} is “${value}”, but a plural counts with a number`);
    // a fork: a word and what it chooses, in turns
    const words = [first, ...rest].map((one) => typeof one === "string" && one.trim());
    const option = (word) => rest[words.indexOf(word)];
    const chosen = kind === "select" ? option(String(value)) : option(`=${value}`) ?? option(formOf(language, value));
    return fill(chosen ?? option("other"), values, language);
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
