/**
 * What an explorer's state is made of. A parameter knows which values it takes,
 * and how a value is written in a link.
 *
 * @typedef {object} Parameter
 * @property {string} name the trait's name, on every host
 * @property {(value: unknown) => boolean} valid
 * @property {(text: string) => unknown} parse a link's text; what it returns may be invalid
 * @property {(value: any) => string} format
 * @property {boolean} [cursor] true for what only points at something: no ghost, no reset
 */

const toNumber = (text) => (text.trim() === "" ? NaN : Number(text));

/** Any finite number from `min` to `max`. */
export const number = (name, { min = -Infinity, max = Infinity } = {}) => ({
  name,
  valid: (value) => Number.isFinite(value) && value >= min && value <= max,
  parse: toNumber,
  format: String,
});

/** A whole number from `min` to `max`. */
export const integer = (name, { min, max, cursor = false }) => ({
  name,
  cursor,
  valid: (value) => Number.isInteger(value) && value >= min && value <= max,
  parse: toNumber,
  format: String,
});

/** What another parameter takes, or null: in a link the word "none". */
export const optional = (one) => ({
  ...one,
  valid: (value) => value === null || one.valid(value),
  parse: (text) => (text === "none" ? null : one.parse(text)),
  format: (value) => (value === null ? "none" : one.format(value)),
});

/** A list of finite numbers with a length from `min` to `max`. */
export const numbers = (name, { min, max }) => ({
  name,
  valid: (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every(Number.isFinite),
  parse: (text) => text.split(",").map(toNumber),
  format: (value) => value.join(","),
});

/** One of a few words. */
export const choice = (name, options) => ({
  name,
  options,
  valid: (value) => options.includes(value),
  parse: (text) => text,
  format: String,
});

/** True or false. */
export const flag = (name) => ({
  name,
  valid: (value) => typeof value === "boolean",
  parse: (text) => ({ true: true, false: false })[text],
  format: String,
});

/** Two values of a parameter: the same? */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * The part of a link after `#name:`, as values.
 * @returns {{values: Record<string, unknown>, problems: [string, string][]}}
 */
export function parseLink(parameters, text) {
  const values = {};
  const problems = [];
  for (const part of text.split(";").filter(Boolean)) {
    const [name, given = ""] = part.split("=");
    const parameter = parameters.find((one) => one.name === name);
    const value = parameter?.parse(given);
    if (parameter?.valid(value)) values[name] = value;
    else problems.push([name, given]);
  }
  return { values, problems };
}

/** The inverse of `parseLink`. */
export const formatLink = (parameters, state) =>
  parameters.map(({ name, format }) => `${name}=${format(state[name])}`).join(";");
