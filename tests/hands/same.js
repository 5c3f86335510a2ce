// What "the same numbers" means, for the tests that compare JavaScript with NumPy.
import assert from "node:assert/strict";

/** NaN and infinity travel as text. */
export const numbers = (value) =>
  Array.isArray(value) ? value.map(numbers) : value === null ? null : Number(value);

const shape = (value) => (Array.isArray(value) ? [value.length, ...shape(value[0])] : []);

/** Equal shapes, and values within 1e-12 of the largest finite one (or of 1). */
export function assertSame(actual, expected, label) {
  assert.deepEqual(shape(actual), shape(expected), label);
  const [a, e] = [actual.flat(), expected.flat()];
  const largest = Math.max(1, ...e.filter(Number.isFinite).map(Math.abs));
  a.forEach((value, i) => {
    const same = Number.isFinite(e[i])
      ? Math.abs(value - e[i]) <= 1e-12 * largest
      : Object.is(value, e[i]);
    assert(same, `${label}, value ${i}: ${value}, expected ${e[i]}`);
  });
}

/** Equal shapes, and a difference of at most 1e-10 of the norm. */
export function assertNear(actual, expected, label) {
  assert.deepEqual(shape(actual), shape(expected), label);
  const [a, e] = [actual.flat(2), expected.flat(2)];
  const difference = Math.hypot(...a.map((value, i) => value - e[i]));
  assert(difference <= 1e-10 * Math.hypot(...e), `${label}: ${a}, expected ${e}`);
}
