// The columns of a table, to be set: numbers, categories, dates, gaps.
const MOST_FIELDS = 60;

function tableSection(data, title) {
  const cells = data.rows && data.rows.cells;
  if (!data.rows) return section("try", title, missing(t("no_start_row")));
  if (!cells) return section("try", title, missing(t("columns_left_out", data.columns)));
  const view = answerView(data),
    row = cells.values.map((column) => column[0]),
    fields = h("div", { class: "fields" });
  const show = () => view.show(encode(data.model, row));
  const build = () => fields.replaceChildren(...fieldOrder(data).map((c) => field(data, c, row, show)));
  const take = (k) => {
    cells.values.forEach((column, c) => {
      row[c] = column[k];
    });
    build();
    show();
  };
  const rows = menu(
    "start-row",
    t("start_row"),
    data.rows.number.map((n, k) => [k, `${t("row_number", n)}: ${rowWords(data, k)}`]),
    0,
    (k) => take(Number(k)),
  );
  take(0);
  const left =
    cells.names.length > MOST_FIELDS
      ? h("p", { class: "soft" }, t("fields_shown", MOST_FIELDS, cells.names.length))
      : null;
  return section(
    "try",
    title,
    h("p", { class: "soft" }, t("try_how")),
    h("div", { class: "tools" }, rows),
    h("div", { class: "row" }, view.answer, h("div", { class: "beside" }, fields, left)),
    view.activations,
  );
}

// Return the columns to set, the most important first.
function fieldOrder(data) {
  const names = data.rows.cells.names,
    found = data.importance
      ? data.importance.names.map((name) => names.indexOf(name)).filter((c) => c >= 0)
      : names.map((_, c) => c);
  return [...new Set([...found, ...names.keys()])].slice(0, MOST_FIELDS);
}

function field(data, c, row, show) {
  const how = data.model.preprocessing,
    column = how && how.kind === "encoding" ? how.columns[c] : {},
    name = short(data.rows.cells.names[c]);
  const set = (value) => {
    row[c] = value;
    show();
  };
  if ("categories" in column) return categoryField(column, c, name, row[c], set);
  const optional = column.fill !== null && column.fill !== undefined;
  const inputs =
    "first" in column
      ? dateInputs(column, c, row[c], set)
      : numberInputs(column.range || (data.ranges && data.ranges[c]), c, name, row[c], set);
  return h(
    "div",
    {},
    h("label", { for: `field-${c}` }, name),
    h("div", { class: "pair" }, ...inputs, optional ? gapBox(c, name, row, inputs, set) : null),
  );
}

function gapBox(c, name, row, inputs, set) {
  const toggle = (event) => {
    inputs.forEach((input) => {
      input.disabled = event.target.checked;
    });
    set(
      event.target.checked ? null : inputs.at(-1).type === "number" ? Number(inputs.at(-1).value) : inputs.at(-1).value,
    );
  };
  const box = h("input", {
    type: "checkbox",
    id: `gap-${c}`,
    checked: row[c] === null,
    onchange: toggle,
    "aria-label": t("gap_of", name),
  });
  inputs.forEach((input) => {
    input.disabled = row[c] === null;
  });
  return h("span", { class: "gap" }, box, " ", t("gap"));
}

function categoryField(column, c, name, value, set) {
  const rare = column.rare || [],
    known = [...column.categories, ...rare.slice(0, MOST_FIELDS)],
    gaps = column.fill !== null || (column.missing ?? null) !== null;
  const pairs = known.map((text, i) => [i, text]);
  if (value !== null && !known.includes(value)) {
    known.push(value);
    pairs.push([known.length - 1, value]);
  }
  if (gaps) pairs.push(["", t("gap")]);
  return h(
    "div",
    {},
    menu(`field-${c}`, name, pairs, value === null ? "" : known.indexOf(value), (i) =>
      set(i === "" ? null : known[Number(i)]),
    ),
  );
}

function dateInputs(column, c, value, set) {
  const text = (value ?? column.fill ?? column.first).slice(0, 16),
    day = text.endsWith("T00:00");
  return [
    h("input", {
      type: day ? "date" : "datetime-local",
      id: `field-${c}`,
      value: day ? text.slice(0, 10) : text,
      onchange: (event) => event.target.value && set(event.target.value),
    }),
  ];
}

function numberInputs(range, c, name, value, set) {
  const [low, high] = range || [0, 1],
    at = value ?? (low + high) / 2;
  const exact = h("input", { type: "number", id: `field-${c}`, step: "any", value: at });
  const slider = h("input", {
    type: "range",
    min: Math.min(low, at),
    max: Math.max(high, at),
    step: "any",
    value: at,
    "aria-label": name,
  });
  slider.addEventListener("input", () => {
    exact.value = String(Number(Number(slider.value).toPrecision(6)));
    set(Number(exact.value));
  });
  exact.addEventListener("input", () => {
    if (exact.value !== "" && Number.isFinite(Number(exact.value))) {
      slider.value = exact.value;
      set(Number(exact.value));
    }
  });
  return [slider, exact];
}
