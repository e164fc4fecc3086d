// A shop's page in TypeScript: everything that prat.d.ts offers, and what it must refuse.
/// <reference path="../../../services/gateway/widget/prat.d.ts" />

window.Prat ??= [];
Prat.push(["on", "unread", ({ count }: { count: number }) => { document.title = `(${count.toFixed()})`; }]);
Prat.push(["identify", "a.b.c"], ["setContext", { product: "Telt", order: "10482217" }], ["open"]);

const off = Prat.on?.("message", ({ author }) => { if (author === "agent") Prat.show?.(); });
Prat.on?.("handoff", ({ to }) => { if (to === "filed") off?.(); });
Prat.setContext?.({ page: location.href });
Prat.identify?.("a.b.c");
Prat.open?.();
Prat.close?.();
Prat.hide?.();
Prat.logout?.();

// @ts-expect-error there is no such event
Prat.on?.("opened", () => {});
// @ts-expect-error only declared keys
Prat.setContext?.({ basket: "3 items" });
// @ts-expect-error a token is a text
Prat.push(["identify", 7]);
// @ts-expect-error nobody's words are told
Prat.on?.("message", ({ text }) => text);
