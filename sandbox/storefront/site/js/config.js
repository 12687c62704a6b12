// The two things that differ between installations. See docs/storefront.md.
export const config = {
  // Where the API is, without a slash at the end.
  apiUrl: "http://127.0.0.1:8080",

  // How the customer's session reaches the API:
  //   "cookie"  the browser sends it: this page and the API share a site
  //   "handoff" a one-time code and a token in memory: they do not
  //   "token"   a session token that a developer pastes, for trying things out
  mode: "cookie",
};
