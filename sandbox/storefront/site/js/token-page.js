// For developers: paste a session token of Kratos, as `make token` prints it.
import { signInWithToken } from "./auth.js";
import { merge, load } from "./cart.js";
import { acting, announce, h } from "./dom.js";

export async function showTokenForm({ go }) {
  const submit = acting(async (event, form) => {
    if (!(await signInWithToken(form.elements.token.value.trim()))) {
      announce("Token tidak berlaku.");
      return;
    }
    await merge();
    await load();
    await go("/");
  });
  const form = h("form.narrow", { onsubmit: submit },
    h("label", {}, "Token sesi (ory_st_…)",
      h("input", { name: "token", required: true, autocomplete: "off", spellcheck: "false" })),
    h("button.first", { type: "submit" }, "Masuk"));
  return { title: "Masuk", content: [h("h1", {}, "Masuk dengan token"), form] };
}
