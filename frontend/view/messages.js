/**
 * Words as data: messages in a subset of ICU MessageFormat. A message has holes, `{name}`, and
 * forks, `{n, plural, =0 {none} one {one step} other {{n} steps}}` and
 * `{how, select, off {not clipped} other {clipped}}`, which nest. What it does not know it
 * refuses: formats of numbers and dates, `#`, and the straight apostrophe, which quotes in ICU
 * (write ’). src/unrolled/words.py reads the same, and says why it refuses.
 */

/** What a fork may ask for. */
const OPTION = { plural: /(=\d+|zero|one|two|few|many|other) *\{/y, select: /(\w+) *\{/y };

/** @returns {(string|object)[]} texts, holes and forks, in their order */
export function parse(text) {
  let at = 0;
  const refuse = (place = at) => {
    throw new SyntaxError(`the message “${text}” is wrong at character ${place + 1}`);
  };
  const next = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const need = (pattern) => next(pattern) ?? refuse();

  function sequence(inside) {
    const parts = [];
    while (at < text.length && text[at] !== "}") {
      if (text[at] === "{") parts.push(hole());
      else {
        const start = at;
        const [plain] = next(/[^{}]+/y);
        const quoting = plain.search(/['#]/);
        if (quoting >= 0) refuse(start + quoting);
        parts.push(plain);
      }
    }
    if (!inside && at < text.length) refuse();
    return parts;
  }

  function hole() {
    const [, name] = need(/\{ *([A-Za-z]\w*) */y);
    if (next(/\}/y)) return { name };
    const [, kind] = need(/, *(plural|select) *, */y);
    const options = { __proto__: null };
    for (let from = at, found; (found = next(OPTION[kind])); from = at) {
      if (options[found[1]]) refuse(from);
      options[found[1]] = sequence(true);
      need(/\} */y);
    }
    if (!options.other) refuse();
    need(/\}/y);
    return { name, kind, options };
  }

  return sequence(false);
}

function fill(parts, values, language) {
  return parts.flatMap((part) => {
    if (typeof part === "string") return part;
    const value = values[part.name];
    if (value === undefined || value === null) throw new TypeError(`a message wants {${part.name}}, and got ${Object.keys(values).join(", ") || "nothing"}`);
    if (!part.kind) return value;
    if (part.kind === "plural" && typeof value !== "number") throw new TypeError(`${part.name} is “${value}”, but a plural counts with a number`);
    const { options } = part;
    const chosen = part.kind === "select" ? options[value]
      : options[`=${value}`] ?? options[new Intl.PluralRules(language).select(value)];
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
