/** What the gear does besides deleting: download, no improvement by the conversation, size of the text. */

import { refresh, save } from "./dom.js";
import { SIZES } from "./menu.js";

/** The visitor's wishes for the panel's conversation. */
export class Wishes {
  #panel;
  /** Whether the visitor objects to improvement by these questions. */
  objects = false;
  /** How large the text is. */
  size = "normal";

  constructor(panel) {
    this.#panel = panel;
  }

  async download(format) {
    const { api, keep, merchant, status } = this.#panel;
    try {
      save(await api.download(keep.read(), format), `chat-${merchant.id}.${format}`);
      status.pass("menu.done");
    } catch {
      status.pass("menu.failed");
    }
  }

  async object() {
    const { api, keep, status } = this.#panel;
    try {
      await api.object(keep.read(), !this.objects);
      this.objected(!this.objects);
      status.pass(this.objects ? "menu.objected" : "menu.allowed");
    } catch {
      status.pass("menu.unheard");
    }
  }

  /** The size is kept as the language is: beside the conversation, once there is one. */
  enlarge(size) {
    const { keep, page } = this.#panel;
    this.size = Object.hasOwn(SIZES, size) ? size : "normal";
    page.root.style.setProperty("--zoom", SIZES[this.size]);
    keep.change({ size: this.size });
  }

  /** The gateway says what holds. */
  objected(objects) {
    this.objects = objects;
    refresh();
  }
}
