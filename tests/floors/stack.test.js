// Both directions and the places of numbers against Python's, which are in the file that
// UNROLLED_STACK_FIXTURES names. tests/floors/test_layout.py makes it and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as stack from "#core/stack.js";
import { assertSame } from "../hands/same.js";

const path = process.env.UNROLLED_STACK_FIXTURES;
assert(path, "run this through pytest tests/floors/test_layout.py, which makes the fixtures");
const { runs, layouts } = JSON.parse(readFileSync(path, "utf8"));

for (const { name, cells, x, gradOutput, length, sources } of runs) {
  test(`both ways: ${name}`, () => {
    const end = length === null ? [] : [length];
    const found = stack.bothWays(...cells, x, ...end);
    const back = stack.bothWaysBackward(...cells, x, gradOutput, ...end);
    Object.assign(found, { xForward: back.forward, xBackward: back.backward });
    for (const [source, expected] of Object.entries(sources)) {
      for (const [what, values] of Object.entries(expected)) assertSame(found[what], values, `${source}, ${what}`);
    }
  });
}

test(`${layouts.length} layouts: axes and places are Python's`, () => {
  for (const { layout, axes, blocks, rows } of layouts) {
    const said = JSON.stringify(layout);
    assert.deepEqual(stack.axes(layout), axes, said);
    for (const { at, index, same, padding } of blocks) {
      const [step, direction, sequence] = at;
      assert.deepEqual(stack.inOutput(layout, ...at), index, said);
      assert.deepEqual(stack.sameInHN(layout, ...at), same, said);
      assert.equal(stack.isPadding(layout, step, sequence), padding, said);
      assert.equal(stack.lastStep(layout, direction, sequence) === step, same !== null, said);
    }
    for (const { at, index, same } of rows) {
      assert.deepEqual(stack.inHN(layout, ...at), index, said);
      assert.deepEqual(stack.sameInOutput(layout, ...at), same, said);
    }
  }
});

test("an index is written as in Python", () => {
  assert.equal(stack.written("output", [2, 0, [3, 6]]), "output[2, 0, 3:6]");
  assert.equal(stack.written("h_n", [1]), "h_n[1]");
});

const CELL = { W_x: [[1]], W_h: [[0.5]], b: [0.25], activation: "tanh" };

test("nothing given is changed, and a length must be one", () => {
  const xs = Object.freeze([[1], [2], [3]].map(Object.freeze));
  stack.bothWays(CELL, CELL, xs, 2);
  for (const length of [0, 4, 1.5, NaN]) {
    assert.throws(() => stack.bothWays(CELL, CELL, xs, length), {
      name: "RangeError",
      message: `stack: length is ${length}, not a whole number from 1 to 3`,
    });
  }
});
