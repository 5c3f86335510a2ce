// What a cell of one gated unit is made of, what its band keeps, and how its formulas are written.
import assert from "node:assert/strict";
import { test } from "node:test";

import { alongBand, stacked, stepsToHalf } from "#core/gates.js";
import * as gru from "#core/gru.js";
import * as lstm from "#core/lstm.js";
import { evaluate, numbersOf } from "#view/formula.js";
import { heightIn, heightOf, heightsOf, rowsAt, valuesOf } from "#view/gated.js";

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

test("a sum in symbols comes to what its numbers do", () => {
  const at = (name) => ({ f_3: 0.5, c_2: -1, c_3: 0.7, i_3: 0.25, g_3: 2, w_xf: -2, x_3: 3, b_f: 1 })[name];
  const close = (text, value) => assert.ok(Math.abs(evaluate(text, at) - value) < 1e-12, text);
  close("f_3 × c_2 + i_3 × g_3", 0);
  close("(1 − f_3) × g_3 − c_2 − c_2", 3);
  close("g_3 × tanh c_3 + 1", 2 * Math.tanh(0.7) + 1);
  close("1 − tanh² c_3", 1 - Math.tanh(0.7) ** 2);
  close("σ(w_xf × x_3 + b_f)", 1 / (1 + Math.exp(5)));
});

test("a sum's numbers stand where its symbols do, and come to its value as printed", () => {
  const at = (name) => ({ f_3: 0.5, i_3: 1, w_xf: -2, b_f: -3, z_3: 0.123456 })[name];
  assert.deepEqual(numbersOf("f_3 × i_3", at, 0.5), { numbers: ["", "0.50", " × ", "1.00", ""], exact: true });
  assert.equal(numbersOf("σ(w_xf × i_3 + b_f)", at, 0.0067).numbers.join(""), "σ(−2.00 × 1.00 + (−3.00))", "the first has a bracket already");
  const { numbers } = numbersOf("(1 − z_3) × w_xf", at, -1.753088);
  assert.equal(numbers.join(""), "(1 − 0.123) × (−2.00)", "as many decimals as it takes");
  const shown = numbersOf("c_2 × f_3", () => 0.5, 0.25).numbers[1];
  assert.deepEqual([shown.tag, shown.within], ["u", ["0.50"]], "what the drawing shows is an element, with the colour of its sign");
});

test("a name's value is a weight, an input, or a gate or state at its step", () => {
  const at = valuesOf({ f: [1, 2, 3], b_hn: 4, x: [5, 6] }, { h: [7, 8] });
  assert.deepEqual(["w_xf", "w_hf", "b_f", "b_hn", "x_2", "h_2", "h_0"].map(at), [1, 2, 3, 4, 6, 8, 0]);
});

test("two drawings share a room that is high enough for both; in a low one each has all of it", () => {
  for (const [room, tall, other, both] of [[640, 390, 250, true], [470, 390, 250, false], [470, 390, 190, true], [310, 390, 190, false]]) {
    const found = heightsOf({ room }, tall, other);
    assert.equal(found.both, both);
    const whole = both ? found.strip + 10 + found.other : found.strip + 42;
    assert.equal(whole + 40, Math.min(room, 546), "the slider's 40 px with it");
    if (!both) assert.equal(found.other, found.strip);
  }
  assert.equal(heightIn({ room: 470 }, 590), 430);
  assert.equal(heightIn({ room: 100 }, 590), 354, "no lower than can be read");
});

test("rows keep their order and their proportions in any height", () => {
  const halves = { h: 30, c: 40, x: 30 };
  const { rows, end } = rowsAt(halves, 20, 0.5);
  assert.equal(rows.c.half / rows.h.half, 40 / 30);
  assert.equal(rows.h.y - rows.h.half, 20);
  assert.equal(rows.x.y + rows.x.half, end);
  assert.equal(heightOf({ halves, top: 20 }), 20 + 200 + 2 * 16 + 29);
});
