// Starts GraphiQL once the operator's token has been entered. The token and whatever is typed stay in this tab's
// memory: nothing is stored, and nothing is sent without a token.
"use strict";

const element = (id) => document.getElementById(id);
const FIRST_QUERY = "query {\n  serverInfo {\n    version\n    issuer\n    database\n    schemaVersion\n  }\n}\n";

let token = "";
let root = null;

/** What GraphiQL would keep in the browser for good: queries may hold passwords. */
const memory = new Map();
const storage = {
  getItem: (key) => memory.get(key) ?? null,
  setItem: (key, value) => void memory.set(key, String(value)),
  removeItem: (key) => void memory.delete(key),
  clear: () => memory.clear(),
  get length() { return memory.size; },
};

/** Sends one operation with the token. A token that is refused is forgotten. */
async function execute(operation) {
  if (token === "") throw new Error("Enter the operator token first.");
  let response;
  try {
    response = await fetch("graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(operation),
      credentials: "omit",
      cache: "no-store",
    });
  } catch {
    throw new Error("The server does not answer.");
  }
  if (response.status === 401) {
    disconnect("This is not the operator token of this server.");
    throw new Error("This is not the operator token of this server.");
  }
  try {
    return await response.json();
  } catch {
    throw new Error(`The server answered ${response.status} ${response.statusText}.`);
  }
}

/** Tries the token, and opens GraphiQL if the server takes it. */
async function connect(event) {
  event.preventDefault();
  token = element("token").value.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) {
    disconnect("A token is one word of letters, digits and signs.");
    return;
  }
  element("open").disabled = true;
  try {
    const answer = await execute({ query: "{ serverInfo { version issuer } }" });
    if (!answer.data) throw new Error(answer.errors?.[0]?.message ?? "The server does not answer as expected.");
    open(answer.data.serverInfo);
  } catch (error) {
    disconnect(error.message);
  } finally {
    element("open").disabled = false;
  }
}

function open(server) {
  element("token").value = "";
  element("connect").hidden = true;
  element("welcome").hidden = true;
  element("connected").hidden = false;
  element("issuer").textContent = `${server.issuer} · ${server.version}`;
  root = ReactDOM.createRoot(element("graphiql"));
  root.render(React.createElement(GraphiQL, {
    fetcher: execute,
    storage,
    defaultQuery: FIRST_QUERY,
    isHeadersEditorEnabled: false,
    shouldPersistHeaders: false,
  }));
}

/** Forgets the token and says why, if there is a reason. */
function disconnect(reason) {
  token = "";
  root?.unmount();
  root = null;
  element("connected").hidden = true;
  element("connect").hidden = false;
  element("welcome").hidden = false;
  element("notice").textContent = reason;
  element("token").toggleAttribute("aria-invalid", false);
  if (reason !== "") element("token").setAttribute("aria-invalid", "true");
  element("token").focus();
}

element("connect").addEventListener("submit", connect);
element("forget").addEventListener("click", () => {
  memory.clear();
  disconnect("");
});
