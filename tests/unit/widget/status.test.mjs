// The one status line: the first thing that matters, and an agent's typing for six seconds.
import assert from "node:assert/strict";
import { test } from "node:test";

import { BOT, Status } from "../../../services/gateway/widget/status.js";
import { Page } from "./page.mjs";

function told() {
  const page = new Page();
  const shown = [];
  const status = new Status((one) => shown.push(one), page);
  return { page, status, shown, last: () => shown.at(-1) };
}

const AGENT = { ...BOT, owner: "agent", agent: "Kari" };

test("an agent's typing is shown for six seconds after the last sign of it", () => {
  const { page, status, last } = told();
  status.set(AGENT);
  status.agentWrites(true);
  assert.deepEqual([last().key, last().values], ["agentTyping", { name: "Kari" }]);
  page.pass(5000);
  status.agentWrites(true);
  page.pass(5900);
  assert.equal(last().key, "agentTyping");
  page.pass(200);
  assert.equal(last().key, null);
  assert.equal(page.timers, 0);
});

test("what the agent was writing has come, or the agent has gone: nobody is typing", () => {
  const { status, last } = told();
  status.set(AGENT);
  status.agentWrites(true);
  status.agentWrites(false);
  assert.equal(last().key, null);
  status.agentWrites(true);
  status.set(BOT);
  status.set(AGENT);
  assert.equal(last().key, null);
});

test("typing is no news while a bot or nobody answers, and less than a lost line", () => {
  const { status, last } = told();
  status.agentWrites(true);
  assert.equal(last().key, null);
  status.set(AGENT);
  status.agentWrites(true);
  status.set({ line: "lost" });
  assert.equal(last().key, "lost");
});

test("a screen reader hears of typing twice a minute at most", () => {
  const { page, status, shown } = told();
  status.set(AGENT);
  for (let second = 0; second < 60; second += 5) {
    status.agentWrites(true);
    page.pass(1000);
    status.agentWrites(false);
    page.pass(4000);
  }
  const heard = shown.filter(({ key, isHushed }) => key === "agentTyping" && !isHushed);
  assert.equal(shown.filter(({ key }) => key === "agentTyping").length, 12);
  assert.equal(heard.length, 2);
});
