// The gated cells against NumPy and PyTorch, whose numbers are in the file that
// UNROLLED_CORE_FIXTURES names. tests/floors/test_gated_core.py makes it and runs this.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { sigmoid } from "#core/gates.js";
import * as gru from "#core/gru.js";
import * as lstm from "#core/lstm.js";
import { assertNear, assertSame, numbers } from "../hands/same.js";

const path = process.env.UNROLLED_CORE_FIXTURES;
assert(path, "run this through pytest tests/floors/test_gated_core.py, which makes the fixtures");
const fixtures = JSON.parse(readFileSync(path, "utf8"));

/** {h_0, c_0} become h0 and c0, as JavaScript's gradients call them. */
const plain = (name) => name.replace("_0", "0");

for (const { name, cell, x, states, clamp, given, sources, gradients } of fixtures) {
  const [core, kind] = "c" in sources.numpy ? [lstm, "lstm"] : [gru, "gru"];
  const first = states.map(numbers);
  const run = core.run(cell, numbers(x), ...first, { clamp });

  test(`${kind}: ${name}`, () => {
    for (const [source, expected] of Object.entries(sources)) {
      for (const [what, values] of Object.entries(expected)) {
        assertSame(run.map((one) => one[what]), numbers(values), `${source}, ${what}`);
      }
    }
    assert.deepEqual(core.step(cell, numbers(x)[0], ...first, { clamp }), run[0]);
    if (!Object.keys(clamp).length) {
      assert.deepEqual(core.run(cell, numbers(x), ...first), run);
    }
  });

  if (!given) continue;
  test(`${kind} backwards: ${name}`, () => {
    const found = core.backward(cell, run, ...given);
    for (const [source, expected] of Object.entries(gradients)) {
      const named = Object.fromEntries(Object.entries(expected).map(([k, v]) => [plain(k), v]));
      assert.deepEqual(Object.keys(found).sort(), Object.keys(named).sort());
      for (const [what, values] of Object.entries(named)) {
        if (values === null) assert.equal(found[what], null, `${source}, ${what}`);
        else assertNear(found[what], values, `${source}, ${what}`);
      }
    }
  });
}

const ones = (rows, columns) => Array(rows).fill(Array(columns).fill(1));
const LSTM = { W_x: ones(8, 3), W_h: ones(8, 2), b: Array(8).fill(0) };
const GRU = { W_x: ones(6, 3), W_h: ones(6, 2), b: Array(6).fill(0), b_hn: [0, 0] };
const X = [[1, 0, 1], [0, 1, 0]];

/** The value with everything in it frozen. */
const frozen = (value) => {
  if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};

test("the states before the first step are zeros, and nothing given is changed", () => {
  frozen([LSTM, GRU, X]);
  const byDefault = frozen([lstm.run(LSTM, X), gru.run(GRU, X)]);
  assert.deepEqual(byDefault, [lstm.run(LSTM, X, [0, 0], [0, 0]), gru.run(GRU, X, [0, 0])]);
  const gradients = frozen(X.map(() => [1, 1]));
  lstm.backward(LSTM, byDefault[0], gradients, gradients);
  gru.backward(GRU, byDefault[1], gradients);
});

test("gradients left out are zeros, and a run's end goes backwards by itself", () => {
  const run = lstm.run(LSTM, X);
  const [none, some] = [[[0, 0], [0, 0]], [[1, 2], [3, 4]]];
  assert.deepEqual(lstm.backward(LSTM, run, some), lstm.backward(LSTM, run, some, none));
  assert.deepEqual(lstm.backward(LSTM, run, null, some), lstm.backward(LSTM, run, none, some));
  const [end] = lstm.run(LSTM, X.slice(1), run[0].h, run[0].c);
  assert.deepEqual(
    lstm.backward(LSTM, run.slice(1), [[1, 2]]),
    lstm.backward(LSTM, [end], [[1, 2]]),
  );
});

test("a gate whose clamp is null is computed", () => {
  assert.deepEqual(
    lstm.run(LSTM, X, [0, 0], [0, 0], { clamp: { f: null } }).map(({ f }) => f),
    lstm.run(LSTM, X).map(({ f }) => f),
  );
});

test("an open forget gate and a shut input gate keep c as it is", () => {
  const run = lstm.run(LSTM, X, [0, 0], [0.3, -0.7], { clamp: { f: 1, i: 0 } });
  for (const { c } of run) assert.deepEqual(c, [0.3, -0.7]);
});

test("far from zero a sigmoid is 0 or 1", () => {
  assert.deepEqual([-Infinity, -1e300, -1000, 1000, 1e300, Infinity].map(sigmoid), [0, 0, 0, 1, 1, 1]);
  assert(Math.abs(sigmoid(-50) / Math.exp(-50) - 1) < 1e-12 && Number.isNaN(sigmoid(NaN)));
});

test("a preactivation is what the gate's sigmoid or tanh is applied to", () => {
  const cell = { ...LSTM, p_i: [1, 2], p_o: [3, 4] };
  const [{ i, f, g, o, c }] = lstm.run(cell, X, [0.1, 0.2], [0.3, 0.4]);
  const at = (gate, seen) => lstm.preactivation(cell, gate, X[0], [0.1, 0.2], seen);
  assert.deepEqual(at("i", [0.3, 0.4]).map(sigmoid), i);
  assert.deepEqual(at("f", [0.3, 0.4]).map(sigmoid), f);
  assert.deepEqual(at("g", [0.3, 0.4]).map(Math.tanh), g);
  assert.deepEqual(at("o", c).map(sigmoid), o);
  const [{ r, z, n }] = gru.run(GRU, X, [0.1, 0.2]);
  const of = (gate) => gru.preactivation(GRU, gate, X[0], [0.1, 0.2], r);
  assert.deepEqual([of("r").map(sigmoid), of("z").map(sigmoid)], [r, z]);
  assert.deepEqual(of("n").map(Math.tanh), n);
});

test("wrong lengths, unknown gates and a bias that has no place are refused", () => {
  const refused = [
    [() => lstm.step(LSTM, [1], [0, 0], [0, 0]), "x has length 1, not 3"],
    [() => lstm.step(LSTM, X[0], [0], [0]), "h has length 1, not 2"],
    [() => lstm.step(LSTM, X[0], [0, 0], [0]), "c has length 1, not 2"],
    [() => gru.step(GRU, [1], [0, 0]), "x has length 1, not 3"],
    [() => gru.step(GRU, X[0], [0]), "h has length 1, not 2"],
    [() => lstm.run(LSTM, X, [0, 0], [0, 0], { clamp: { z: 1 } }), 'clamp has "z", not one of i, f, o'],
    [() => gru.run(GRU, X, [0, 0], { clamp: { n: 1 } }), 'clamp has "n", not one of r, z'],
    [() => lstm.backward(LSTM, lstm.run(LSTM, X), [[1, 1]]), "gradH has 1 steps, not 2"],
    [() => lstm.backward(LSTM, lstm.run(LSTM, X), null, [[1, 1]]), "gradC has 1 steps, not 2"],
    [() => gru.backward(GRU, gru.run(GRU, X), [[1, 1]]), "gradH has 1 steps, not 2"],
    [
      () => gru.run({ ...GRU, b_hn: [0, 1], reset_after: false }, X),
      "b_hn is not zero, but with reset_after false it is one bias with b_n",
    ],
  ];
  for (const [call, message] of refused) assert.throws(call, { name: "RangeError", message });
});
