// The page: built from the numbers, and built again in another language.
function build(data, root) {
  const sections = [
    testSection,
    trySection,
    curvesSection,
    filmSection,
    confusionSection,
    mistakesSection,
    calibrationSection,
    importanceSection,
    weightsSection,
    normsSection,
    settingsSection,
  ];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = t("title", data.name || "xpnet");
  const languages = menu(
    "language",
    t("language"),
    [
      ["en", "English"],
      ["zh", "中文"],
    ],
    language,
    (chosen) => {
      language = chosen;
      build(data, root);
      document.getElementById("language").focus();
    },
  );
  root.replaceChildren(
    h("header", {}, h("h1", {}, document.title), languages),
    h("main", {}, ...sections.map((make) => safely(make, data))),
  );
}

// Return a section, or in its place what went wrong: one picture that fails takes no other with it.
function safely(make, data) {
  try {
    return make(data);
  } catch (error) {
    console.error(error);
    return missing(String(error));
  }
}

async function open() {
  const root = document.getElementById("page");
  if (typeof DecompressionStream === "undefined") {
    root.replaceChildren(h("main", {}, h("p", {}, t("old_browser"))));
    return;
  }
  const data = await unpackAll(DATA);
  build(data, root);
  // what the page computes, for programs: answer(raw row) -> {mean, spread, said}, frame(canvas) -> pixels
  globalThis.xpnetPage = Object.freeze({
    answer: (row) => {
      const { mean, spread, said } = answer(data.model, encode(data.model, row));
      return { mean, spread, said };
    },
    pad: () => framed(document.getElementById("pad"), data.model.image),
    frames: () => Array.from(data.frames.values),
  });
  root.setAttribute("data-ready", "");
}

open();
