/** Every word that an explorer shows: the one table to translate. */

export const common = {
  presets: "Presets",
  reset: "Reset",
  link: "Link to this state",
  linkCopied: "Link copied.",
  linkFailed: "Copy this link:",
  copyNumpy: "Copy as NumPy",
  copyPytorch: "Copy as PyTorch",
  copied: "Copied. Paste it into Python:",
  copyFailed: "Select all of it and copy:",
  close: "Close",
  settings: "Settings",
  notANumber: "not a number",
  badNumber: (name, given) => `${name} has to be a number; “${given}” is not one.`,
  outOfRange: (name, given, low, high) =>
    `${name} has to be a whole number from ${low} to ${high}; it was ${given}.`,
  badLink: (name, given) => `The link asks for ${name} = ${given}, which this figure cannot show.`,
};

export const hiddenState = {
  title: "The hidden state of one unit, unrolled",
  tryThis: "Drag the first input below zero. Watch which states follow it, and which do not.",
  presets: {
    fades: ["fades", "A state keeps less than 0.6 of the one before it. At which step have you lost sight of the pulse?"],
    remembers: ["remembers", "The state climbs to where it holds itself. Can one later input of −1 undo it? Can two in a row?"],
    flips: ["flips sign", "A negative w_h turns the state over at every step. Which steps are orange?"],
    saturates: ["saturates", "Tanh is flat out there: twelve inputs, almost one state. Drag any input and see how little it does."],
    explodes: ["explodes", "No tanh to hold it: each state is half as large again as the last. What does choosing tanh do?"],
  },
  rows: { state: "state", cell: "cell", input: "input", step: "step" },
  activation: "activation",
  activations: { tanh: "tanh", relu: "ReLU", identity: "identity" },
  stepControl: "time step shown in the formula",
  stepValue: (step, timesteps) => `step ${step} of ${timesteps}`,
  inputControl: (step) => `input at step ${step}`,
  lengthControl: "number of steps",
  lengthLabel: "steps",
  weightControls: { w_h: "recurrent weight w_h", w_x: "input weight w_x", h_0: "initial state h_0", b: "bias b" },
  clipped: (limit) => `beyond ±${limit}: cut off`,
  overflow: (step) => `The state overflowed at step ${step}: it is too large for a 64-bit number.`,
  summary: (step, state, timesteps, last) =>
    `State at step ${step}: ${state}. Last state, at step ${timesteps}: ${last}.`,
  comment: (timesteps) =>
    timesteps === 1 ? "One recurrent unit, 1 step." : `One recurrent unit, ${timesteps} steps.`,
};

export const taskShapes = {
  title: "One network, five kinds of task",
  tryThis: "Read an output at every step, with a loss on each. What is it called now, and which lines of code have changed?",
  presets: {
    "one-to-one": ["one-to-one", "One step: the only earlier state is h₀ = 0, so this is an ordinary feed-forward network. What does a second step add?"],
    "one-to-many": ["one-to-many", "After step 1 no input comes in: only the state goes on. Where must all that is written later be stored?"],
    "many-to-one": ["many-to-one", "Only the last state is read, so it has to hold whatever matters. Read an earlier one instead: which inputs has it missed?"],
    "many-to-many, unsynchronised": ["many-to-many, unsynchronised", "One network reads it all, then another writes. One state is handed over: is it larger for a longer input?"],
    "many-to-many, synchronised": ["many-to-many, synchronised", "An answer at every step, from the inputs so far. Which inputs can the first answer not know?"],
  },
  names: {
    "one-to-one": ["one-to-one", "one input, one output, at the same step.", "what is in this picture? With one step there is nothing to remember."],
    "one-to-many": ["one-to-many", "one input, then one output after another.", "describe a picture. (A captioner is also fed each word it wrote; here it gets zeros.)"],
    "many-to-one": ["many-to-one", "the whole sequence in, one answer out.", "is this film review good or bad?"],
    "many-to-many, unsynchronised": ["many-to-many, unsynchronised", "read all of it first, then answer.", "translate a sentence. (A decoder is also fed each word it wrote; here it gets zeros.)"],
    "many-to-many, synchronised": ["many-to-many, synchronised", "an answer at every step that has an input.", "the part of speech of each word."],
    "one-to-one, delayed": ["one-to-one, delayed", "one input, and an output later.", "what was the first symbol? The network has to remember it."],
    "many-to-many, partly synchronised": ["many-to-many, partly synchronised", "in between: outputs neither keep step with the inputs nor wait for all of them.", "an interpreter, who starts before the speaker has finished."],
    "no input": ["no input", "not one of the five: nothing comes in, so every sequence gets the same outputs."],
    "no output": ["no output", "not one of the five: states are computed, and nobody looks."],
    "none of the five": ["none of the five", "some of its steps do not connect."],
  },
  example: "For example:",
  notes: {
    noLoss: "No loss: nothing to learn from.",
    early: (steps, one) => `What is read at ${steps} comes before any input: ${one ? "it is" : "they are"} the same for every sequence.`,
    late: (steps) => `The input at ${steps} comes after the last output: nothing that is read knows of it.`,
    without: (name) => `Without that it would be ${name}.`,
    partial: (steps) => `The output at ${steps} knows only the inputs up to its own step.`,
    idle: (steps) => `After the last output nothing is read: ${steps} could be left out.`,
    unscored: (steps) => `The output at ${steps} is read, but has no loss.`,
  },
  rows: { loss: "loss", output: "output", state: "state", input: "input", step: "step" },
  toggles: {
    inputs: (step) => `input at step ${step}`,
    outputs: (step) => `output read at step ${step}`,
    losses: (step) => `loss at step ${step}`,
  },
  lanes: { inputs: "inputs", outputs: "outputs that are read", losses: "losses" },
  networks: { one: "the same weights at every step", single: "one step", encoder: "encoder", decoder: "decoder: its own weights" },
  networksShort: { one: "the same weights at every step", single: "one step", encoder: "encoder", decoder: "decoder" },
  sizes: {
    timesteps: ["T", "number of steps"],
    batch_size: ["N", "batch size: sequences at once"],
    features: ["d", "features: numbers in an input"],
    hidden_size: ["H", "hidden units: numbers in a state"],
    classes: ["K", "classes: scores in an output"],
  },
  captions: { timesteps: "T steps", batch_size: "N batch", features: "d features", hidden_size: "H units", classes: "K classes" },
  table: { title: "Shapes of the tensors", tensor: "tensor", axes: "axes", shape: "shape", batchFirst: "batch_first=True" },
  tensors: {
    x: "inputs", context: "the encoder’s last state", zeros: "the decoder’s inputs", h: "states", h_n: "last state, once more",
    logits: "scores that are read", targets: "right classes", loss: "one number",
    W_x: "input to state", W_h: "state to state", W_y: "state to scores",
    "encoder W_x": "input to state", "encoder W_h": "state to state", "decoder W_x": "input to state", "decoder W_h": "state to state",
  },
  coder: { x: "the encoder’s inputs", h: "the decoder’s states", h_n: "its last state, once more" },
  batchFirst: "batch_first=True swaps steps and batch in x, in h and in what is read from h. It does not move h_n. No weight knows T or N.",
  code: "The same in PyTorch",
  codeNew: "A dashed line at the left marks what your last change has changed.",
  summary: (name, inputs, outputs, losses) =>
    `${name}. Input: ${inputs}. Output read: ${outputs}. Loss: ${losses}.`,
  nowhere: "nowhere",
};

export const sweep = {
  title: (labels) => `One picture for every ${labels.join(" and ")}`,
  tryThis: "Move a slider: at each of its stops, the code above drew the picture that you see.",
  nearest: (label, given, low, high, step, stop) =>
    `${label} = ${given} was not drawn: there are pictures from ${low} to ${high} in steps of ${step}. This is ${stop}.`,
};

export const statePlane = {
  title: "Two units: the state in its plane",
  tryThis: "Slide the scale from 0.95 past 1. Watch the eigenvalues cross the circle, and the path.",
  presets: {
    inward: ["spirals in", "Eigenvalues inside the circle: each step keeps 0.9 of the length. When is half of it left?"],
    turns: ["keeps turning", "Eigenvalues on the circle: no step changes the length. At which step is the state back at h₀?"],
    outward: ["spirals out", "Eigenvalues outside: each state is 1.2 times as long as the last. Can the angle stop that?"],
    squashed: ["squashed by tanh", "The same weights, and tanh: it pulls back more, the further out. Does another h₀ end elsewhere?"],
    positive: ["all-positive weights", "No weight and no bias is negative: one corner takes every start. Drag h₀ and try to escape."],
  },
  units: ["unit 1", "unit 2"],
  step: "step",
  bias: ", + b",
  disc: { real: "Re", imaginary: "Im" },
  facts: {
    pair: "eigenvalues",
    radius: "spectral radius",
    singular: "largest singular value",
    complex: (re, im) => `${re} ± ${im} i`,
    two: (one, other) => `${one} and ${other}`,
  },
  activation: "activation",
  activations: { tanh: "tanh", relu: "ReLU", identity: "identity" },
  stepControl: "time step shown in the formula",
  stepValue: (step, timesteps) => `step ${step} of ${timesteps}`,
  controls: {
    angle: ["angle °", "rotation angle of W_h in degrees"],
    scale: ["scale", "scale of W_h"],
    shear: ["shear", "shear of W_h"],
    b: ["b", "bias b of both units"],
    h_0: [["h_0,1", "initial state h_0, unit 1"], ["h_0,2", "initial state h_0, unit 2"]],
    timesteps: ["steps", "number of steps"],
  },
  clipped: (limit) => `beyond ±${limit}: cut off`,
  overflow: (step) => `The state overflowed at step ${step}: it is too large for a 64-bit number.`,
  matrixOverflow: "W_h overflowed: it is too large for 64-bit numbers.",
  summary: (step, one, two, radius, timesteps, lastOne, lastTwo) =>
    `Spectral radius ${radius}. State at step ${step}: ${one} and ${two}. Last state, at step ${timesteps}: ${lastOne} and ${lastTwo}.`,
  comment: (timesteps) => `Two recurrent units, ${timesteps} steps from h_0, without input.`,
};
