// A canvas to draw a digit on, by pointer, touch and keys.
const PAD = 280,
  PEN = 22;
let lastPad = null; // its drawing is kept when the language changes

function drawingSection(data, title) {
  const model = data.model,
    view = answerView(data),
    framing = model.image;
  const sees = picture(t("sees"), "sees"),
    pad = h("canvas", {
      class: "pad",
      id: "pad",
      tabindex: 0,
      role: "img",
      width: PAD,
      height: PAD,
      "aria-label": t("pad_words"),
    });
  const show = (pixels) => {
    paintImage(sees, pixels || new Float64Array(framing.side ** 2), framing.side, framing.ink);
    view.show(pixels && encode(model, Array.from(pixels)));
  };
  const look = () => show(framed(pad, framing));
  let waits = false; // at most one look for each picture that the screen shows
  const soon = () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      example.querySelector("select").value = "";
      look();
    });
  };
  const pen = penOf(pad, soon),
    rows = data.rows ? data.rows.number : [];
  const pairs = [["", t("own_drawing")], ...rows.map((row, k) => [k, `${t("row_number", row)}: ${rowWords(data, k)}`])];
  const example = menu("example", t("example"), pairs, "", (k) =>
    k === "" ? look() : show(pixelsOf(data, Number(k))),
  );
  const tools = h(
    "div",
    { class: "tools" },
    h("button", { type: "button", id: "clear", onclick: pen.clear }, t("clear")),
    h("button", { type: "button", id: "save", onclick: () => savePicture(pad) }, t("save_picture")),
    rows.length ? example : null,
  );
  look();
  const how = [h("p", { class: "soft" }, t("draw_how")), h("p", { class: "soft" }, t("keys_how"))];
  return section(
    "try",
    title,
    ...how,
    h(
      "div",
      { class: "row" },
      h("div", { class: "pad-box" }, pad, tools),
      h("div", {}, h("h3", {}, t("sees")), sees, view.answer),
      view.activations,
    ),
  );
}

function framed(pad, framing) {
  const { data } = pad.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, PAD, PAD);
  return frame(grayOf(data, PAD, PAD), PAD, PAD, framing);
}

// Let a canvas be drawn on by pointer, touch and keys.
function penOf(pad, changed) {
  const context = pad.getContext("2d", { willReadFrequently: true });
  let at = null,
    key = { x: PAD / 2, y: PAD / 4 },
    down = false;
  const blank = () => {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, PAD, PAD);
  };
  const stroke = (from, to) => {
    Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
  };
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left - pad.clientLeft) * PAD) / pad.clientWidth,
      y: ((event.clientY - box.top - pad.clientTop) * PAD) / pad.clientHeight,
    };
  };
  const clear = () => {
    blank();
    down = false;
    changed();
  };
  pad.addEventListener("pointerdown", (event) => {
    at = place(event);
    try {
      pad.setPointerCapture(event.pointerId);
    } catch {
      /* the pointer is gone already */
    }
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
  for (const name of ["pointerup", "pointercancel"])
    pad.addEventListener(name, () => {
      at = null;
    });
  pad.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) {
      const to = {
        x: Math.max(0, Math.min(PAD, key.x + 10 * step[0])),
        y: Math.max(0, Math.min(PAD, key.y + 10 * step[1])),
      };
      if (down) {
        stroke(key, to);
        changed();
      }
      key = to;
    } else if (event.key === " ") {
      down = !down;
      if (down) {
        stroke(key, key);
        changed();
      }
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    pad.setAttribute(
      "aria-label",
      t("pad_at", Math.round(key.x), Math.round(key.y), down ? t("pen_down") : t("pen_up")),
    );
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
