// The forward pass in float64: xpnet's formulas (xpnet/nn/activations.py), for one row.
const LEAK = 0.01;
const ABOVE = [
  0.5, 0.82747105425982567, 0.67888462065339902, 0.35677438997887333, 0.13176073105459978, 0.035568645108708608,
  0.0070981505602992461, 0.0010352856016552916, 0.00010602022722365666, 6.9320259122121406e-6, 2.2245211708088181e-7,
];
const BELOW = [
  1.0, 2.4528266693225169, 2.8148417710847428, 1.9990157558157179, 0.97844189485908016, 0.34754166100267491,
  0.091717695951084931, 0.01805706297267925, 0.00261245217378372, 0.000266311044904005, 1.7376012152055178e-5,
  5.5760476642633834e-7,
];

function polynomial(x, coefficients) {
  return coefficients.reduceRight((sum, c) => sum * x + c, 0);
}

function gelu(z) {
  // z Phi(z)
  const x = Math.min(Math.abs(z), 40);
  return Math.max(z, 0) - (x * Math.exp(-0.5 * x * x) * polynomial(x, ABOVE)) / polynomial(x, BELOW);
}

const ELEMENTWISE = {
  sigmoid: (z) => 0.5 * Math.tanh(0.5 * z) + 0.5,
  tanh: Math.tanh,
  relu: (z) => Math.max(z, 0),
  leaky_relu: (z) => Math.max(z, LEAK * z),
  linear: (z) => z,
  step: (z) => (z > 0 ? 1 : 0),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  exponential: Math.exp,
  gelu,
};

function softmax(z) {
  const top = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = z.map((v) => Math.exp(v - top)),
    sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

function activate(name, z) {
  return name === "softmax" ? softmax(z) : z.map(ELEMENTWISE[name]);
}

// Return the weighted inputs of a layer of one member.
function weigh(layer, member, x) {
  const [nOut, nIn] = layer.w.shape.slice(-2),
    w = layer.w.values,
    b = layer.b.values,
    z = new Float64Array(nOut);
  for (let i = 0; i < nOut; i++) {
    let sum = 0;
    const start = (member * nOut + i) * nIn;
    for (let j = 0; j < nIn; j++) sum += w[start + j] * x[j];
    z[i] = sum + b[member * nOut + i];
  }
  return z;
}

// Return {activations of every layer, z of the last one} of one member.
function forwardOf(model, member, x) {
  const activations = [];
  let a = x,
    z = x;
  model.layers.forEach((layer, l) => {
    z = weigh(layer, member, a);
    a = activate(model.activations[l], z);
    activations.push(a);
  });
  return { activations, z };
}

// Return a probability for each class from the weighted inputs of the output, as Activation.probabilities does.
function probabilities(model, z) {
  const name = model.activations[model.activations.length - 1],
    a = activate(name, z);
  if (model.several || (name === "softmax" && z.length > 1)) return Array.from(a);
  if (z.length === 1) return [1 - a[0], a[0]];
  if (name === "sigmoid") return Array.from(softmax(z.map((v) => Math.min(v, 0) - Math.log1p(Math.exp(-Math.abs(v))))));
  const sum = a.reduce((p, q) => p + q, 0);
  return Array.from(sum > 0 ? a.map((v) => v / sum) : softmax(z));
}

function meanAndSpread(rows) {
  const k = rows.length,
    mean = rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / k);
  const spread = mean.map((m, i) => Math.sqrt(rows.reduce((sum, row) => sum + (row[i] - m) ** 2, 0) / k));
  return { mean, spread: k > 1 ? spread : null };
}

// Return what the model says of encoded inputs: probabilities or values, their spread, and the decision.
function answer(model, x) {
  const found = Array.from({ length: model.members }, (_, member) => forwardOf(model, member, x));
  if (!model.classifies)
    return { ...inUnits(model, meanAndSpread(found.map((each) => Array.from(each.activations.at(-1))))), found };
  const pooled = meanAndSpread(found.map((each) => probabilities(model, each.z)));
  return { ...pooled, said: decide(model, pooled.mean, found), found };
}

function inUnits(model, { mean, spread }) {
  const targets = model.targets || { scale: [1], shift: [0] };
  const scale = mean.map((_, i) => targets.scale[i % targets.scale.length]);
  const shift = mean.map((_, i) => targets.shift[i % targets.shift.length]);
  return {
    mean: mean.map((v, i) => v * scale[i] + shift[i]),
    spread: spread && spread.map((v, i) => v * Math.abs(scale[i])),
    said: null,
  };
}

function decide(model, p, found) {
  const threshold = model.output.threshold ?? -Infinity,
    name = model.activations.at(-1);
  const at = threshold === -Infinity ? 0 : ELEMENTWISE[name](threshold),
    limit = at > 0 && at < 1 ? at : 0.5;
  const passes = (i, share) => (model.members > 1 ? share > limit : found[0].z[i] > threshold);
  if (model.several) return p.map((share, i) => passes(i, share));
  if (found[0].z.length === 1) return passes(0, p[1]) ? 1 : 0;
  return largest(model.members > 1 ? p : Array.from(found[0].z));
}

function largest(values) {
  return values.reduce((best, v, i) => (v > values[best] ? i : best), 0);
}
