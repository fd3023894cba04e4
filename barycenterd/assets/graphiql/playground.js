// Starts GraphiQL. The operator's token lives in this tab's memory only; until there is one, nothing is sent.
"use strict";

const field = document.getElementById("token");
const notice = document.getElementById("notice");

async function execute(parameters) {
  const token = field.value.trim();
  if (token === "") {
    throw new Error("Enter the operator's token first (admin.token beside the root key).");
  }
  const response = await fetch("/admin/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(parameters),
    credentials: "omit",
  });
  notice.textContent = response.status === 401 ? "This token is not the operator's." : "";
  return response.json();
}

const root = ReactDOM.createRoot(document.getElementById("graphiql"));

function start() {
  const signedIn = field.value.trim() !== "";
  notice.textContent = signedIn ? "" : "Enter the operator's token to begin: it is in admin.token beside the root key. Nothing is sent without it.";
  root.render(
    React.createElement(GraphiQL, {
      key: signedIn ? "signed-in" : "signed-out",
      fetcher: execute,
      schema: signedIn ? undefined : null,
      defaultQuery: "query {\n  serverInfo {\n    version\n    issuer\n    database\n    schemaVersion\n  }\n}\n",
      shouldPersistHeaders: false,
    }),
  );
}

field.addEventListener("change", start);
start();
