// From a drawing to the pixels that the network was trained on: step by step xpnet/data/images/drawing.py.
const FAINT = 0.2,
  LEAST = 32;

function grayOf(pixels, width, height) {
  // RGBA bytes to brightness, 0 to 255
  const gray = new Float64Array(width * height);
  for (let i = 0; i < gray.length; i++) {
    const opaque = pixels[4 * i + 3] / 255;
    const over = (c) => pixels[4 * i + c] * opaque + 255 * (1 - opaque);
    gray[i] = (over(0) * 299 + over(1) * 587 + over(2) * 114) / 1000;
  }
  return gray;
}

function inkOf(gray, width, height) {
  // null if nothing is drawn
  const border = [];
  for (let j = 0; j < width; j++) border.push(gray[j], gray[(height - 1) * width + j]);
  for (let i = 0; i < height; i++) border.push(gray[i * width], gray[(i + 1) * width - 1]);
  border.sort((a, b) => a - b);
  const paper = border[Math.floor(border.length / 2)];
  const ink = gray.map((v) => Math.abs(v - paper)),
    darkest = ink.reduce((a, b) => Math.max(a, b), 0);
  if (darkest < LEAST) return null;
  return ink.map((v) => (v / darkest < FAINT ? 0 : v / darkest));
}

// Return the side * side numbers of the image that a picture shows, or null.
function frame(gray, width, height, framing) {
  const ink = inkOf(gray, width, height);
  if (!ink) return null;
  const rowMass = new Float64Array(height),
    columnMass = new Float64Array(width);
  ink.forEach((v, i) => {
    rowMass[Math.floor(i / width)] += v;
    columnMass[i % width] += v;
  });
  const [top, bottom] = extent(rowMass),
    [left, right] = extent(columnMass);
  const scale = framing.box / Math.max(bottom - top, right - left);
  const down = shares(bottom - top, scale, start(rowMass.slice(top, bottom), scale, framing), framing.side);
  const across = shares(right - left, scale, start(columnMass.slice(left, right), scale, framing), framing.side);
  const narrow = down.map((row) => {
    // (side, width of the crop)
    const sums = new Float64Array(right - left);
    row.forEach((share, i) => {
      if (share) for (let j = 0; j < sums.length; j++) sums[j] += share * ink[(top + i) * width + left + j];
    });
    return sums;
  });
  return narrow.flatMap((sums) =>
    across.map((row) => {
      let sum = 0;
      row.forEach((share, j) => {
        sum += share * sums[j];
      });
      return Math.min(framing.ink, framing.ink * sum);
    }),
  );
}

function extent(mass) {
  // from the first to the last with ink
  const places = Array.from(mass.keys()).filter((i) => mass[i] > 0);
  return [places[0], places.at(-1) + 1];
}

function start(mass, scale, framing) {
  // its center of mass in its place, but all of it inside
  const total = mass.reduce((a, b) => a + b, 0),
    middle = mass.reduce((sum, v, i) => sum + v * (i + 0.5), 0) / total;
  return Math.max(0, Math.min(framing.center - scale * middle, framing.side - scale * mass.length));
}

function shares(n, scale, begin, side) {
  // which share of each of `side` pixels each of n pixels covers
  return Array.from({ length: side }, (_, i) =>
    Array.from({ length: n }, (_, j) =>
      Math.max(0, Math.min(begin + scale * (j + 1), i + 1) - Math.max(begin + scale * j, i)),
    ),
  );
}
