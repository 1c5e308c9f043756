// How the model does on rows that it was not trained on.
const SHOWN = 24; // rows at once

function testSection(data) {
  const test = data.test;
  if (!test)
    return section(
      "test",
      t("test"),
      missing(data.why_no_test ? t("no_test_because", data.why_no_test) : t("no_test")),
    );
  const line =
    "rmse" in test
      ? t("rmse_line", number(test.rmse), number(test.r2), test.rows)
      : t("accuracy_line", percent(test.accuracy, 2), test.rows);
  return section("test", t("test"), h("p", { class: "answer" }, line), membersLine(test));
}

// Return how the members of an ensemble do alone, or null.
function membersLine(test) {
  if (!test.members.length) return null;
  const { mean, spread } = meanAndSpread(test.members.map((score) => [score]));
  const [middle, apart] =
    "rmse" in test ? [number(mean[0]), number(spread[0], 2)] : [percent(mean[0], 2), percent(spread[0], 2)];
  return h("p", {}, t("rmse" in test ? "members_rmse" : "members_accuracy", test.members.length, middle, apart));
}

function confusionSection(data) {
  const test = data.test;
  if (!test || !data.model.classifies || data.model.several) return null;
  const found = h("div", { "aria-live": "polite", id: "cell-rows" }, h("p", { class: "soft" }, t("choose_cell")));
  const show = (truth, said, count) => found.replaceChildren(cellRows(data, truth, said, count));
  const body = test.confusion ? confusionTable(test.confusion, show) : confusionPairs(test, show);
  return section(
    "confusion",
    t("confusion"),
    h("p", { class: "soft" }, test.confusion ? t("confusion_how") : t("confusion_many", data.model.classes.length)),
    body,
    found,
  );
}

function confusionTable(counts, show) {
  const head = h(
    "tr",
    {},
    h("th", { class: "text", scope: "col" }, t("is_said")),
    ...counts.map((_, j) => h("th", { scope: "col" }, label(j))),
  );
  const rows = counts.map((row, i) => {
    const total = row.reduce((a, b) => a + b, 0);
    return h(
      "tr",
      {},
      h("th", { class: "text", scope: "row" }, label(i)),
      ...row.map((count, j) => confusionCell(i, j, count, total, show)),
    );
  });
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": t("confusion") },
    h("table", { class: "confusion" }, h("thead", {}, head), h("tbody", {}, ...rows)),
  );
}

function confusionCell(i, j, count, total, show) {
  const words = t("cell_words", label(i), label(j), count);
  const cell = h(
    "td",
    {},
    count
      ? h(
          "button",
          { type: "button", "aria-label": words, "data-cell": `${i},${j}`, onclick: () => show(i, j, count) },
          count,
        )
      : null,
  );
  if (count)
    cell.style.background = `rgba(var(--${i === j ? "good" : "bad"}), ${(0.08 + 0.27 * Math.sqrt(count / total)).toFixed(3)})`;
  return cell;
}

function confusionPairs(test, show) {
  const rows = test.pairs.map(([i, j, count]) => [
    label(i),
    label(j),
    h("button", { type: "button", onclick: () => show(i, j, count) }, t("show_rows", count)),
  ]);
  const left = test.pairs_left_out ? h("p", { class: "soft" }, t("pairs_left_out", test.pairs_left_out)) : null;
  return h("div", {}, table(t("confusion"), [t("is"), t("said"), t("rows")], rows), left);
}

function cellRows(data, truth, said, count) {
  const places = data.rows.number
    .map((_, k) => k)
    .filter((k) => data.rows.truth[k] === truth && data.rows.said[k] === said);
  const title = t("cell_words", label(truth), label(said), count);
  const note =
    places.length < count ? h("p", { class: "soft" }, t("of_them", Math.min(places.length, SHOWN), count)) : null;
  return h("div", {}, h("h3", {}, title), note, rowsView(data, places.slice(0, SHOWN)));
}

// Return rows as images, or as a table of their cells.
function rowsView(data, places) {
  if (!places.length) return h("p", {}, t("none_kept"));
  return data.pixels ? h("div", { class: "row" }, ...places.map((k) => imageOf(data, k))) : cellsTable(data, places);
}

function rowWords(data, k) {
  const rows = data.rows,
    sure = rows.certainty ? ` (${percent(rows.certainty[k])})` : "";
  return (
    t(
      data.model.classifies ? "row_words" : "value_words",
      inWords(data.model, rows.truth[k]),
      inWords(data.model, rows.said[k]),
    ) + sure
  );
}

// Return what a truth or an answer is called: a class, the labels that are 1, or values.
function inWords(model, value) {
  const all = Array.isArray(value) ? value : [value];
  if (!model.classifies) return all.map((v) => number(v, 6)).join(", ");
  if (!model.several) return label(value);
  return (
    all
      .map((yes, i) => (yes ? label(i) : null))
      .filter((name) => name !== null)
      .join(", ") || t("no_label")
  );
}

function imageOf(data, k) {
  const side = data.model.image.side,
    words = `${t("row_number", data.rows.number[k])}: ${rowWords(data, k)}`;
  return h(
    "figure",
    {},
    paintImage(picture(words), pixelsOf(data, k), side, data.model.image.ink),
    h("figcaption", { "aria-hidden": "true" }, rowWords(data, k)),
  );
}

function pixelsOf(data, k) {
  const n = data.model.sizes[0];
  return data.pixels.values.subarray(k * n, (k + 1) * n);
}

function cellsTable(data, places) {
  const cells = data.rows.cells,
    names = cells ? cells.names.slice(0, 30) : [];
  const left = !cells
    ? h("p", { class: "soft" }, t("columns_left_out", data.columns))
    : cells.names.length > names.length
      ? h("p", { class: "soft" }, t("columns_shown", names.length, cells.names.length))
      : null;
  const rows = places.map((k) => [
    rowWords(data, k),
    data.rows.number[k],
    ...names.map((_, c) => cellText(cells.values[c][k])),
  ]);
  return h("div", {}, table(t("rows"), [t("answer"), t("row"), ...names], rows), left);
}

function cellText(value) {
  return value === null ? t("gap") : typeof value === "number" ? number(value, 6) : value.replace(/T00:00:00\.0+$/, "");
}

function mistakesSection(data) {
  if (!data.rows || data.model.several) return null;
  const wrong = data.rows.number
    .map((_, k) => k)
    .filter((k) => data.rows.truth[k] !== data.rows.said[k])
    .slice(0, SHOWN);
  const title = data.model.classifies ? t("mistakes") : t("largest_errors");
  return section("mistakes", title, wrong.length ? rowsView(data, wrong) : h("p", {}, t("no_mistake")));
}

function calibrationSection(data) {
  const found = data.test && data.test.calibration;
  if (!found) return null;
  const rows = found.bins.map((bin) => [
    `${number(bin[0])}–${number(bin[1])}`,
    percent(bin[2]),
    percent(bin[3]),
    bin[4],
  ]);
  return section(
    "calibration",
    t("calibration"),
    h("p", { class: "soft" }, t("calibration_how", number(found.error))),
    calibrationChart(found.bins),
    asNumbers(t("calibration"), [t("confidence"), t("mean_confidence"), t("right"), t("rows")], rows),
  );
}
