/** Files of a message in the conversation: what they are, how far they have come, to be saved. */

import { el, icon, live, mark, region, say } from "../dom.js";
import { delay } from "../socket.js";
import { sizeOf } from "./rules.js";

const WIDTH = 200;
const HEIGHT = 150;
const SHARP = 2;
const TRIES = 4;

/** A file's line; `on` is asked: fetch(file) → its bytes, and told: save(file). */
export class Row {
  #file; #on; #tries = 0;

  constructor(file, on) {
    this.#file = file;
    this.#on = on;
    const name = () => file.name ?? say(this.#isImage ? "file.image" : "file.pdf");
    this.bar = el("progress", { max: 1, value: 0, "aria-label": () => say("file.going", { name: name() }) });
    this.button = el("button", { type: "button", class: "file", onclick: () => file.id && on.save(file) },
      icon("down"), el("span", {}, el("span", { class: "quiet" }, live("file.get"), " "),
        el("bdi", {}, name), " ", el("small", {}, () => sizeOf(file.size, region()))));
    this.node = el("li", {}, this.button, this.bar);
    this.tell();
  }

  /** How far the file has come, 0 to 1. */
  far(share) { this.bar.value = share; }

  /** The gateway may have the file by now: then it can be had again, and seen when it comes into view. */
  tell() {
    const { id } = this.#file;
    this.bar.hidden = Boolean(id);
    mark(this.button, "aria-disabled", !id && "true");
    if (id && this.#isImage) this.#watch();
  }

  get #isImage() { return this.#file.type.startsWith("image/"); }

  #watch() {
    SEEN.set(this.button, () => this.#preview().catch(() => this.#again()));
    WATCH.observe(this.button);
  }

  #again() {
    if (this.#tries < TRIES) setTimeout(() => WATCH.observe(this.button), delay(this.#tries));
    this.#tries += 1;
  }

  /* Drawn, not linked: a shop's policy may allow pictures of nobody. */
  async #preview() {
    const picture = await createImageBitmap(await this.#on.fetch(this.#file));
    const scale = Math.min(1, WIDTH / picture.width, HEIGHT / picture.height);
    const [width, height] = [picture.width, picture.height].map((side) => Math.ceil(side * scale));
    const canvas = el("canvas", { width: width * SHARP, height: height * SHARP, "aria-hidden": "true" });
    canvas.style.width = `${width}px`;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    this.button.prepend(canvas);
  }
}

/* A picture that nobody looks at is not fetched. */
const SEEN = new WeakMap();
const WATCH = new IntersectionObserver((changes) => {
  for (const { isIntersecting, target } of changes) {
    if (!isIntersecting) continue;
    WATCH.unobserve(target);
    SEEN.get(target)();
  }
});
