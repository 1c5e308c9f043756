// What was learned: curves, weights, norms, importance, settings.
function curvesSection(data) {
  const curves = data.curves;
  if (!curves) return section("curves", t("curves"), missing(t("no_history")));
  const charts = ["cost", "accuracy"].map((name) => {
    const series = [
      [name, t("training")],
      [`validation_${name}`, t("validation")],
    ]
      .filter(([key]) => curves[key])
      .map(([key, words]) => ({ name: words, values: curves[key] }));
    return series.length ? lineChart(t(name), curves.epoch, series, curves.kept, name === "accuracy" ? 1 : null) : null;
  });
  const names = ["cost", "validation_cost", "accuracy", "validation_accuracy", "eta"].filter((name) => curves[name]);
  const rows = curves.epoch.map((epoch, i) => [epoch, ...names.map((name) => number(curves[name][i], 5))]);
  const several = curves.networks > 1 ? h("p", { class: "soft" }, t("means_of", curves.networks)) : null;
  return section(
    "curves",
    t("curves"),
    several,
    h("div", { class: "row" }, ...charts),
    curves.kept === null ? null : h("p", {}, t("kept_epoch", curves.kept)),
    asNumbers(t("curves"), [t("epoch"), ...names.map((name) => t(name))], rows),
  );
}

const MOST_UNITS = 100;

function weightsSection(data) {
  const model = data.model;
  if (!model.layers) return section("weights", t("weights"), missing(t(`why_${model.why_not}`)));
  if (!model.image && model.sizes[0] > 400)
    return section("weights", t("weights"), missing(t("inputs_many", model.sizes[0])));
  const view = h("div", {}),
    show = (member) =>
      view.replaceChildren(model.image ? weightImages(model, Number(member)) : weightMap(model, Number(member)));
  show(0);
  return section(
    "weights",
    t("weights"),
    h("p", { class: "soft" }, model.image ? t("weights_how") : t("weight_map_how")),
    memberMenu(model, "weights-member", show),
    view,
  );
}

function memberMenu(model, id, show) {
  if (model.members < 2) return null;
  return menu(
    id,
    t("member"),
    Array.from({ length: model.members }, (_, i) => [i, i + 1]),
    0,
    show,
  );
}

function firstLayer(model, member) {
  const { shape, values } = model.layers[0].w,
    n = shape.at(-1) * shape.at(-2);
  return values.subarray(member * n, (member + 1) * n);
}

function largestSize(values) {
  return values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
}

function weightImages(model, member) {
  const w = firstLayer(model, member),
    n = model.sizes[0],
    units = Math.min(model.sizes[1], MOST_UNITS),
    limit = largestSize(w);
  const figures = Array.from({ length: units }, (_, i) => {
    const own = w.subarray(i * n, (i + 1) * n),
      low = Math.min(...own),
      high = Math.max(...own);
    return h(
      "figure",
      {},
      paintSigned(
        picture(t("unit_words", i + 1, number(low, 2), number(high, 2))),
        own,
        model.image.side,
        model.image.side,
        limit,
      ),
      h("figcaption", { "aria-hidden": "true" }, i + 1),
    );
  });
  const left = model.sizes[1] > units ? h("p", { class: "soft" }, t("units_shown", units, model.sizes[1])) : null;
  return h("div", {}, h("p", {}, t("weights_scale", number(limit, 3))), h("div", { class: "row" }, ...figures), left);
}

function weightMap(model, member) {
  const w = firstLayer(model, member),
    limit = largestSize(w);
  const canvas = picture(t("map_words", model.sizes[1], model.sizes[0], number(limit, 3)), "units");
  sized(paintSigned(canvas, w, model.sizes[0], model.sizes[1], limit), 320);
  return h("div", {}, h("p", {}, t("weights_scale", number(limit, 3))), canvas);
}

function normsSection(data) {
  if (!data.norms) return null;
  const names = ["activation", "weight", "gradient"],
    most = names.map((name) => Math.max(...data.norms.map((each) => each[name]), 1e-300));
  const charts = names.map((name, i) =>
    h(
      "div",
      { class: "chart" },
      h("h3", {}, t(`norm_${name}`)),
      bars(
        data.norms.map((each, l) => ({
          name: t("layer", l + 1),
          share: each[name] / most[i],
          text: number(each[name], 3),
          value: each[name],
        })),
        t(`norm_${name}`),
      ),
    ),
  );
  return section("norms", t("norms"), h("p", { class: "soft" }, t("norms_how")), h("div", { class: "row" }, ...charts));
}

function importanceSection(data) {
  if (!data.test || data.model.image) return null;
  const found = data.importance;
  if (!found)
    return section(
      "importance",
      t("importance"),
      missing(
        data.columns > data.most_columns ? t("importance_many", data.columns, data.most_columns) : t("importance_few"),
      ),
    );
  const most = Math.max(...found.mean.map(Math.abs), 1e-300),
    shown = Math.min(found.names.length, 40);
  const items = found.names.slice(0, shown).map((name, i) => ({
    name,
    share: found.mean[i] / most,
    text: `${number(found.mean[i], 3)} ± ${number(found.spread[i], 2)}`,
    value: found.mean[i],
  }));
  const left =
    shown < found.names.length ? h("p", { class: "soft" }, t("columns_shown", shown, found.names.length)) : null;
  return section(
    "importance",
    t("importance"),
    h("p", { class: "soft" }, t("importance_how", found.score, found.rows, found.repeats)),
    bars(items, t("importance")),
    left,
  );
}

function settingsSection(data) {
  const model = data.model,
    members = model.members > 1 ? t("networks", model.members) : t("one_network");
  const own = [
    [
      t("network"),
      `${model.sizes.join("-")}, ${model.activations.join(" ")}, ${model.cost}; ${members}, ${model.dtype}`,
    ],
    ["xpnet", data.version],
  ];
  const pairs = [...own, ...data.settings].flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
  const command = data.command ? h("p", {}, t("again"), " ", h("code", {}, data.command)) : missing(t("no_command"));
  return section("settings", t("settings"), command, h("dl", {}, ...pairs));
}
