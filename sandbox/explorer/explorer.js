// Mounts GraphiQL with the account and the token of the sandbox, and with example documents.

const element = document.getElementById("explorer");
const { account, token, nonce } = element.dataset;

// The name is that of GraphiQL's libraries, which give the nonce to the styles that they insert.
window.__webpack_nonce__ = nonce;

const defaultHeaders = { Authorization: `Bearer ${token}`, "X-Xurrent-Account": account };

/** Sends a GraphQL request with the headers of the editor, or with the default ones if it is empty. */
async function fetcher(request, { headers = defaultHeaders } = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { status: response.status, body: text };
  }
}

const examples = [
  {
    query: `# Ctrl-Enter: run. Ctrl-Space: complete.
# The other tabs have more examples.
query Me {
  me {
    name
    primaryEmail
    organization { name }
    teams(first: 5) { nodes { name } }
  }
}
`,
  },
  {
    query: `query People($filter: PersonFilter, $after: String) {
  people(view: all, filter: $filter, order: [{ field: name }], first: 5, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { id name jobTitle manager { name } }
  }
}
`,
    variables: { filter: { disabled: false, name: { negate: true, values: ["Ada Brouwer"] } }, after: null },
  },
  {
    query: `query OpenRequests {
  requests(filter: { status: { negate: true, values: [completed] } }, first: 5) {
    totalCount
    nodes {
      requestId
      subject
      status
      team { name }
      notes(first: 3) { nodes { text createdAt } }
    }
  }
}
`,
  },
  {
    query: `mutation CreateRequest($input: RequestCreateInput!) {
  requestCreate(input: $input) {
    errors { path message }
    request { id requestId subject status createdAt }
  }
}
`,
    variables: { input: { category: "incident", subject: "Created in the explorer", note: "It works." } },
  },
];

const json = (value) => JSON.stringify(value, null, 2);
const props = {
  fetcher,
  defaultHeaders: json(defaultHeaders),
  defaultQuery: "{\n  \n}\n",
  defaultTabs: examples.map(({ query, variables }) => ({
    query,
    variables: variables && json(variables),
    headers: json(defaultHeaders),
  })),
  // Headers contain tokens: they do not stay in the browser.
  shouldPersistHeaders: false,
};
const title = React.createElement(GraphiQL.Logo, null, "Xurrent sandbox");
ReactDOM.createRoot(element).render(React.createElement(GraphiQL, props, title));
