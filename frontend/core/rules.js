/**
 * Rules as data: when an answer is right, and which hint fits one that is not. What
 * src/unrolled/rules.py computes, and src/unrolled/checks follow, is the same here. A rule comes
 * compiled: `["<=", ["max", "h"], 0.05]`, where a string is a name.
 */

/** A function of numbers takes lists too: item by item. */
const over = (of) => function applied(...values) {
  const list = values.find(Array.isArray);
  return list ? list.map((_, k) => applied(...values.map((one) => (Array.isArray(one) ? one[k] : one)))) : of(...values);
};

const equal = (a, b) => (Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((one, k) => equal(one, b[k])) : a === b);
const ordered = (list) => [...list].sort((a, b) => a - b);

const special = (value) => (Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
const fixed = (value, decimals) => (Math.abs(value) < 1e6 ? value.toFixed(decimals) : general(value, 3));
/** As Python writes a number in so many digits that count. */
function general(value, digits) {
  if (!Number.isFinite(value)) return special(value);
  const [number, power] = value.toExponential(digits - 1).split("e").map(Number);
  if (power >= -4 && power < digits) return String(Number(value.toPrecision(digits)));
  return `${number}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
/** A number in so few digits that it is still seen which side of a bar it is. */
function apart(value, bar, digits = 2, kind = "f") {
  const text = (kind === "f" ? fixed : general)(value, digits);
  return Number(text) !== bar || value === bar || digits > 15 ? text : apart(value, bar, digits + 1, kind);
}

const FUNCTIONS = {
  "+": over((a, b) => a + b), "-": over((a, b) => a - b), "*": over((a, b) => a * b), "/": over((a, b) => a / b),
  "%": over((a, b) => a - b * Math.floor(a / b)), "**": over((a, b) => a ** b),
  "==": equal, "!=": (a, b) => !equal(a, b),
  "<": over((a, b) => a < b), "<=": over((a, b) => a <= b), ">": over((a, b) => a > b), ">=": over((a, b) => a >= b),
  in: (a, list) => list.some((one) => equal(one, a)),
  not: (a) => !a,
  list: (...items) => items,
  slice: (items, first, end) => items.slice(first ?? 0, end ?? undefined),
  abs: over(Math.abs), sign: over(Math.sign), exp: over(Math.exp), tanh: over(Math.tanh),
  isfinite: over(Number.isFinite),
  min: (first, ...more) => Math.min(...(Array.isArray(first) ? first : [first, ...more])),
  max: (first, ...more) => Math.max(...(Array.isArray(first) ? first : [first, ...more])),
  sum: (list) => list.reduce((sum, one) => sum + one, 0),
  cumsum: (list) => list.map((_, k) => list.slice(0, k + 1).reduce((sum, one) => sum + one, 0)),
  len: (list) => list.length,
  sorted: ordered,
  all: (list) => list.every(Boolean),
  where: (flags) => flags.flatMap((flag, k) => (flag ? k : [])),
  argmax: (list) => list.indexOf(Math.max(...list)),
  norm: (points) => points.map((point) => Math.hypot(...point)),
  steps: (points) => points.slice(1).map((point, k) => point.map((one, d) => one - points[k][d])),
  fixed, general, apart,
  shape: (sizes) => `(${sizes.join(", ")})`,
};

const KINDS = {
  "'": ([text]) => text,
  and: (parts, names) => parts.every((part) => evaluate(part, names)),
  or: (parts, names) => parts.some((part) => evaluate(part, names)),
  if: ([test, yes, no], names) => evaluate(evaluate(test, names) ? yes : no, names),
  given: ([values], names) => names.given(Object.fromEntries(Object.entries(values).map(([key, one]) => [key, evaluate(one, names)]))),
  at(parts, names) {
    const [holder, key] = parts.map((part) => evaluate(part, names));
    return holder.find ? (Array.isArray(holder) ? holder.at(key) : holder.find(key)) : holder[key];
  },
  each([name, start, end, made], names) {
    const [first, past] = [start, end].map((one) => evaluate(one, names));
    const known = (k) => ({ ...names, find: (wanted) => (wanted === name ? k : names.find(wanted)) });
    return Array.from({ length: past - first }, (_, k) => evaluate(made, known(first + k)));
  },
};

/**
 * The value of a compiled expression.
 * @param {unknown} made
 * @param {{find: (name: string) => unknown, given: (values: object) => object}} names what names mean;
 *   `given` is of a figure that is set so
 */
export function evaluate(made, names) {
  if (typeof made === "string") return names.find(made);
  if (!Array.isArray(made)) return made;
  const [kind, ...parts] = made;
  return KINDS[kind] ? KINDS[kind](parts, names) : FUNCTIONS[kind](...parts.map((part) => evaluate(part, names)));
}

// --- what is said to an answer: the key of a message, and what fills its holes

const said = (verdict, key, values = {}) => ({ verdict, key, values });
const not = (key, values) => said("not_yet", key, values);

const choice = ({ right }, answer) => (answer === right ? said("right") : not(answer));

function words({ right, rows: names }, answer) {
  const blank = names.filter((name) => answer[name] === null);
  if (blank.length === names.length) return said("not_tried", "words_wanted");
  const wrong = names.find((name) => answer[name] !== null && answer[name] !== right[name]);
  if (wrong) return not("word_wrong", { name: wrong, hint: { key: right[wrong], values: {} } });
  return blank.length ? not("still_open", { names: blank.join("; ") }) : said("right");
}

function shapes({ right, rows: names, hints }, answer) {
  const blank = names.filter((name) => answer[name] === null);
  if (blank.length === names.length) return said("not_tried", "tuples_wanted");
  const tried = names.filter((name) => answer[name] !== null);
  const wrong = tried.filter((name) => !equal(answer[name], right[name]));
  if (wrong.length) {
    const [name] = wrong;
    const known = { name, given: answer[name], right: right[name] };
    const [, key] = hints.find(([when]) => evaluate(when, { find: (one) => known[one] }));
    return not("some_right", { count: tried.length - wrong.length, all: names.length, hint: { key, values: { name } } });
  }
  return blank.length ? not("still_open", { names: blank.join(", ") }) : said("right");
}

function number({ right, within, mistakes }, answer) {
  const near = (value) => Math.abs(answer - value) <= within;
  if (near(right)) return said("right");
  const [mistake] = mistakes.find(([, value]) => near(value)) ?? [];
  return not(mistake ?? (answer < right ? "too_small" : "too_large"));
}

/** Names that are computed once, when they are asked for: those of the rule, then the figure's. */
function namesOf({ let: own = {}, start = {} }, names) {
  const known = { start };
  const find = (name) => (name in known ? known[name] : name in own ? (known[name] = evaluate(own[name], all)) : names.find(name));
  const all = { find, given: (values) => namesOf({}, names.given(values)) };
  return all;
}

function figure(rule, names) {
  const all = namesOf(rule, names);
  const { told = {}, ...found } = rule.rules.find(({ when }) => evaluate(when, all)) ?? {};
  const values = new Proxy({ ...rule.told, ...told }, { get: (holes, name) => (name in holes ? evaluate(holes[name], all) : undefined) });
  if (found.not_tried) return said("not_tried", found.not_tried, values);
  return found.hint ? not(found.hint, values) : said("right", undefined, values);
}

const FORMS = { choice, words, shapes, number };

/** What is said to an answer; to a figure, of which `answer` tells what its names mean. */
export const outcome = (rule, answer) => (FORMS[rule.form] ?? figure)(rule, answer);
