/** Answers on their way: kept in order until the server has them, each sent under one id. */

const REFUSED = [400, 403, 404, 409, 410, 413];

/**
 * Sends by `send(caseId, pending)`, one after the other in a case. A `pending` is `{ text, clientId, bubble }`;
 * its bubble is told `sending()`, `accepted(id)`, `late(error)` and, where no further try helps, `refused(error)`.
 */
export function outbox(send) {
  const queues = new Map();
  const busy = new Set();
  const of = (caseId) => queues.get(caseId) ?? [];

  /** Sends what waits in a case; whatever cannot get through now waits for the next call. */
  async function deliver(caseId) {
    if (busy.has(caseId)) return;
    busy.add(caseId);
    while (of(caseId).length && (await sent(caseId, of(caseId)[0])));
    busy.delete(caseId);
  }

  async function sent(caseId, first) {
    first.bubble.sending();
    try {
      first.bubble.accepted(await send(caseId, first));
    } catch (error) {
      if (!REFUSED.includes(error.status)) {
        of(caseId).forEach((pending) => pending.bubble.late(error));
        return false;
      }
      first.bubble.refused(error);
    }
    of(caseId).shift();
    return true;
  }

  return {
    of,
    deliver,
    add(caseId, pending) {
      queues.set(caseId, [...of(caseId), pending]);
      return deliver(caseId);
    },
    /** Sends what waits in any case; called when the server answers again. */
    deliverAll: () => Promise.all([...queues.keys()].map(deliver)),
    clear: () => queues.clear(),
  };
}
