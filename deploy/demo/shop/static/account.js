// The log-in of the shop's one customer: the shop's server signs who it is, the chat is told.
const account = document.getElementById("account");
const [name, button] = account.children;
window.Prat = window.Prat || [];

let isIn = false;

function show({ name: customer, token }) {
  isIn = token !== null;
  name.textContent = isIn ? customer : "";
  button.textContent = isIn ? account.dataset.out : `${account.dataset.in} ${customer}`;
  account.hidden = false;
  // On each page, with a fresh token: it is sent when there is a conversation.
  if (isIn) window.Prat.push(["identify", token]);
}

async function ask(method) {
  const answer = await fetch("/session", { method });
  if (answer.ok) show(await answer.json());
}

button.addEventListener("click", async () => {
  if (isIn) window.Prat.push(["logout"]);
  await ask(isIn ? "DELETE" : "POST");
});

ask("GET");
