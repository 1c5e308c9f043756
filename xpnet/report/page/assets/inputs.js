// Try the network: draw a digit, or set the columns of a table.
const PAD = 280, PEN = 22, MOST_FIELDS = 60;
let lastPad = null; // its drawing is kept when the language changes

function trySection(data) {
  const model = data.model;
  const title = model.image ? t("draw") : t("try");
  if (!model.layers) return section("try", title, missing(t(`why_${model.why_not}`)));
  if (model.image) return drawingSection(data, title);
  return tableSection(data, title);
}

// ---- what the network says ----------------------------------------------------------------------------------

// Return {answer, activations, show(inputs or null)}: elements, and what fills them.
function answerView(data) {
  const model = data.model, said = h("output", { class: "answer", "aria-live": "polite" }), shares = h("div", {}), layers = h("div", {});
  let member = 0, last = null;
  const show = (inputs) => {
    last = inputs;
    const found = inputs && answer(model, inputs);
    said.replaceChildren(found ? answerWords(model, found) : t("nothing_drawn"));
    shares.replaceChildren(...(found ? answerBars(model, found) : []));
    layers.replaceChildren(...(found ? activationViews(model, found.found[member], member) : []));
  };
  const chooser = memberMenu(model, "try-member", (value) => { member = Number(value); show(last); });
  return { show, answer: h("div", {}, said, shares), activations: h("div", { class: "side" }, h("h3", {}, t("activations")), chooser, layers) };
}

function answerWords(model, found) {
  if (!model.classifies) return found.mean.map((v, i) => number(v, 6) + (found.spread ? ` ± ${number(found.spread[i], 3)}` : "")).join(", ");
  if (model.several) return inWords(model, found.said);
  return t("says", label(found.said), percent(found.mean[found.said]));
}

function answerBars(model, found) {
  if (!model.classifies) return [];
  const order = found.mean.map((_, i) => i), many = order.length > 12;
  const shown = many ? order.sort((i, j) => found.mean[j] - found.mean[i]).slice(0, 12) : order;
  const items = shown.map((i) => ({ name: label(i), share: found.mean[i], text: percent(found.mean[i], 2) + (found.spread ? ` ± ${(100 * found.spread[i]).toFixed(2)}` : ""), value: found.mean[i] }));
  return [bars(items, t("probabilities")), ...(many ? [h("p", { class: "soft" }, t("classes_shown", 12, order.length))] : []), ...(found.spread ? [h("p", { class: "soft" }, t("spread_how", model.members))] : [])];
}

function activationViews(model, found) {
  return found.activations.map((a, l) => {
    const columns = Math.ceil(Math.sqrt(a.length * 2)), rows = Math.ceil(a.length / columns), padded = new Float64Array(columns * rows);
    padded.set(a);
    const order = Array.from(a.keys()).sort((i, j) => a[j] - a[i]).slice(0, 3).map((i) => `${i + 1} (${number(a[i], 2)})`).join(", ");
    const canvas = picture(t("activation_words", l + 1, a.length, order), "units");
    sized(paintSigned(canvas, padded, columns, rows, largestSize(a)), 180);
    return h("div", {}, h("p", { class: "soft" }, t("layer_of", l + 1, a.length)), canvas);
  });
}

// ---- drawing ------------------------------------------------------------------------------------------------

function drawingSection(data, title) {
  const model = data.model, view = answerView(data), framing = model.image;
  const sees = picture(t("sees"), "sees"), pad = h("canvas", { class: "pad", id: "pad", tabindex: 0, role: "img", width: PAD, height: PAD, "aria-label": t("pad_words") });
  const show = (pixels) => {
    paintImage(sees, pixels || new Float64Array(framing.side ** 2), framing.side, framing.ink);
    view.show(pixels && encode(model, Array.from(pixels)));
  };
  const look = () => show(framed(pad, framing));
  let waits = false; // at most one look for each picture that the screen shows
  const soon = () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; look(); });
  };
  const pen = penOf(pad, soon), rows = data.rows ? data.rows.number : [];
  const pairs = [["", t("own_drawing")], ...rows.map((row, k) => [k, `${t("row_number", row)}: ${rowWords(data, k)}`])];
  const example = menu("example", t("example"), pairs, "", (k) => (k === "" ? look() : show(pixelsOf(data, Number(k)))));
  const tools = h("div", { class: "tools" }, h("button", { type: "button", id: "clear", onclick: pen.clear }, t("clear")), h("button", { type: "button", id: "save", onclick: () => savePicture(pad) }, t("save_picture")), rows.length ? example : null);
  look();
  const how = [h("p", { class: "soft" }, t("draw_how")), h("p", { class: "soft" }, t("keys_how"))];
  return section("try", title, ...how, h("div", { class: "row" }, h("div", { class: "pad-box" }, pad, tools), h("div", {}, h("h3", {}, t("sees")), sees, view.answer), view.activations));
}

function framed(pad, framing) {
  const { data } = pad.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, PAD, PAD);
  return frame(grayOf(data, PAD, PAD), PAD, PAD, framing);
}

// Let a canvas be drawn on by pointer, touch and keys.
function penOf(pad, changed) {
  const context = pad.getContext("2d", { willReadFrequently: true });
  let at = null, key = { x: PAD / 2, y: PAD / 4 }, down = false;
  const blank = () => { context.fillStyle = "#fff"; context.fillRect(0, 0, PAD, PAD); };
  const stroke = (from, to) => {
    Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
  };
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return { x: (event.clientX - box.left - pad.clientLeft) * PAD / pad.clientWidth, y: (event.clientY - box.top - pad.clientTop) * PAD / pad.clientHeight };
  };
  const clear = () => { blank(); down = false; changed(); };
  pad.addEventListener("pointerdown", (event) => {
    at = place(event);
    try { pad.setPointerCapture(event.pointerId); } catch { /* the pointer is gone already */ }
    stroke(at, at);
    changed();
    event.preventDefault();
    pad.focus();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!at) return;
    const to = place(event);
    stroke(at, to);
    at = to;
    changed();
  });
  for (const name of ["pointerup", "pointercancel"]) pad.addEventListener(name, () => { at = null; });
  pad.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) {
      const to = { x: Math.max(0, Math.min(PAD, key.x + 10 * step[0])), y: Math.max(0, Math.min(PAD, key.y + 10 * step[1])) };
      if (down) { stroke(key, to); changed(); }
      key = to;
    } else if (event.key === " ") {
      down = !down;
      if (down) { stroke(key, key); changed(); }
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    pad.setAttribute("aria-label", t("pad_at", Math.round(key.x), Math.round(key.y), down ? t("pen_down") : t("pen_up")));
    event.preventDefault();
  });
  blank();
  if (lastPad) context.drawImage(lastPad, 0, 0);
  lastPad = pad;
  return { clear };
}

function savePicture(pad) {
  const link = h("a", { href: pad.toDataURL("image/png"), download: "digit.png" });
  link.click();
}

// ---- columns of a table -------------------------------------------------------------------------------------

function tableSection(data, title) {
  const cells = data.rows && data.rows.cells;
  if (!data.rows) return section("try", title, missing(t("no_start_row")));
  if (!cells) return section("try", title, missing(t("columns_left_out", data.columns)));
  const view = answerView(data), row = cells.values.map((column) => column[0]), fields = h("div", { class: "fields" });
  const show = () => view.show(encode(data.model, row));
  const build = () => fields.replaceChildren(...fieldOrder(data).map((c) => field(data, c, row, show)));
  const take = (k) => { cells.values.forEach((column, c) => { row[c] = column[k]; }); build(); show(); };
  const rows = menu("start-row", t("start_row"), data.rows.number.map((n, k) => [k, `${t("row_number", n)}: ${rowWords(data, k)}`]), 0, (k) => take(Number(k)));
  take(0);
  const left = cells.names.length > MOST_FIELDS ? h("p", { class: "soft" }, t("fields_shown", MOST_FIELDS, cells.names.length)) : null;
  return section("try", title, h("p", { class: "soft" }, t("try_how")), h("div", { class: "tools" }, rows), h("div", { class: "row" }, view.answer, view.activations), fields, left);
}

// Return the columns to set, the most important first.
function fieldOrder(data) {
  const names = data.rows.cells.names, found = data.importance ? data.importance.names.map((name) => names.indexOf(name)).filter((c) => c >= 0) : names.map((_, c) => c);
  return [...new Set([...found, ...names.keys()])].slice(0, MOST_FIELDS);
}

function field(data, c, row, show) {
  const how = data.model.preprocessing, column = how && how.kind === "encoding" ? how.columns[c] : {}, name = data.rows.cells.names[c];
  const set = (value) => { row[c] = value; show(); };
  if ("categories" in column) return categoryField(column, c, name, row[c], set);
  const optional = column.fill !== null && column.fill !== undefined;
  const inputs = "first" in column ? dateInputs(column, c, row[c], set) : numberInputs(column.range || (data.ranges && data.ranges[c]), c, name, row[c], set);
  return h("div", {}, h("label", { for: `field-${c}` }, name), h("div", { class: "pair" }, ...inputs, optional ? gapBox(c, name, row, inputs, set) : null));
}

function gapBox(c, name, row, inputs, set) {
  const toggle = (event) => {
    inputs.forEach((input) => { input.disabled = event.target.checked; });
    set(event.target.checked ? null : inputs.at(-1).type === "number" ? Number(inputs.at(-1).value) : inputs.at(-1).value);
  };
  const box = h("input", { type: "checkbox", id: `gap-${c}`, checked: row[c] === null, onchange: toggle, "aria-label": t("gap_of", name) });
  inputs.forEach((input) => { input.disabled = row[c] === null; });
  return h("span", {}, box, " ", t("gap"));
}

function categoryField(column, c, name, value, set) {
  const rare = column.rare || [], known = [...column.categories, ...rare.slice(0, MOST_FIELDS)], gaps = column.fill !== null || (column.missing ?? null) !== null;
  const pairs = known.map((text, i) => [i, text]);
  if (value !== null && !known.includes(value)) { known.push(value); pairs.push([known.length - 1, value]); }
  if (gaps) pairs.push(["", t("gap")]);
  return h("div", {}, menu(`field-${c}`, name, pairs, value === null ? "" : known.indexOf(value), (i) => set(i === "" ? null : known[Number(i)])));
}

function dateInputs(column, c, value, set) {
  const text = (value ?? column.fill ?? column.first).slice(0, 16), day = text.endsWith("T00:00");
  return [h("input", { type: day ? "date" : "datetime-local", id: `field-${c}`, value: day ? text.slice(0, 10) : text, onchange: (event) => event.target.value && set(event.target.value) })];
}

function numberInputs(range, c, name, value, set) {
  const [low, high] = range || [0, 1], at = value ?? (low + high) / 2;
  const exact = h("input", { type: "number", id: `field-${c}`, step: "any", value: at });
  const slider = h("input", { type: "range", min: Math.min(low, at), max: Math.max(high, at), step: "any", value: at, "aria-label": name });
  slider.addEventListener("input", () => { exact.value = String(Number(Number(slider.value).toPrecision(6))); set(Number(exact.value)); });
  exact.addEventListener("input", () => { if (exact.value !== "" && Number.isFinite(Number(exact.value))) { slider.value = exact.value; set(Number(exact.value)); } });
  return [slider, exact];
}
