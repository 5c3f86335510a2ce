// The state plane's numbers, and what its presets' sentences say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { compute } from "../front.js";

const presets = JSON.parse(readFileSync(new URL("../presets.json", import.meta.url), "utf8"));

function assertNear(actual, expected, tolerance, label) {
  assert(Math.abs(actual - expected) <= tolerance, `${label}: ${actual}, expected ${expected}`);
}

test("state plane: where W_h overflows nothing is known", () => {
  const { h, radius, singular, eigenvalues: values } = compute({ ...presets.turns, scale: 1e200, shear: 1e200 });
  assert([...h.flat(), radius, singular, ...values.map(({ re }) => re)].every(Number.isNaN));
});

// what the presets' sentences say
const length = ([one, two]) => Math.hypot(one, two);

test("presets: what turns only keeps 0.9, 1 or 1.2 of the length", () => {
  for (const [name, share] of [["inward", 0.9], ["turns", 1], ["outward", 1.2]]) {
    const { points, radius } = compute(presets[name]);
    points.slice(1).forEach((point, k) => assertNear(length(point) / length(points[k]), share, 1e-12, name));
    assertNear(radius, share, 1e-12, name);
  }
  const { points } = compute(presets.turns);
  const back = points.findIndex((point, k) => k > 0 && length([point[0] - points[0][0], point[1] - points[0][1]]) < 1e-12);
  assert.equal(back, 12, "the state is back within the steps shown");
  const half = compute(presets.inward).points.findIndex((point, _, [first]) => length(point) <= length(first) / 2);
  assert.equal(half, 7);
});

test("presets: tanh keeps the same weights inside the square, on one loop from every start", () => {
  const { h_0, activation, ...rest } = presets.outward;
  const { h_0: start, activation: squash, ...same } = presets.squashed;
  assert.deepEqual([same, start, squash, activation], [rest, h_0, "tanh", "identity"]);
  const ends = [[0.2, 0.1], [0.9, 0.9], [-0.5, 0], [0.01, -0.02]].map((from) =>
    compute({ ...presets.squashed, h_0: from, timesteps: 40 }).h.slice(-12).map(length));
  const middle = ends.map((lengths) => lengths.reduce((sum, one) => sum + one) / 12);
  for (const one of middle) assertNear(one, middle[0], 0.02, "the loop's mean radius");
  assert(middle[0] > 0.5);
});

test("presets: with all-positive weights one corner takes every start", () => {
  const { W_h, h } = compute(presets.positive);
  assert(W_h.flat().every((entry) => entry > 0) && presets.positive.b > 0);
  assert(h.slice(1).flat().every((value) => value > 0.98), "saturated from step 2 on");
  for (let one = -1; one <= 1; one += 0.1) {
    for (let two = -1; two <= 1; two += 0.1) {
      const end = compute({ ...presets.positive, h_0: [one, two] }).h.at(-1);
      assert(end.every((value) => value > 0.98), `from ${one}, ${two} to ${end}`);
    }
  }
});
