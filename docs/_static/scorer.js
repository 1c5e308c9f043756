/* What the site's search puts first: pages by task, then other pages, then the reference, then what only developers read. */
const PLACES = [
  [/^(howto|coming-from)\/(?!index)/, 30],
  [/^(tutorials|exercises|zh)\//, 4],
  [/^reference\//, -4],
  [/^(changelog|log|decisions\/|benchmarks\/)/, -12],
];
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 3,
  objPrio: { 0: 5, 1: 0, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, , , , score]) => PLACES.reduce((sum, [place, more]) => sum + (place.test(page) ? more : 0), score),
};
