/**
 * What an explorer's state is made of. A parameter knows which values it takes,
 * and how it is read from a link.
 *
 * @typedef {object} Parameter
 * @property {string} name the trait's name, on every host
 * @property {(value: unknown) => boolean} valid
 * @property {(text: string) => unknown} parse a link's text; what it returns may be invalid
 * @property {(value: unknown) => string} [format] a value as a link has it, if it is not its text
 * @property {(string|boolean)[]} [options] where they are few: all that it takes
 * @property {boolean} [cursor] true for what only points at something: no ghost, no reset
 */

import { toNumber } from "./number.js";

/** Any finite number from `min` to `max`. */
export const number = (name, { min = -Infinity, max = Infinity } = {}) => ({
  name,
  valid: (value) => Number.isFinite(value) && value >= min && value <= max,
  parse: toNumber,
});

/** A whole number from `min` to `max`. */
export const integer = (name, ends) => {
  const { valid, ...one } = number(name, ends);
  return { ...one, valid: (value) => Number.isInteger(value) && valid(value) };
};

/** What another parameter takes, or null: in a link the word "none". */
export const optional = (one) => ({
  ...one,
  valid: (value) => value === null || one.valid(value),
  parse: (text) => (text === "none" ? null : one.parse(text)),
});

/** A list of finite numbers with a length from `min` to `max`. */
export const numbers = (name, { min, max }) => ({
  name,
  valid: (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every(Number.isFinite),
  parse: (text) => text.split(",").map(toNumber),
});

/** One of a few words. */
export const choice = (name, { options }) => ({
  name,
  options,
  valid: (value) => options.includes(value),
  parse: (text) => text,
});

/** True or false. */
export const flag = (name) => ({
  name,
  options: [true, false],
  valid: (value) => typeof value === "boolean",
  parse: (text) => ({ true: true, false: false })[text],
});

/** Some of the steps from 1 to `max`, in their order. */
export const steps = (name, { max }) => ({
  name,
  valid: (value) => Array.isArray(value) && value.every((step, k) =>
    Number.isInteger(step) && step >= 1 && step <= max && (k === 0 || step > value[k - 1])),
  parse: (text) => (text.trim() === "" ? [] : text.split(",").map(Number)),
});

/** A text of at most `max` letters. A link has it in signs that mean nothing there, for the whole address is decoded once. */
export const text = (name, { max, fits = () => true }) => ({
  name,
  valid: (value) => typeof value === "string" && [...value].length <= max && fits(value),
  parse(given) {
    try {
      return decodeURIComponent(given);
    } catch {
      return undefined;
    }
  },
  format: (value) => encodeURIComponent(encodeURIComponent(value)),
});

const KINDS = { number, numbers, whole: integer, flag, choice };

/**
 * The parameters, from what the face in Python says of its settings.
 * @param {Record<string, {kind: string, least?: number, most?: number, options?: string[], optional?: boolean}>} settings
 * @param {string[]} cursors the names of those that only point at something
 * @param {object} kinds of parameters that only one room has
 * @returns {Parameter[]}
 */
export const parametersOf = (settings, cursors = [], kinds = {}) => Object.entries(settings).map(([name, { kind, optional: none, least, most, options }]) => {
  const one = { ...(KINDS[kind] ?? kinds[kind])(name, { min: least, max: most, options }), cursor: cursors.includes(name) };
  return none ? optional(one) : one;
});

/** Two values of a parameter: the same? */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * The part of a link after `#name:`, as values. `preset=fades` stands for all that the preset sets.
 * @returns {{values: Record<string, unknown>, problems: [string, string][], preset?: string}}
 */
export function parseLink(parameters, text, presets = {}) {
  const values = {};
  const problems = [];
  let preset;
  for (const part of text.split(";").filter(Boolean)) {
    const [name, given = ""] = part.split("=");
    const parameter = parameters.find((one) => one.name === name);
    const value = parameter?.parse(given);
    if (parameter?.valid(value)) values[name] = value;
    else if (name === "preset" && Object.hasOwn(presets, given)) Object.assign(values, presets[(preset = given)]);
    else problems.push([name, given]);
  }
  return { values, problems, ...(preset && { preset }) };
}

/** The inverse of `parseLink`; a list is written with commas. */
export const formatLink = (parameters, state) =>
  parameters.map(({ name, format }) => `${name}=${format?.(state[name]) ?? state[name] ?? "none"}`).join(";");
