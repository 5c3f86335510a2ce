// What the sweep's front end computes: which frame stands for a state.
import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest, place } from "../front.js";

test("the last slider's stops change fastest, as Python draws them", () => {
  const sliders = [{ name: "gain", stops: [-0.5, 0, 0.5] }, { name: "act", stops: ["tanh", "relu"] }];
  const places = sliders[0].stops.flatMap((gain) => sliders[1].stops.map((act) => place(sliders, { gain, act })));
  assert.deepEqual(places, [0, 1, 2, 3, 4, 5]);
  assert.equal(place(sliders.slice(0, 1), { gain: 0.5 }), 2);
});

test("the nearest stop, and of two that are as near the first", () => {
  const stops = [-0.2, 0, 0.2, 0.4];
  assert.deepEqual([-9, -0.2, 0.09, 0.11, 0.29, 9].map((value) => nearest(stops, value)), [-0.2, -0.2, 0, 0.2, 0.2, 0.4]);
  assert.equal(nearest([1, 3], 2), 1);
});
