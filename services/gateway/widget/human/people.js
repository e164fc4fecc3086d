/** The half of the chat that is about people: the form, waiting, an agent, how it went. */

import { learn, live, say } from "../dom.js";
import { factsIn } from "./facts.js";
import { Intake } from "./intake.js";
import { Notice } from "./notice.js";
import { rating } from "./rating.js";
import { dress } from "./style.js";
import { noteOf } from "./told.js";
import { Waiting } from "./waiting.js";

const WAITS = new Set(["queue", "filed"]);

/** Called by the panel when people come into the conversation; rejects when words are missing. */
export async function meet(panel) {
  await learn("./human/words");
  dress(panel.page.shadow);
  return new People(panel);
}

class People {
  #panel; #notice; #card = null; #waiting = null; #asked = null; #rated = null;

  constructor(panel) {
    this.#panel = panel;
    this.#notice = new Notice(panel.keep, () => panel.merchant.name);
    this.intake = new Intake(() => panel.merchant.intake, { back: () => this.#back(),
      opensAt: () => panel.merchant.opens_at,
      submit: (topic, fields) => this.#submit(topic, fields) });
    panel.view.hold(this.intake.node);
  }

  /** Opens the form, with what the visitor and the bot have said already. */
  form(topic, answers, wasRefused) {
    const entries = this.#panel.session?.timeline.entries ?? [];
    const own = entries.filter((entry) => entry.author === "visitor");
    const found = factsIn(own.flatMap((entry) => [entry.text, ...Object.values(entry.fields)]));
    const said = Object.entries(found).filter(([, value]) => value);
    const known = Object.assign({}, this.#panel.shop?.known, Object.fromEntries(said),
      ...entries.map((entry) => entry.known));
    this.#panel.view.swap(true);
    this.intake.open(topic, known, answers, wasRefused);
    this.#look();
  }

  /** Who answers has changed, or is told again. */
  owned(owner, before, isWelcome) {
    const { session, keep } = this.#panel;
    const name = owner.agent ?? before.agent ?? say("service");
    const key = isWelcome && before.owner === "bot" ? null : noteOf(owner, before);
    if (key) session.timeline.note({ words: live(key, { name }) });
    const kept = keep.read();
    if (owner.owner === "agent" && (WAITS.has(before.owner) || kept?.waits)) {
      this.#notice.tell(say("came", { name }));
      this.#panel.news();
    }
    if (kept && Boolean(kept.waits) !== WAITS.has(owner.owner)) {
      keep.write({ ...kept, waits: WAITS.has(owner.owner) });
    }
    this.#show(owner, isWelcome);
  }

  /** An agent has said something that was not here before. */
  heard({ speaker }) {
    const { document } = globalThis;
    if (document.hidden || !this.#panel.view.isOpen) {
      this.#notice.tell(say("wrote", { name: speaker ?? say("service") }));
    }
  }

  /** A form, a wish to leave or a rating was refused. */
  refused(frame, code) {
    if (frame.type === "handoff") this.form(frame.topic, frame.fields, true);
    else if (frame.type === "leave_queue") this.#waiting?.stay();
    else if (code === "too_fast") this.#rated = null;
  }

  /** Forgets everything of the conversation. */
  clear() {
    this.intake.clear();
    this.#put(null);
    this.#asked = this.#rated = null;
  }

  #submit(topic, fields) {
    this.#panel.talk().handoff(topic, fields);
    this.intake.clear();
    this.#back();
  }

  #back() {
    const { view } = this.#panel;
    this.intake.close();
    view.swap(false);
    view.focus();
  }

  async #look() {
    try {
      await this.#panel.look();
      this.intake.tell();
    } catch {
      // What was known is shown; the gateway says what came of the form.
    }
  }

  #show(owner, isWelcome) {
    if (WAITS.has(owner.owner)) return this.#wait(owner);
    const asks = owner.owner === "bot" && owner.rate && owner.case_id !== this.#rated;
    if (!asks) return this.#put(null);
    if (this.#asked === owner.case_id && this.#card) return;
    this.#asked = owner.case_id;
    this.#put(rating((score) => this.#rate(owner.case_id, score)));
    if (!isWelcome) this.#panel.status.pass("rate.asked");
  }

  #wait(owner) {
    if (!this.#waiting) {
      const waiting = new Waiting(owner, { leave: () => this.#panel.session.leave(),
        notice: (isOn) => this.#notice.set(isOn), isNoticing: () => this.#notice.isOn });
      this.#put(waiting.node);
      this.#waiting = waiting;
    }
    this.#waiting.tell(owner);
  }

  #rate(caseId, score) {
    this.#rated = caseId;
    this.#panel.session.rate(caseId, score);
    this.#put(null);
    if (score) this.#panel.status.pass("rate.thanks");
  }

  /* Whoever was in a card that goes away finds the input again. */
  #put(card) {
    const { side } = this.#panel.view;
    const hadFocus = side.contains(side.getRootNode().activeElement);
    side.replaceChildren(...(card ? [card] : []));
    this.#card = card;
    this.#waiting = null;
    if (hadFocus) this.#panel.view.focus();
  }
}
