/* What the site's search puts first: the name that was typed, then pages by task, then other pages, then the reference,
   and last what only developers read. */
const PLACES = [
  [/^(howto|coming-from)\/(?!index)/, 30],
  [/^(tutorials|exercises|zh)\//, 4],
  [/^reference\//, -4],
  [/^(changelog|log|contributing|decisions\/|benchmarks\/)/, -12],
];
const asked = (new URLSearchParams(location.search).get("q") ?? "").trim().toLowerCase();
const isAsked = (page, title) =>
  page.startsWith("reference/") && asked !== "" && (title.toLowerCase() === asked || title.toLowerCase().endsWith(`.${asked}`));
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 3,
  objPrio: { 0: 5, 1: 0, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, title, , , score, , kind]) =>
    PLACES.reduce((sum, [place, more]) => sum + (place.test(page) ? more : 0), score)
    + (isAsked(page, title) && kind !== "object" && kind !== "index" ? 35 : 0),
};
