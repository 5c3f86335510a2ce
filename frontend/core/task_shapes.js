/**
 * What a recurrent network is used for, read from three sets of steps: those that are given
 * an input, those whose output is read, and those with a loss. Steps count from 1.
 * The same is computed in Python by src/unrolled/explorers/task_shapes.py.
 *
 * @typedef {object} State
 * @property {number} timesteps
 * @property {number[]} inputs ascending, as are the others
 * @property {number[]} outputs
 * @property {number[]} losses all of them in `outputs`
 * @property {number} batch_size N in the code
 * @property {number} features d
 * @property {number} hidden_size H
 * @property {number} classes K
 */

/** The five shapes, in the order of the book. */
export const SHAPES = [
  "one-to-one", "one-to-many", "many-to-one", "many-to-many, unsynchronised", "many-to-many, synchronised",
];

/** Steps from `first` to `last`. */
export const span = (first, last) => Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k);

/** The steps with which a shape is usually drawn. @returns {Partial<State>} */
export function pattern(shape, timesteps) {
  const all = span(1, timesteps);
  const half = Math.ceil(timesteps / 2);
  const [inputs, outputs] = {
    "one-to-one": [[1], [1]],
    "one-to-many": [[1], all],
    "many-to-one": [all, [timesteps]],
    "many-to-many, unsynchronised": [span(1, half), span(half + 1, timesteps)],
    "many-to-many, synchronised": [all, all],
  }[shape];
  return { timesteps, inputs, outputs, losses: outputs };
}

const same = (a, b) => a.length === b.length && a.every((value, k) => value === b[k]);

/** The same shape with another number of steps; what has none of the five keeps its steps. */
export function resize(state, timesteps) {
  const sameAs = (shape) => {
    const drawn = pattern(shape, state.timesteps);
    return ["inputs", "outputs", "losses"].every((name) => same(drawn[name], state[name]));
  };
  // one step alone is every shape at once: the one that then grows is the last
  const shape = [...SHAPES].reverse().find(sameAs);
  if (shape) return pattern(shape, timesteps);
  const kept = (steps) => steps.filter((step) => step <= timesteps);
  return { timesteps, inputs: kept(state.inputs), outputs: kept(state.outputs), losses: kept(state.losses) };
}

function nameOf(inputs, outputs) {
  if (outputs.length === 0) return "no output";
  if (inputs.length === 0) return "no input";
  const [first, last] = [inputs[0], inputs.at(-1)];
  if (outputs[0] < first || last > outputs.at(-1)) return "none of the five";
  if (outputs.length === 1) {
    if (inputs.length > 1) return "many-to-one";
    return outputs[0] === first ? "one-to-one" : "one-to-one, delayed";
  }
  if (inputs.length === 1) return "one-to-many";
  if (same(inputs, outputs)) return "many-to-many, synchronised";
  return outputs[0] > last ? "many-to-many, unsynchronised" : "many-to-many, partly synchronised";
}

/**
 * The shape, and what is odd about it.
 * @param {State} state
 * @returns {{
 *   shape: string, one of SHAPES, or what it is instead
 *   without: string|null, its shape without the steps in `early` and `late`
 *   early: number[], outputs read before any input
 *   late: number[], inputs after the last output
 *   partial: number[], outputs that have not read all inputs, though some are read later
 *   idle: number[], steps after which nothing is read, without an input
 *   unscored: number[], outputs without a loss, where there are losses
 *   used: boolean[], for every step: does its state reach an output that is read?
 *   reads: number, steps of the encoder where it needs a decoder beside it, else 0
 * }}
 */
export function read({ timesteps, inputs, outputs, losses }) {
  const shape = nameOf(inputs, outputs);
  const end = outputs.at(-1) ?? 0;
  const both = inputs.length > 0 && outputs.length > 0;
  const early = both ? outputs.filter((step) => step < inputs[0]) : [];
  const late = both ? inputs.filter((step) => step > end) : [];
  const drop = (steps, some) => steps.filter((step) => !some.includes(step));
  const [heard, told] = [drop(inputs, late), drop(outputs, early)];
  return {
    shape,
    without: shape === "none of the five" && heard.length && told.length ? nameOf(heard, told) : null,
    early,
    late,
    partial: shape === "many-to-many, partly synchronised"
      ? outputs.filter((step) => step < inputs.at(-1)) : [],
    idle: outputs.length ? drop(span(end + 1, timesteps), inputs) : [],
    unscored: losses.length ? drop(outputs, losses) : [],
    used: span(1, timesteps).map((step) => step <= end),
    reads: shape === "many-to-many, unsynchronised" ? inputs.at(-1) : 0,
  };
}

/**
 * Every tensor, in the order in which the code makes them: `letters` names its axes,
 * `shape` has their sizes, `batchFirst` the sizes that batch_first=True gives.
 * @param {State} state
 * @returns {{name: string, letters: string[], shape: number[], batchFirst: number[]}[]}
 */
export function tensors(state) {
  const { timesteps: T, outputs, losses, batch_size: N, features: d, hidden_size: H, classes: K } = state;
  const { reads: E } = read(state);
  const steps = E ? T - E : T;
  const letter = E ? "D" : "T";
  const list = [];
  /** `time`: the axis of steps comes before that of the batch, and batch_first swaps the two. */
  const add = (name, axes, { time = false } = {}) => {
    const shape = axes.map(([, size]) => size);
    const [a, b, ...rest] = shape;
    list.push({ name, letters: axes.map(([text]) => text), shape, batchFirst: time ? [b, a, ...rest] : shape });
  };
  const batch = ["N", N];
  const features = ["d", d];
  const units = ["H", H];
  const one = ["1", 1];
  const over = (count) => (count === 1 ? [] : [[count === steps ? letter : String(count), count]]);
  if (E) {
    add("x", [["E", E], batch, features], { time: true });
    add("context", [one, batch, units]);
    add("zeros", [["D", steps], batch, features], { time: true });
  } else {
    add("x", [["T", T], batch, features], { time: true });
  }
  add("h", [[letter, steps], batch, units], { time: true });
  add("h_n", [one, batch, units]);
  if (outputs.length) add("logits", [...over(outputs.length), batch, ["K", K]], { time: outputs.length > 1 });
  if (losses.length) {
    add("targets", [...over(losses.length), batch], { time: losses.length > 1 });
    add("loss", []);
  }
  for (const net of E ? ["encoder ", "decoder "] : [""]) {
    add(`${net}W_x`, [units, features]);
    add(`${net}W_h`, [units, units]);
  }
  if (outputs.length) add("W_y", [["K", K], units]);
  return list;
}

/** Sizes as Python prints them: (5, 4, 3), (4,), (). */
export const tuple = (sizes) => (sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(", ")})`);

const consecutive = (steps) => steps.at(-1) - steps[0] === steps.length - 1;

/** Steps in words: "step 5", "steps 1 to 4", "steps 1, 3 and 4"; all of more than one, "every step". */
export function inWords(steps, count = Infinity) {
  if (steps.length === count && count > 1) return "every step";
  if (steps.length === 1) return `step ${steps[0]}`;
  if (steps.length > 2 && consecutive(steps)) return `steps ${steps[0]} to ${steps.at(-1)}`;
  return `steps ${steps.slice(0, -1).join(", ")} and ${steps.at(-1)}`;
}

/** The index, from 0, that takes `steps` out of the `count` steps that start after `before`. */
function index(steps, count, before = 0) {
  const places = steps.map((step) => step - before - 1);
  if (places.length === 1) return places[0] === count - 1 ? "[-1]" : `[${places[0]}]`;
  if (places.length === count) return "";
  if (!consecutive(places)) return `[[${places.join(", ")}]]`;
  const [start, end] = [places[0], places.at(-1) + 1];
  return `[${start || ""}:${end === count ? "" : end}]`;
}

/** The lines of PyTorch: they run as they are, and print every tensor's shape. @param {State} state */
export function pytorch(state) {
  const { timesteps: T, inputs, outputs, losses } = state;
  const sizes = [state.batch_size, state.features, state.hidden_size, state.classes];
  const { shape, reads: E } = read(state);
  const [count, letter] = E ? [T - E, "D"] : [T, "T"];
  const lines = [
    `# ${shape}`,
    "import torch",
    "from torch import nn",
    ...(losses.length ? ["from torch.nn.functional import cross_entropy"] : []),
    "",
    E ? `E, D = ${E}, ${count}  # steps of the encoder, of the decoder` : `T = ${T}  # steps`,
    `N, d, H, K = ${sizes.join(", ")}  # batch, features, hidden units, classes`,
    "",
  ];
  if (E) {
    lines.push("encoder = nn.RNN(d, H)  # reads: one cell for all its steps",
      "decoder = nn.RNN(d, H)  # writes: a second cell, its own weights");
  } else lines.push("rnn = nn.RNN(d, H)  # one cell for all steps");
  if (outputs.length) lines.push("readout = nn.Linear(H, K)  # one readout for all outputs");
  lines.push("");

  const [given, size] = E ? [E, "E"] : [T, "T"];
  if (inputs.length === given) {
    lines.push(`x = torch.randn(${size}, N, d)  # an input at ${inWords(inputs, T)}`);
  } else {
    lines.push(`x = torch.zeros(${size}, N, d)  # no input: zeros`);
    const many = inputs.length === 1 ? "" : `${inputs.length}, `;
    if (inputs.length) {
      lines.push(`x${index(inputs, given)} = torch.randn(${many}N, d)  # an input at ${inWords(inputs)}`);
    }
  }
  if (E) {
    lines.push("_, context = encoder(x)  # all that the decoder gets to know",
      "zeros = torch.zeros(D, N, d)  # real decoders are fed what they wrote",
      "h, h_n = decoder(zeros, context)");
  } else lines.push("h, h_n = rnn(x)  # every state, and the last one again");
  if (outputs.length) {
    lines.push(`logits = readout(h${index(outputs, count, E)})  # read at ${inWords(outputs, T)}`);
  } else lines.push("# no output is read");
  if (losses.length) {
    const many = losses.length === 1 ? "" : losses.length === count ? letter : losses.length;
    let scored = "logits";
    lines.push(`targets = torch.randint(K, ${many ? `(${many}, N)` : "(N,)"})  # the right classes`);
    if (losses.length < outputs.length) {
      const places = losses.map((step) => outputs.indexOf(step) + 1);
      lines.push(`scored = logits${index(places, outputs.length)}  # the loss is at ${inWords(losses)}`);
      scored = "scored";
    }
    lines.push(
      many ? `loss = cross_entropy(${scored}.flatten(0, 1), targets.flatten())  # mean over all`
        : `loss = cross_entropy(${scored}, targets)  # mean over the batch`,
      "loss.backward()",
    );
  } else lines.push("# no loss: nothing to learn from");

  const nets = E ? ["encoder", "decoder"] : ["rnn"];
  const weights = nets.flatMap((net) => [["W_x", "ih"], ["W_h", "hh"]].map(([name, kind]) =>
    `"${E ? `${net} ` : ""}${name}": ${net}.weight_${kind}_l0,`));
  const made = tensors(state).map(({ name }) => name).filter((name) => !name.includes("W_"));
  const row = (some) => (some.length ? [`    ${some.map((name) => `"${name}": ${name},`).join(" ")}`] : []);
  const from = made.indexOf("logits");
  lines.push(
    "",
    "tensors = {",
    ...row(from < 0 ? made : made.slice(0, from)),
    ...row(from < 0 ? [] : made.slice(from)),
    ...nets.map((_, k) => `    ${weights.slice(2 * k, 2 * k + 2).join(" ")}`),
    ...(outputs.length ? ['    "W_y": readout.weight,'] : []),
    "}",
    "for name, tensor in tensors.items():",
    '    print(f"{name:12}{tuple(tensor.shape)}")',
    "",
  );
  return lines.join("\n");
}
