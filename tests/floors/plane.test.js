// The plane that points are drawn in.
import assert from "node:assert/strict";
import { test } from "node:test";

import { arrow, pathThrough, planeFrame } from "#view/plane.js";

function assertNear(actual, expected, tolerance, label) {
  assert(Math.abs(actual - expected) <= tolerance, `${label}: ${actual}, expected ${expected}`);
}

const frame = planeFrame({ x: 10, y: 20, size: 260, limit: 1 });

test("plane: pixels and numbers are each other's inverse, with equal scales", () => {
  assert.deepEqual(frame.at([0, 0]), [130, 130]);
  assert.deepEqual(frame.at([1, 1]).map(Math.round), [230, 30]);
  frame.value(frame.at([-0.3, 0.8])).forEach((value, k) => assertNear(value, [-0.3, 0.8][k], 1e-12, "there and back"));
});

test("plane: what lies far outside is still a place that can be drawn", () => {
  for (const point of [[1e300, 0], [-Infinity, Infinity]]) {
    const place = frame.at(point);
    assert(place.every(Number.isFinite) && !frame.holds(place));
    const edge = frame.edge([130, 130], place);
    assert(edge.every((pixel) => pixel >= -1e-9 && pixel <= 260 + 1e-9) && edge.some((pixel) => pixel < 1e-9 || pixel > 260 - 1e-9));
  }
});

test("plane: a path breaks where a number is missing", () => {
  assert.equal(pathThrough(frame, [[0, 0], [0, 1], [NaN, 0], [0, 0], [1, 0]]), "M130 130L130 30M130 130L230 130");
});

test("plane: an arrow has a head inside, a cut at the edge, and is not there when it has no length", () => {
  assert.equal(arrow(frame, [50, 50], [52, 50], 4), null);
  assert.equal(arrow(frame, [50, 50], [NaN, 50], 4), null);
  assert.equal(arrow(frame, [50, 50], [150, 50], 5), "M55 50L145 50M138 53.6L145 50L138 46.4");
  assert.match(arrow(frame, [50, 50], [1000, 50], 5), /^M55 50L260 50M248 51l10 -4/);
});
