// The film of learning: what was recorded after some epochs, beside the cost.
function filmSection(data) {
  const film = data.film;
  if (!film) return null;
  const view = h("div", {}),
    chart = h("div", { class: "chart" }),
    line = h("p", { "aria-live": "off" });
  const slider = h("input", { type: "range", id: "film", min: 0, max: film.epochs.length - 1, step: 1, value: 0 });
  let timer = null;
  const show = () => {
    const i = Number(slider.value);
    view.replaceChildren(film.kind === "boundary" ? boundaryFrame(data, i) : weightFrame(data, i));
    chart.replaceChildren(
      lineChart(t("cost"), film.all_epochs, [{ name: t("training"), values: film.cost }], film.epochs[i]),
    );
    line.replaceChildren(t("film_at", film.epochs[i], number(film.cost[film.all_epochs.indexOf(film.epochs[i])])));
    slider.setAttribute("aria-valuetext", t("film_at", film.epochs[i], ""));
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.replaceChildren(t("play"));
  };
  const play = h(
    "button",
    {
      type: "button",
      id: "play",
      onclick: () => {
        if (timer) return stop();
        if (Number(slider.value) === film.epochs.length - 1) slider.value = 0;
        play.replaceChildren(t("pause"));
        timer = setInterval(() => {
          slider.value = Number(slider.value) + 1;
          show();
          if (Number(slider.value) === film.epochs.length - 1) stop();
        }, 200);
      },
    },
    t("play"),
  );
  slider.addEventListener("input", show);
  show();
  const tools = h("div", { class: "tools" }, play, h("label", { for: "film" }, t("frame")), slider);
  return section(
    "film-section",
    t("film"),
    h("p", { class: "soft" }, film.kind === "boundary" ? t("film_boundary") : t("film_weights")),
    tools,
    line,
    h("div", { class: "row" }, view, chart),
  );
}

const COLORS = [
  [200, 80, 10],
  [31, 95, 191],
  [30, 130, 80],
  [150, 60, 160],
  [170, 140, 0],
  [0, 140, 150],
  [190, 40, 90],
  [90, 90, 90],
  [120, 80, 40],
  [60, 60, 180],
];

// The frames hold, for each place of the grid, the class and its probability; of values the value.
function boundaryFrame(data, i) {
  const film = data.film,
    n = film.grid,
    size = n * n * film.planes,
    values = data.frames.values.subarray(i * size, (i + 1) * size);
  const canvas = picture(t("boundary_words", film.names[0], film.names[1], film.epochs[i]), "map");
  canvas.width = canvas.height = n;
  const context = canvas.getContext("2d"),
    image = context.createImageData(n, n);
  for (let place = 0; place < n * n; place++) image.data.set([...placeColor(data, values, place), 255], 4 * place);
  context.putImageData(image, 0, 0);
  const large = paintPoints(canvas, film);
  const [x, y] = film.ranges,
    corner = t(
      "map_axes",
      film.names[0],
      number(x[0], 3),
      number(x[1], 3),
      film.names[1],
      number(y[0], 3),
      number(y[1], 3),
    );
  return h("figure", { class: "map" }, large, h("p", { class: "soft" }, corner), data.model.classifies ? colorKey() : null);
}

function placeColor(data, values, place) {
  if (!data.model.classifies)
    return values[place] < 0
      ? [20, 80, 190]
      : [200, 80, 10].map((c) => Math.round(255 + Math.min(1, values[place]) * (c - 255)));
  const color = COLORS[values[2 * place] % COLORS.length],
    sure = values[2 * place + 1] / 255;
  return color.map((c) => Math.round(255 + (0.1 + 0.65 * Math.max(0, 2 * sure - 1)) * (c - 255)));
}

function paintPoints(small, film) {
  const side = 320,
    canvas = picture(small.getAttribute("aria-label"), "map"),
    context = canvas.getContext("2d");
  canvas.width = canvas.height = side;
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, side, side);
  film.points.forEach(([x, y, c]) => {
    context.beginPath();
    context.arc(x * side, (1 - y) * side, 3, 0, 2 * Math.PI);
    context.fillStyle = c === null ? "#333" : `rgb(${COLORS[c % COLORS.length].join(",")})`;
    context.fill();
    context.strokeStyle = "#fff";
    context.stroke();
  });
  return canvas;
}

function colorKey() {
  return h(
    "p",
    {},
    ...DATA.model.classes.slice(0, 10).map((name, i) => {
      const mark = h("span", { "aria-hidden": "true" }, "●");
      mark.style.color = `rgb(${COLORS[i].join(",")})`;
      return h("span", {}, mark, ` ${short(name)}  `);
    }),
  );
}

function weightFrame(data, i) {
  const film = data.film,
    [side, units] = [film.side, film.units],
    n = side * side,
    all = data.frames.values,
    limit = film.limits[i];
  const figures = Array.from({ length: units }, (_, u) => {
    const own = all.subarray((i * units + u) * n, (i * units + u + 1) * n).map((v) => (v - 127) / 127);
    return paintSigned(picture(t("unit_at", u + 1, film.epochs[i])), own, side, side, 1);
  });
  return h("div", {}, h("p", {}, t("weights_scale", number(limit, 3))), h("div", { class: "tiles" }, ...figures));
}
