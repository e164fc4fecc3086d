/** The list of topics: search, what is changed or wrong, how the tests went. */
import { api } from "./api.js";
import { h, say } from "./shared/dom.js";
import { pick, t } from "./shared/words.js";
import { mark } from "./parts.js";
import { ask, field } from "./shared/parts.js";

/** The list; `show` takes what the server said, `mark` says which entry is open. */
export function topicList(studio) {
  const search = h("input", { type: "search", placeholder: t("search"), "aria-label": t("search"), oninput: () => draw() });
  const rows = h("ul", { class: "topics" });
  const none = h("p", { class: "quiet", hidden: true }, t("none_found"));
  const facts = h("a", { class: "row facts-link", href: "#/facts" }, h("span", { class: "title" }, t("facts")), h("span", { class: "meta" }));
  const fresh = h("button", { type: "button", onclick: create }, t("new_topic"));
  let overview = null;
  let open = null;

  return {
    node: h("div", { class: "list" }, facts, search, none, rows, fresh),
    show(found) {
      overview = found;
      draw();
    },
    mark(name) {
      open = name;
      draw();
    },
  };

  function draw() {
    if (!overview) return;
    const wanted = search.value.trim().toLowerCase();
    const found = overview.topics.filter((topic) => !wanted || text(topic).includes(wanted));
    none.hidden = found.length > 0;
    rows.replaceChildren(...found.map(row));
    mark(facts, open === "facts");
    const wrong = overview.problems.filter(({ file }) => file === "merchant.yaml").length;
    say(facts.lastChild, wrong ? t("problems_n", wrong) : "");
    facts.lastChild.classList.toggle("wrong", wrong > 0);
  }

  function text({ key, title }) {
    return [key, ...Object.values(title)].join(" ").toLowerCase();
  }

  function row(topic) {
    const { key, title, examples, changed, own, problems } = topic;
    const count = Object.entries(examples).map(([language, n]) => `${language} ${n}`).join("  ");
    const marks = [
      problems ? h("span", { class: "mark wrong" }, t("problems_n", problems)) : null,
      changed ? h("span", { class: "mark changed" }, t("changed")) : null,
      own && !changed ? h("span", { class: "mark" }, t("own")) : null,
    ];
    const score = studio.scores?.get(key);
    const tests = score ? h("span", { class: score.passed < score.total / 2 ? "meta wrong" : "meta" },
      t("tests_of", score.passed, score.total)) : null;
    return h("li", {}, h("a", { class: "row", href: `#/topic/${key}`, title: key, "aria-current": open === key ? "page" : null },
      h("span", { class: "line" }, h("span", { class: "title" }, pick(title, key)), marks),
      h("span", { class: "meta counts" }, count), tests));
  }

  async function create() {
    const name = h("input", { name: "key", required: true, pattern: "[a-z_]{2,40}", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const like = h("select", { name: "like" }, h("option", { value: "" }, t("blank")),
      overview.topics.map(({ key, title }) => h("option", { value: key }, t("copy_of", pick(title, key)))));
    const answer = await ask(t("new_topic").replace(" …", ""), h("div", { class: "fields" }, h("p", {}, t("new_topic_lead")),
      field(t("topic_name"), name), field(t("begin_as"), like)),
    [{ value: "", text: t("cancel") }, { value: "create", text: t("create"), kind: "primary" }]);
    if (!answer) return;
    const key = answer.data.get("key");
    await studio.run(async () => {
      await api.newTopic(key, answer.data.get("like") || null);
      await studio.saved();
      studio.go(`#/topic/${key}`);
    });
  }
}
