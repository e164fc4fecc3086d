/** What can be done with a case, as buttons and by keys: each only where it is allowed. */
import { api } from "./api.js";
import { askEnding, askReturn, askTransfer } from "./endings.js";
import { h, say } from "./shared/dom.js";
import { confirmed } from "./shared/parts.js";
import { t } from "./shared/words.js";

const GONE = [404, 410];
const SAID = {
  case_taken: "taken", case_closed: "is_closed", not_yours: "is_others", capacity_full: "capacity_full",
  unknown_agent: "unknown_agent", no_right: "no_right_do",
};

/** The buttons of a case; `view` is what they do to what is on the screen. */
export function actionsOf(caseId, desk, view) {
  const button = (text, kind, onclick) => h("button", { type: "button", class: kind, hidden: true, onclick }, t(text));
  const buttons = {
    claim: button("claim", "primary", claim),
    close: button("close", null, close),
    transfer: button("transfer", null, transfer),
    giveBack: button("give_back", null, giveBack),
    erase: button("erase", "danger quiet-button", erase),
    aside: button("aside", "to-aside", () => view.showAside(true)),
  };
  let item = null;
  let isErasing = false;

  function arrange(shown, notes) {
    item = shown;
    const may = (right) => desk.agent.rights[item.merchant.id]?.includes(right);
    const isMine = item.mine && item.status === "assigned";
    const isOthers = item.status === "assigned" && !item.mine;
    buttons.claim.hidden = !["queued", "filed"].includes(item.status) || !may("reply");
    buttons.close.hidden = !isMine;
    buttons.giveBack.hidden = !isMine;
    buttons.transfer.hidden = !isMine && !(isOthers && may("transfer_others"));
    buttons.erase.hidden = !may("erase") || isErasing;
    buttons.aside.hidden = false;
    say(buttons.aside, notes ? `${t("aside")} (${notes})` : t("aside"));
  }

  async function claim() {
    await busy(buttons.claim, async () => {
      desk.takes(caseId);
      const { over_capacity: isOver } = await api.claim(caseId);
      desk.announce(t("claimed"));
      if (isOver) desk.tell(t("over_capacity", desk.agent.presence.capacity));
      // The queue first: who sees the answer box may take the next case at once.
      await desk.refresh();
      await view.refresh();
      view.focusReply();
    });
  }

  async function close() {
    const ending = await askEnding(item, desk.shop(item.merchant.id).topics);
    if (ending) await ended(buttons.close, () => api.close(caseId, ending), "closed_said");
  }

  async function giveBack() {
    const why = await askReturn();
    if (why) await ended(buttons.giveBack, () => api.giveBack(caseId, why), "returned_said");
  }

  async function transfer() {
    await busy(buttons.transfer, async () => {
      const target = await askTransfer(item, desk.shop(item.merchant.id));
      if (target) await ended(buttons.transfer, () => api.transfer(caseId, target), "transferred_said");
    });
  }

  async function ended(control, work, said) {
    await busy(control, async () => {
      await work();
      desk.tell(t(said));
      view.leave();
    });
  }

  async function erase() {
    if (!(await confirmed(t("erase_title"), t("erase_lead"), t("erase_now")))) return;
    await busy(buttons.erase, async () => {
      await api.erase(caseId);
      isErasing = true;
      desk.tell(t("erasing"));
      await view.refresh();
    });
  }

  async function busy(control, work) {
    control.disabled = true;
    try {
      await work();
    } catch (error) {
      if (GONE.includes(error.status)) view.vanish();
      else desk.trouble(error, t(SAID[error.code] ?? "failed"));
      if (error.status === 409) await view.refresh();
    } finally {
      control.disabled = false;
    }
  }

  const ifShown = (name, work) => () => buttons[name].hidden || work();
  return {
    nodes: Object.values(buttons),
    arrange,
    get isErasing() {
      return isErasing;
    },
    claim: ifShown("claim", claim), close: ifShown("close", close), transfer: ifShown("transfer", transfer),
    giveBack: ifShown("giveBack", giveBack),
  };
}
