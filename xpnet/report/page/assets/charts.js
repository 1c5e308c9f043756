// Charts as SVG, with honest axes: from zero, or the caption says where they begin.
const WIDTH = 480,
  HEIGHT = 240,
  LEFT = 56,
  RIGHT = 12,
  TOP = 28,
  BOTTOM = 36;

function ticks(low, high) {
  const rough = (high - low) / 5 || 1,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const found = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9 * step; v += step)
    found.push(Number(v.toPrecision(12)));
  return found;
}

function axes(xs, ys, xTitle, x, y) {
  const lines = ys.map((v) =>
    h(
      "g",
      {},
      h("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(v), y2: y(v) }),
      h("text", { x: LEFT - 6, y: y(v) + 4, "text-anchor": "end" }, number(v)),
    ),
  );
  const marks = xs.map((v) => h("text", { x: x(v), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, number(v)));
  const frame = h("path", { class: "axis", d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}` });
  return [
    ...lines,
    ...marks,
    frame,
    h("text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, xTitle),
  ];
}

function scales(x0, x1, y0, y1) {
  const width = WIDTH - LEFT - RIGHT,
    height = HEIGHT - TOP - BOTTOM;
  return [
    (v) => LEFT + width * (x1 > x0 ? (v - x0) / (x1 - x0) : 0.5),
    (v) => TOP + height * (y1 > y0 ? 1 - (v - y0) / (y1 - y0) : 0.5),
  ];
}

function svg(description, ...children) {
  return h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": description }, ...children);
}

function path(xs, values, x, y) {
  let pen = "M";
  const d = xs
    .map((v, i) => {
      if (values[i] === null) {
        pen = "M";
        return "";
      }
      const step = `${pen}${x(v).toFixed(1)} ${y(values[i]).toFixed(1)}`;
      pen = "L";
      return step;
    })
    .join("");
  return values.filter((v) => v !== null).length === 1 ? `${d}h1` : d;
}

// Return curves over the epochs: series is [{name, values}], at most two; the kept epoch is marked.
function lineChart(title, epochs, series, kept, top = null) {
  const all = series.flatMap((s) => s.values).filter((v) => v !== null);
  if (!all.length) return missing(t("no_finite", title));
  const least = Math.min(...all),
    most = top ?? Math.max(...all);
  const low =
    least >= 0 && least < 0.6 * most
      ? 0
      : least < 0
        ? least
        : (ticks(least - 0.15 * (most - least || least || 1), most)[0] ?? least);
  const [x, y] = scales(epochs[0], epochs.at(-1), Math.min(low, least), most);
  const best =
    kept === null ? [] : [h("line", { class: "mark", x1: x(kept), x2: x(kept), y1: TOP, y2: HEIGHT - BOTTOM })];
  const words = series.map((s) => t("curve_words", s.name, number(s.values[0]), number(s.values.at(-1))));
  const chart = svg(
    [title, ...words, kept === null ? "" : t("kept_epoch", kept)].join("; "),
    ...axes(
      ticks(epochs[0], epochs.at(-1)).filter((v) => Number.isInteger(v)),
      ticks(Math.min(low, least), most),
      t("epoch"),
      x,
      y,
    ),
    ...best,
    ...series.map((s, i) => h("path", { class: i ? "second" : "first", d: path(epochs, s.values, x, y) })),
    ...series.map((s, i) =>
      h("text", { class: `key${i + 1}`, x: LEFT + 8 + 200 * i, y: TOP - 12 }, `${i ? "- -" : "—"} ${s.name}`),
    ),
  );
  const note = low > 0 ? h("p", { class: "soft" }, t("axis_from", number(Math.min(low, least)))) : null;
  return h("div", { class: "chart" }, h("h3", {}, title), chart, note);
}

// Return the calibration curve: confidence and the share that is right; bins are [low, high, confidence, share, rows].
function calibrationChart(bins) {
  const [x, y] = scales(0, 1, 0, 1),
    most = Math.max(...bins.map((bin) => bin[4]));
  const dots = bins.map((bin) =>
    h("circle", { class: "dot", cx: x(bin[2]), cy: y(bin[3]), r: 3 + 6 * Math.sqrt(bin[4] / most) }),
  );
  return svg(
    t("calibration_words", bins.length),
    ...axes(ticks(0, 1), ticks(0, 1), t("confidence"), x, y),
    h("text", { x: LEFT + 8, y: TOP - 12 }, t("share_right")),
    h("line", { class: "mark", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
    h("path", {
      class: "first",
      d: path(
        bins.map((b) => b[2]),
        bins.map((b) => b[3]),
        x,
        y,
      ),
    }),
    ...dots,
  );
}
