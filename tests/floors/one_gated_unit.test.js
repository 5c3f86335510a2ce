// What a cell of one gated unit is made of, what its band keeps, and how its formulas are written.
import assert from "node:assert/strict";
import { test } from "node:test";

import { alongBand, stacked, stepsToHalf } from "#core/gates.js";
import * as gru from "#core/gru.js";
import * as lstm from "#core/lstm.js";
import { numbersOf, sides } from "#view/formula.js";

test("three weights of each gate are a cell", () => {
  assert.deepEqual(stacked([[1, 2, 3], [4, 5, 6]]), { W_x: [[1], [4]], W_h: [[2], [5]], b: [3, 6] });
});

test("along the band what later steps keep is multiplied", () => {
  assert.deepEqual(alongBand([0.5, 0.25, 0.5, 1]), [0.125, 0.5, 1, 1]);
  assert.deepEqual(alongBand([0]), [1]);
});

test("a share takes its steps to a half", () => {
  assert.equal(stepsToHalf(0.5), 1);
  assert.ok(Math.abs(stepsToHalf(0.5 ** 0.1) - 10) < 1e-12);
});

test("the signals are what backward finds before it sums up the weights", () => {
  const x = [[0.3], [-1], [0.5]];
  const zeros = x.map(() => [0]);
  for (const [core, gates, found] of [[lstm, 4, ["h", "c", "h0", "c0", "a_i", "a_f", "a_g", "a_o"]], [gru, 3, ["h", "h0", "a_r", "a_z", "a_n"]]]) {
    const cell = stacked(Array.from({ length: gates }, (_, k) => [0.5 - k, 0.2 * k, 0.1]));
    const run = core.run(cell, x);
    const [signals, all] = [core.signals, core.backward].map((back) => back(cell, run, [...zeros.slice(1), [1]]));
    for (const name of found) assert.deepEqual(signals[name], all[name], name);
    assert.ok(!("product" in all));
  }
});

test("a sum's numbers are read from its text, each by its symbol", () => {
  const write = (text, values) => numbersOf(sides(text)[1])((n) => `<${values[n]}>`, (n) => values[n]).join("");
  assert.equal(write("c_3 = f_3 × c_2 + i_3 × g_3", ["0.5", "−1", "1", "2"]), "0.5 × <−1> + 1 × <2>");
  assert.equal(write("h_3 = (1 − z_3) × n_3 + z_3 × h_2", ["0.1", "0.2", "0.3"]), "(1 − 0.1) × <0.2> + 0.1 × <0.3>");
  assert.equal(write("f_3 = σ(w_xf × x_3 + b_f)", ["(−2)", "1", "(−3)"]), "σ(−2 × <1> + (−3))", "the first has a bracket already");
});
