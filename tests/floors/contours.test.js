// Contour lines of known shapes. tests/floors/test_contours.py runs this.
import assert from "node:assert/strict";
import { test } from "node:test";

import { regions, sampled } from "#view/contours.js";

function assertNear(actual, expected, tolerance, label) {
  assert(Math.abs(actual - expected) <= tolerance, `${label}: ${actual}, expected ${expected}`);
}

const evenly = (low, high, count) => Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));

/** The area inside rings by the rule "evenodd", where no two cross: those inside others count the other way. */
const area = (rings) => Math.abs(rings.reduce((sum, ring) => sum + ring.reduce((part, [x, y], k) => {
  const [nextX, nextY] = ring[(k + 1) % ring.length];
  return part + (x * nextY - nextX * y) / 2;
}, 0), 0));

test("contours: a hill's level is a circle, a bowl's is the square without it", () => {
  const xs = evenly(-2, 2, 41);
  const hill = regions(sampled((x, y) => 4 - x * x - y * y, xs, xs), 3, 1e-6);
  assert.equal(hill.length, 1);
  for (const [x, y] of hill[0]) assertNear(Math.hypot(x, y), 1, 1e-4, "radius");
  assertNear(area(hill), Math.PI, 0.02, "area of the circle");
  const bowl = regions(sampled((x, y) => x * x + y * y, xs, xs), 1, 1e-6);
  assert.equal(bowl.length, 2);
  assertNear(area(bowl), 16 - Math.PI, 0.02, "area around the circle");
});

test("contours: at a cliff between two columns the line stands where the cliff is", () => {
  const rings = regions(sampled((x) => (x > 0.437 ? 1 : 0), evenly(0, 1, 5), evenly(0, 1, 5)), 0.5, 1e-3);
  const left = rings[0].map(([x]) => x).filter((x) => x < 0.5);
  assert.equal(left.length, 5);
  for (const x of left) assertNear(x, 0.437, 0.25 / 2 ** 5, "x");
});

test("contours: two hills that meet at a corner only, nothing high, and NaN", () => {
  const xs = evenly(0, 3, 4);
  const saddle = regions(sampled((x, y) => ((x < 2) === (y < 2) ? 1 : 0), xs, xs), 0.5, 1e-3);
  assertNear(area(saddle), 4.5, 1.2, "area");
  assert.deepEqual(regions(sampled(() => 0, xs, xs), 0.5, 1e-3), []);
  assert.deepEqual(regions(sampled(() => NaN, xs, xs), 0.5, 1e-3), []);
  assertNear(area(regions(sampled(() => 1, xs, xs), 0.5, 1e-3)), 9, 1e-12, "all of it");
});
