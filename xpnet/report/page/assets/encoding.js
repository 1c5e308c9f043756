// Raw rows to inputs of the network: xpnet's Scaling and Encoding (xpnet/data/preparing), for one row.
const DAY = 86400000,
  HOUR = 3600000;

// Return the inputs of a raw row: numbers of pixels or columns, or cells of a table (null is a gap).
function encode(model, row) {
  const how = model.preprocessing;
  let x = row;
  if (how && how.kind === "scaling")
    x = row.map((v, i) => (v - how.shift[i % how.shift.length]) / how.scale[i % how.scale.length]);
  if (how && how.kind === "encoding") x = how.columns.flatMap((column, i) => encodeCell(column, row[i]));
  const round = model.dtype === "float32" ? Math.fround : (v) => v;
  return Float64Array.from(x, round);
}

function encodeCell(column, cell) {
  if ("categories" in column) return encodeCategory(column, cell);
  return "first" in column ? encodeDate(column, cell) : encodeNumber(column, cell);
}

function encodeNumber(column, cell) {
  const v = cell === null ? column.fill : cell;
  return [(v - column.mean) / column.scale, ...bins(column, v), ...gap(column, cell)];
}

function bins(column, v) {
  const edges = column.edges || [];
  return edges.slice(1).map((high, i) => Math.min(Math.max(v - edges[i], 0), high - edges[i]) / (high - edges[i]));
}

function gap(column, cell) {
  return column.missing ? [cell === null ? 1 : 0] : [];
}

function encodeCategory(column, cell) {
  const rare = column.rare || [],
    n = column.categories.length,
    width = n + (rare.length ? 1 : 0);
  const out = new Array(width + (column.missing ? 1 : 0)).fill(0);
  const text = cell === null && column.fill !== null ? column.fill : cell;
  const place = column.categories.indexOf(text);
  if (text === null) {
    if (column.missing) out[out.length - 1] = 1;
  } else if (place >= 0) out[place] = 1;
  else if (rare.length) out[n] = 1;
  return out;
}

function instant(text) {
  // milliseconds since 1970, in UTC
  const [day, time = "00:00:00"] = text.split("T");
  return Date.parse(`${day}T${(time.length === 5 ? `${time}:00` : time).slice(0, 12)}Z`);
}

function encodeDate(column, cell) {
  const first = instant(column.first),
    time = cell === null ? instant(column.fill ?? column.first) : instant(cell);
  const date = new Date(time),
    days = Math.floor(time / DAY);
  const parts = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    (((days + 3) % 7) + 7) % 7,
    (time - days * DAY) / HOUR,
    (time - first) / DAY,
  ];
  return [
    ...parts.map((v, i) => (v - column.mean[i]) / column.scale[i]),
    ...bins(column, parts[4]),
    ...gap(column, cell),
  ];
}
