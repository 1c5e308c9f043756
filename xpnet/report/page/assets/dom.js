// Elements, words and numbers.  Text from files only ever becomes text nodes and attributes, never markup.
let language = (navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";

// Return the words of a key in the language, with {0}, {1}, … filled in.
function t(key, ...parts) {
  const text = DATA.words[language][key] ?? DATA.words.en[key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, i) => short(String(parts[i]), 400));
}

// Return text that is cut if it is long, without characters that turn the direction of what stands beside it.
function short(text, most = 60) {
  const seen = text.slice(0, 4 * most).replace(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/g, "\ufffd"),
    characters = [...seen];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : seen;
}

const SVG = ["svg", "path", "line", "circle", "text", "rect", "g", "title"];

// Return an element: h("p", {class: "soft", onclick: f}, "text", other, …).
function h(tag, attributes, ...children) {
  const element = SVG.includes(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children
      .flat()
      .filter((child) => child !== null && child !== undefined)
      .map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))),
  );
  return element;
}

function section(id, title, ...children) {
  return h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), ...children);
}

function missing(why) {
  return h("p", { class: "soft missing" }, why);
}

function number(v, digits = 4) {
  if (v === null || v === undefined) return "–";
  const size = Math.abs(v);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? v.toExponential(2) : String(Number(v.toPrecision(digits)));
}

function percent(v, digits = 1) {
  return `${(100 * v).toFixed(digits)} %`;
}

function label(i) {
  return short(DATA.model.classes[i] ?? String(i));
}

// Return a labelled menu of [value, text] pairs.
function menu(id, title, pairs, chosen, onchange) {
  const options = pairs.map(([value, text]) =>
    h("option", { value, selected: String(value) === String(chosen) }, short(String(text), 120)),
  );
  return h(
    "span",
    {},
    h("label", { for: id }, `${title} `),
    h("select", { id, onchange: (event) => onchange(event.target.value) }, ...options),
  );
}

// Return a table in a box that scrolls by itself, also by keyboard.
function table(caption, head, rows, attributes = {}) {
  const cells = (row, tag) =>
    row.map((cell, i) => h(tag, { class: i === 0 ? "text" : null, scope: tag === "th" ? "col" : null }, typeof cell === "string" ? short(cell, 160) : cell));
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    h(
      "table",
      attributes,
      h("thead", {}, h("tr", {}, ...cells(head, "th"))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...cells(row, "td")))),
    ),
  );
}

// Return the same numbers as a picture shows, for those who read.
function asNumbers(caption, head, rows) {
  return h("details", {}, h("summary", {}, t("as_numbers", caption)), table(caption, head, rows));
}

// Return a list of bars: [{name, share, text, value}, …].
function bars(items, caption) {
  return h(
    "ul",
    { class: "bars", "aria-label": caption },
    ...items.map((item) => {
      const fill = h("span", { class: "fill" });
      fill.style.display = "block";
      fill.style.width = `${100 * Math.max(0, Math.min(1, item.share))}%`;
      return h(
        "li",
        { "data-value": item.value ?? null },
        h("span", { class: "name" }, short(String(item.name))),
        h("span", { class: "track", "aria-hidden": "true" }, fill),
        h("span", {}, item.text),
      );
    }),
  );
}

// Draw numbers 0 (paper) to `most` (ink) as a gray picture.
function paintImage(canvas, values, side, most) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d"),
    image = context.createImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    const gray = 255 - Math.round(255 * Math.max(0, Math.min(1, values[i] / most)));
    image.data.set([gray, gray, gray, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// Draw numbers from -limit (blue) over 0 (white) to limit (orange).
function paintSigned(canvas, values, width, height, limit) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d"),
    image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const v = Math.max(-1, Math.min(1, values[i] / limit)),
      full = v < 0 ? [20, 80, 190] : [200, 80, 10];
    image.data.set([...full.map((c) => Math.round(255 + Math.abs(v) * (c - 255))), 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// Let a picture of a few numbers be large enough to see, and no larger than `most` pixels.
function sized(canvas, most) {
  const cell = Math.min(14, most / canvas.width, (2 * most) / canvas.height);
  canvas.style.width = `${cell * canvas.width}px`;
  canvas.style.height = `${cell * canvas.height}px`;
  return canvas;
}

function picture(description, className = "digit") {
  return h("canvas", { class: className, role: "img", "aria-label": description });
}
