// The chart over lag, and the numbers that are written on it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { apart, beyondText, lifeText, logFrame, logLimits } from "#view/chart.js";
import { digitsFor, significant, tenTo } from "#view/number.js";
import { shapeOf } from "#view/shape.js";

test("chart: an axis holds what it is given, in whole powers of ten, as far as 32 reaches", () => {
  assert.deepEqual(logLimits([[1, 1]]), { low: -1, high: 0 });
  assert.deepEqual(logLimits([[1, 0.9, 3e-5], [1, 20]]), { low: -6, high: 2 });
  assert.deepEqual(logLimits([[1, 0, NaN, Infinity, 1e-300, 1e300]]), { low: -32, high: 32 });
  assert.deepEqual(logLimits([[1, Infinity]]), { low: -1, high: 0 });
  assert.deepEqual(logLimits([[1, 1 + 1e-12]]), { low: -1, high: 0 }, "rounding does not open a decade");
});

test("chart: equal factors are equal distances, and labels have room", () => {
  const frame = logFrame({ top: 10, bottom: 210, low: -8, high: 2 });
  assert.equal(frame.y(100), 10);
  assert.equal(frame.y(1e-8), 210);
  assert(Math.abs(frame.y(1) - frame.y(0.1) + 20) < 1e-9);
  assert.deepEqual(frame.ticks(24), [-8, -6, -4, -2, 0, 2]);
  for (const value of [0, Infinity, 1e-300]) assert(Number.isFinite(frame.y(value)));
  assert(Number.isNaN(frame.y(NaN)));
});

test("chart: names at the ends of lines keep their distance, their order and their place", () => {
  assert.deepEqual(apart([50, 100], { top: 0, bottom: 200 }), [50, 100]);
  for (const places of [[100, 100, 100, 100], [1e4, 1e4, -1e4, 50], [0, 200, 199, 198], [-9, -9, 3]]) {
    const found = apart(places, { top: 0, bottom: 200 });
    const order = [...found].sort((a, b) => a - b);
    assert(order[0] >= 0 && order.at(-1) <= 200, String(found));
    order.slice(1).forEach((y, k) => assert(y - order[k] >= 14, String(found)));
    places.forEach((a, i) => places.forEach((b, j) => assert(!(a < b) || found[i] < found[j], String(found))));
  }
});

test("numbers: three digits that count, from the smallest to the largest", () => {
  const shown = [0, 1, 0.0123, -12.345, 999.4, 1234.5, 9999.6, 0.00099951, 1.234e-7, -5e300, NaN].map((value) => significant(value));
  assert.deepEqual(shown, ["0", "1.00", "0.0123", "−12.3", "999", "1235", "1.00 × 10⁴", "0.00100", "1.23 × 10⁻⁷", "−5.00 × 10³⁰⁰", "NaN"]);
  assert.equal(significant(0.123456, 5), "0.12346");
  assert.equal(tenTo(-16), "10⁻¹⁶");
});

test("numbers: a printed quotient is right, with as few digits as that takes", () => {
  const quotient = ([a, b]) => a / b;
  let more = 0;
  for (let k = 1; k < 500; k++) {
    const operands = [Math.sin(k * k) * 10 ** -(k % 30), 1 + (k % 7) / 3];
    const { digits, exact } = digitsFor(operands, quotient, quotient(operands));
    assert(exact);
    if (digits > 3) more += 1;
    const printed = operands.map((value) => Number(value.toPrecision(digits)));
    assert.equal(significant(quotient(printed)), significant(quotient(operands)));
  }
  assert(more > 50, "the case that the rule is for did not occur");
});

const words = {
  below: ({ limit }) => `below ${limit}`, above: ({ limit }) => `above ${limit}`,
  life: { steps: ({ lag }) => `${lag}`, over: ({ last }) => `over ${last}`, grows: "grows", none: "none" },
};

test("chart: what lies beyond the scale is said, and nothing else", () => {
  const ends = { low: -4, high: 2 };
  assert.deepEqual(beyondText(ends, [[1, 1e-4, 100], [0, NaN]], words), []);
  assert.deepEqual(beyondText(ends, [[1], [1e-5]], words), ["below 10⁻⁴"]);
  assert.deepEqual(beyondText(ends, [[1, 1e-9], [101]], words), ["below 10⁻⁴", "above 10²"]);
});

test("chart: half is gone, or not yet, or there is twice as much, or nothing to halve", () => {
  assert.equal(lifeText([1, 0.6, 0.4], 2, words), "2");
  assert.equal(lifeText([1, 0.9, 0.8], null, words), "over 2");
  assert.equal(lifeText([1, 1.5, 1.9], null, words), "over 2", "not even doubled");
  assert.equal(lifeText([1, 2, 4], null, words), "grows");
  assert.equal(lifeText([1, 9, 4], null, words), "over 2", "it has grown, and falls");
  assert.equal(lifeText([1, 1e300, NaN], null, words), "grows", "beyond all numbers");
  assert.equal(lifeText([NaN, NaN], null, words), "none");
});

test("a drawing is laid out by its room alone", () => {
  assert.equal(shapeOf({ width: 640, room: 640 }), "wide");
  assert.equal(shapeOf({ width: 413, room: 318 }), "short");
  assert.equal(shapeOf({ width: 324, room: 464 }), "narrow");
  assert.equal(shapeOf({ width: 254, room: 370 }), "narrow", "a small phone is not one held sideways");
});
