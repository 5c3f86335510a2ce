// The cliff's numbers against NumPy, whose numbers are in the file that UNROLLED_CLIFF_FIXTURES
// names. tests/floors/test_cliff.py makes the file and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { clipped, lossAndGradient, lossAt, walk } from "#core/cliff.js";

const path = process.env.UNROLLED_CLIFF_FIXTURES;
assert(path, "run this through pytest tests/floors/test_cliff.py, which makes the fixtures");
const { points, clips, walks } = JSON.parse(readFileSync(path, "utf8"));

function assertNear(actual, expected, tolerance, label) {
  assert(Math.abs(actual - expected) <= tolerance, `${label}: ${actual}, expected ${expected}`);
}

for (const { point, timesteps, loss, gradient } of points) {
  test(`cliff: ${point}, ${timesteps} steps`, () => {
    const found = lossAndGradient(point, timesteps);
    assertNear(found.loss, loss, 1e-12, "loss");
    assertNear(lossAt(...point, timesteps), loss, 1e-12, "loss, by itself");
    const size = Math.hypot(...gradient);
    const off = Math.hypot(found.gradient[0] - gradient[0], found.gradient[1] - gradient[1]);
    assertNear(off, 0, 1e-10 * size, "gradient");
  });
}

for (const { gradient, clip, threshold, left } of clips) {
  test(`cliff: ${gradient} clipped by ${clip} at ${threshold}`, () => {
    clipped(gradient, { clip, threshold }).forEach((part, n) => assertNear(part, left[n], 1e-15 * Math.abs(left[n]), "part"));
  });
}

for (const { state, path: expected, losses, thrown_at: thrownAt } of walks) {
  test(`cliff: a walk, ${JSON.stringify(state)}`, () => {
    const found = walk(state);
    assert.equal(found.points.length, expected.length);
    found.points.flat().forEach((value, k) => {
      const should = expected[k >> 1][k % 2];
      if (should === null) assert(!Number.isFinite(value), `${value} is not finite in NumPy`);
      else assertNear(value, should, 1e-9 * Math.max(1, Math.abs(should)), `point ${k >> 1}`);
    });
    found.losses.forEach((loss, k) => (losses[k] === null ? assert(Number.isNaN(loss)) : assertNear(loss, losses[k], 1e-9, `loss ${k}`)));
    assert.equal(found.thrown, thrownAt);
  });
}
