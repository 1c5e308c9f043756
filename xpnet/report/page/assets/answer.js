// Try the network: what it says of a drawing or a row, its probabilities, the activations of each layer.
function trySection(data) {
  const model = data.model;
  const title = model.image ? t("draw") : t("try");
  if (!model.layers) return section("try", title, missing(t(`why_${model.why_not}`)));
  if (model.image) return drawingSection(data, title);
  return tableSection(data, title);
}

// Return {answer, activations, show(inputs or null)}: elements, and what fills them.
function answerView(data) {
  const model = data.model,
    said = h("output", { class: "answer", "aria-live": "polite" }),
    shares = h("div", {}),
    layers = h("div", {});
  let member = 0,
    last = null;
  const show = (inputs) => {
    last = inputs;
    const found = inputs && answer(model, inputs);
    said.replaceChildren(found ? answerWords(model, found) : t("nothing_drawn"));
    shares.replaceChildren(...(found ? answerBars(model, found) : []));
    layers.replaceChildren(...(found ? activationViews(model, found.found[member], member) : []));
  };
  const chooser = memberMenu(model, "try-member", (value) => {
    member = Number(value);
    show(last);
  });
  return {
    show,
    answer: h("div", {}, said, shares),
    activations: h("div", { class: "side" }, h("h3", {}, t("activations")), chooser, layers),
  };
}

function answerWords(model, found) {
  if (!model.classifies)
    return found.mean.map((v, i) => number(v, 6) + (found.spread ? ` ± ${number(found.spread[i], 3)}` : "")).join(", ");
  if (model.several) return inWords(model, found.said);
  return t("says", label(found.said), percent(found.mean[found.said]));
}

function answerBars(model, found) {
  if (!model.classifies) return [];
  const order = found.mean.map((_, i) => i),
    many = order.length > 12;
  const shown = many ? order.sort((i, j) => found.mean[j] - found.mean[i]).slice(0, 12) : order;
  const items = shown.map((i) => ({
    name: label(i),
    share: found.mean[i],
    text: percent(found.mean[i], 2) + (found.spread ? ` ± ${(100 * found.spread[i]).toFixed(2)}` : ""),
    value: found.mean[i],
  }));
  return [
    bars(items, t("probabilities")),
    ...(many ? [h("p", { class: "soft" }, t("classes_shown", 12, order.length))] : []),
    ...(found.spread ? [h("p", { class: "soft" }, t("spread_how", model.members))] : []),
  ];
}

function activationViews(model, found) {
  return found.activations.map((a, l) => {
    const columns = Math.ceil(Math.sqrt(a.length * 2)),
      rows = Math.ceil(a.length / columns),
      padded = new Float64Array(columns * rows);
    padded.set(a);
    const order = Array.from(a.keys())
      .sort((i, j) => a[j] - a[i])
      .slice(0, 3)
      .map((i) => `${i + 1} (${number(a[i], 2)})`)
      .join(", ");
    const canvas = picture(t("activation_words", l + 1, a.length, order), "units");
    sized(paintSigned(canvas, padded, columns, rows, largestSize(a)), 180);
    return h("div", {}, h("p", { class: "soft" }, t("layer_of", l + 1, a.length)), canvas);
  });
}
