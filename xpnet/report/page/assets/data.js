// The numbers of the page, and arrays in them.
const DATA = JSON.parse(document.getElementById("data").textContent);

const BYTES = { float32: 4, float64: 8, uint8: 1 };

// Return an array that Python packed, as {shape, values: Float64Array}.
async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed.deflated), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = BYTES[packed.dtype],
    n = planes.length / size;
  const whole = new Uint8Array(planes.length);
  for (let byte = 0; byte < size; byte++) {
    for (let i = 0; i < n; i++) whole[i * size + byte] = planes[byte * n + i];
  }
  const view = new DataView(whole.buffer),
    values = new Float64Array(n);
  const read = {
    float32: (i) => view.getFloat32(i, true),
    float64: (i) => view.getFloat64(i, true),
    uint8: (i) => view.getUint8(i),
  }[packed.dtype];
  for (let i = 0; i < n; i++) values[i] = read(i * size);
  return { shape: packed.shape, values };
}

// Return the numbers with every packed array unpacked.
async function unpackAll(data) {
  const model = data.model;
  const layers =
    model.layers &&
    (await Promise.all(model.layers.map(async (layer) => ({ w: await unpack(layer.w), b: await unpack(layer.b) }))));
  const pixels = data.rows && data.rows.pixels ? await unpack(data.rows.pixels) : null;
  const frames = data.film ? await unpack(data.film.frames) : null;
  return { ...data, model: { ...model, layers }, pixels, frames };
}
