/** Train and test: the draft beside what is published, and what could be better. */
import { api, at } from "./api.js";
import { h, say } from "./shared/dom.js";
import { languageName, number, percent, pick, t } from "./shared/words.js";
import { head } from "./parts.js";
import { curvePlot } from "./plot.js";

const LOOK_MS = 300;

/** The screen of the trial. */
export async function trialScreen(studio) {
  let trial = await api.trial();
  let timer = null;
  let gone = false;
  const start = h("button", { type: "button", class: "primary", onclick: () => begin() }, t("test_start"));
  const progress = h("progress", { max: 1, "aria-label": t("test") });
  const words = h("p", { role: "status" });
  const busy = h("div", { class: "busy" }, progress, words);
  const body = h("div", { class: "body" });
  const titles = new Map(studio.overview.topics.map(({ key, title }) => [key, pick(title, key)]));
  const name = (key) => titles.get(key) ?? key;
  draw();
  return {
    node: h("div", { class: "screen" }, head(t("test"), { lead: t("test_lead"), actions: [start] }), busy, body),
    stop() {
      gone = true;
      clearTimeout(timer);
    },
  };

  async function begin() {
    start.disabled = true;
    trial = (await studio.run(() => api.beginTrial())) ?? trial;
    draw();
  }

  async function look() {
    trial = (await studio.run(() => api.trial())) ?? { state: "failed" };
    if (!gone) draw();
  }

  function draw() {
    const runs = ["learning", "testing"].includes(trial.state);
    start.disabled = runs;
    progress.hidden = !runs;
    busy.hidden = trial.state === "none";
    if (trial.state === "testing") progress.value = trial.done / Math.max(1, trial.of);
    else progress.removeAttribute("value");
    say(words, {
      learning: () => t("learning", number(trial.seconds)),
      testing: () => t("testing", trial.done, trial.of, number(trial.seconds)),
      done: () => t("test_done", number(trial.learning_seconds), number(trial.seconds)),
      failed: () => t("test_failed"),
    }[trial.state]?.() ?? "");
    body.replaceChildren(...(trial.result ? results(trial.result) : []));
    if (runs) timer = setTimeout(look, LOOK_MS);
  }

  function results(found) {
    studio.scores = new Map(found.rows.filter(({ after }) => after).map(({ topic, after }) => [topic, after]));
    studio.refresh().catch(() => null);
    return [
      trial.mark === at.mark ? "" : h("p", { class: "warning" }, t("test_stale")),
      found.after.tests ? tiles(found) : h("p", { class: "warning" }, t("no_tests")),
      group(t("got_worse"), found.worse, line, "wrong"),
      h("div", { class: "columns" }, h("div", {}, table(found.rows)), h("div", {}, curve(found))),
      group(t("failing"), found.failing, line),
      group(t("mixed"), found.mixed, ({ expected, got, says }) => [
        t("mixed_row", says.length, name(expected), name(got)), h("ul", { class: "says" }, says.map((one) => h("li", {}, one)))]),
      group(t("alike"), found.alike, ({ text, topics }) => t("alike_row", text, topics.map(name).join(", "))),
      group(t("thin"), found.thin, ({ topic, language, examples }) => t("thin_row", examples, name(topic), languageName(language))),
    ].filter(Boolean);
  }

  function tiles({ before, after, point, point_before: old }) {
    const both = (one, other, how) => (one === null || how(one) === how(other) ? how(other) : t("before_after", how(one), how(other)));
    const passes = ({ passed, tests }) => percent(passed / tests);
    return h("div", {}, h("dl", { class: "tiles" },
      tile(t("passed"), both(before.tests ? before : null, after, passes), t("tests_of", after.passed, after.tests)),
      point ? tile(t("coverage"), both(old?.coverage ?? null, point.coverage, percent)) : null,
      point ? tile(t("wrong"), both(old?.wrong ?? null, point.wrong, percent)) : null),
    point ? h("p", { class: "hint" }, t("measured")) : null);
  }

  function tile(label, value, note) {
    return h("div", {}, h("dt", {}, label), h("dd", {}, value), note ? h("dd", { class: "hint" }, note) : null);
  }

  function line({ topic, say: said, got, expected, language, likeliest }) {
    const as = got === "fallback" ? t("not_understood") : t("understood_as", name(got));
    return [h("a", { href: `#/topic/${topic}` }, name(expected)), ": ", h("q", { lang: language }, said), " ",
      h("span", { class: "quiet" }, as, got === "fallback" && likeliest !== expected ? ` (${name(likeliest)})` : "")];
  }

  function group(title, rows, draws, kind = "") {
    if (!rows.length) return null;
    const open = rows.length <= 12;
    return h("details", { class: `part ${kind}`, open }, h("summary", {}, h("h3", {}, title, " ", h("span", { class: "count" }, rows.length))),
      h("ul", { class: "findings" }, rows.map((row) => h("li", {}, draws(row)))));
  }

  function table(rows) {
    const score = (one) => (one ? `${one.passed}/${one.total}` : "–");
    const kind = ({ before, after }) => {
      if (!before || !after) return null;
      return after.passed < before.passed ? "worse" : after.passed > before.passed ? "better" : null;
    };
    const sign = { worse: " ▼", better: " ▲" };
    const ranked = [...rows].sort((one, other) => rank(one) - rank(other) || name(one.topic).localeCompare(name(other.topic)));
    if (!rows.length) return h("p", {});
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("by_topic") }, h("table", {}, h("caption", {}, t("by_topic")),
      h("thead", {}, h("tr", {}, [t("topic"), t("before"), t("after")].map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", {}, ranked.map((row) => h("tr", { class: kind(row) },
        h("th", { scope: "row" }, h("a", { href: `#/topic/${row.topic}` }, name(row.topic))),
        h("td", {}, score(row.before)), h("td", {}, score(row.after), sign[kind(row)] ?? ""))))));

    function rank(row) {
      if (kind(row) === "worse") return 0;
      if (kind(row) === "better") return 1;
      return row.after && row.after.passed < row.after.total ? 2 : 3;
    }
  }

  function curve({ curve: points, point }) {
    if (!points.length) return null;
    return h("figure", { class: "part" }, h("figcaption", {}, h("h3", {}, t("curve_title"))), curvePlot(points, point),
      h("details", {}, h("summary", {}, t("curve_table")), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("curve_table") }, h("table", {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("coverage")), h("th", { scope: "col" }, t("wrong")))),
        h("tbody", {}, points.filter((_, index) => index % 4 === 0).map((one) =>
          h("tr", {}, h("td", {}, percent(one.coverage)), h("td", {}, percent(one.wrong)))))))));
  }
}
