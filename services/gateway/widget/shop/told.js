/** What the shop's page says of its visitor: who it is (a signed token) and what the page shows. */

import { warn } from "./faults.js";

const LONGEST = { page: 300, product: 120 };
const RULES = {
  page: [(value) => value.length <= LONGEST.page && /^https?:\/\/[^\s]+$/.test(value),
    `give the page's full address, at most ${LONGEST.page} characters`],
  product: [(value) => value.length <= LONGEST.product && /\S/.test(value),
    `give the product's name, at most ${LONGEST.product} characters`],
  order: [(value) => /^[A-Za-z0-9-]{4,32}$/.test(value), "give the order number: 4 to 32 letters and digits"],
};
const UNKNOWN = `give nothing but ${Object.keys(RULES).join(", ")}`;

/** Called by the panel when the page has said something. */
export const meet = (panel) => new Told(panel);

/** What of a context may be used, and what is wrong with the rest: {context, faults: [[key, fix]]}. */
export function sift(given) {
  const context = {};
  const faults = [];
  for (const [key, value] of Object.entries(Object(given))) {
    const [fits, fix] = RULES[key] ?? [() => false, UNKNOWN];
    if (typeof value === "string" && fits(value)) context[key] = value;
    else faults.push([key, fix]);
  }
  return { context, faults };
}

class Told {
  #panel; #context = {}; #given = null; #bound = ""; #told = {};
  /** What the form need not ask, by key or kind of field. */
  known = {};

  constructor(panel) {
    this.#panel = panel;
  }

  /** The page has said something new. */
  heard() {
    this.#read();
    const kept = this.#panel.keep.read();
    if (kept) this.bind(kept);
  }

  /** The visitor has logged out: whoever comes next is somebody else. */
  forget() {
    this.known = {};
    this.#bound = "";
    this.#told = {};
  }

  /** Binds the visitor's identity to the conversation, once; the chat goes on whatever comes of it. */
  async bind(kept) {
    const { token } = this.#panel.page;
    const wish = `${kept.conversation_id} ${token}`;
    if (!token || wish === this.#bound) return;
    this.#bound = wish;
    try {
      const { name, email } = await this.#panel.api.identify(kept, token);
      this.#know({ name, full_name: name, email });
    } catch (error) {
      this.#refused(error, wish);
    }
  }

  /** What belongs into a frame of this type. */
  about(type) {
    this.#read();
    const { order } = this.#context;
    if (type === "handoff") return Object.keys(this.#context).length ? { context: this.#context } : {};
    const { session } = this.#panel;
    if (!order || (this.#told.session === session && this.#told.order === order)) return {};
    this.#told = { session, order };
    return { order };
  }

  /* A page that was left says nothing any more: what counts is what it said last. */
  #read() {
    const { context } = this.#panel.page;
    if (context === this.#given) return;
    this.#given = context;
    const sifted = sift(context);
    for (const fault of sifted.faults) warn("context", ...fault);
    this.#context = sifted.context;
    this.#know({ order_number: sifted.context.order });
  }

  #know(facts) {
    this.known = Object.fromEntries(
      Object.entries({ ...this.known, ...facts }).filter(([, value]) => value));
  }

  /* The conversation is another customer's: this one begins a conversation of their own. */
  #refused({ code, isFinal }, wish) {
    if (!isFinal && this.#bound === wish) this.#bound = "";
    if (code) warn("identity", code);
    if (code === "another_customer") this.#panel.logout();
  }
}
