// The checkout form. What the customer typed is kept until the shop has answered.
import * as cart from "./cart.js";
import { whoIsThere } from "./auth.js";
import { signIn, signInPage } from "./account.js";
import { notices, totals } from "./cart-page.js";
import { placeOrder, unanswered } from "./checkout.js";
import { acting, announce, h } from "./dom.js";

// name, label, autocomplete, and what the browser checks.
const CONTACT = [
  ["name", "Nama lengkap", "name", { minlength: 2, maxlength: 100 }],
  ["email", "E-mail", "email", { type: "email", maxlength: 254 }],
  ["phone", "Nomor telepon", "tel", { type: "tel", maxlength: 30 }],
];
const ADDRESS = [
  ["receiver_name", "Nama penerima", "shipping name", { minlength: 2, maxlength: 100 }],
  ["phone", "Telepon penerima", "shipping tel", { type: "tel", maxlength: 30 }],
  ["detail", "Alamat (jalan, nomor, RT/RW)", "shipping street-address",
    { minlength: 5, maxlength: 500 }],
  ["subdistrict", "Kelurahan / desa", "shipping address-level4", { maxlength: 100 }],
  ["district", "Kecamatan", "shipping address-level3", { maxlength: 100 }],
  ["city", "Kota / kabupaten", "shipping address-level2", { maxlength: 100 }],
  ["province", "Provinsi", "shipping address-level1", { maxlength: 100 }],
  ["postal_code", "Kode pos", "shipping postal-code",
    { inputmode: "numeric", pattern: "[1-9][0-9]{4}", title: "5 angka" }],
];

export async function showCheckout({ go }) {
  const customer = whoIsThere();
  if (!customer) return signInPage("Pembayaran", go);
  const current = await cart.load();
  const known = unanswered() || {};
  if (!current.items.length && !known.contact) {
    const empty = h("p", {}, "Keranjang Anda masih kosong.");
    return { title: "Pembayaran", content: [h("h1", {}, "Pembayaran"), empty] };
  }
  const person = { name: customer.full_name, email: customer.email, phone: customer.phone };
  const form = h("form.narrow", { onsubmit: acting((event, form) => submit(form, current, go)) },
    group("contact", "Pemesan", CONTACT, { ...person, ...known.contact }),
    group("shipping_address", "Alamat kirim", ADDRESS,
      { receiver_name: person.name, phone: person.phone, ...known.shipping_address }),
    h("label", {}, "Catatan (boleh kosong)",
      h("textarea", { name: "notes", maxlength: 500, rows: 2 }, known.notes || "")),
    totals(current.totals),
    h("label.check", {}, h("input", { type: "checkbox", name: "accept_terms", required: true }),
      h("span", {}, "Saya menyetujui syarat dan ketentuan.")),
    h("button.first.wide", { type: "submit" }, "Pesan dan bayar"));
  const content = [h("h1", {}, "Pembayaran"), notices(current.notices), form];
  return { title: "Pembayaran", content };
}

function group(part, legend, fields, values) {
  const rows = fields.map(([name, label, autocomplete, checks]) =>
    field(`${part}.${name}`, label, { autocomplete, value: values[name], ...checks }));
  return h("fieldset", {}, h("legend", {}, legend), rows);
}

function field(id, label, properties) {
  const wrong = `${id}-salah`;
  return h("div.field", {},
    h("label", { for: id }, label),
    h("input", { id, name: id, required: true, "aria-describedby": wrong, ...properties }),
    h("p.wrong", { id: wrong }));
}

async function submit(form, current, go) {
  clearErrors(form);
  try {
    const placed = await placeOrder(bodyOf(form, current));
    cart.forget();
    const page = placed.payment?.redirect_url;
    location.assign(page || `/orders/${placed.order.number}`);
  } catch (error) {
    // Signed out meanwhile: sign in, and find the form as it was.
    if (error.status === 401) return signIn(go);
    showErrors(form, error);
    throw error;
  }
}

function bodyOf(form, current) {
  const { notes, accept_terms: terms } = form.elements;
  const body = {
    contact: {},
    shipping_address: {},
    notes: notes.value,
    accept_terms: terms.checked,
    // What the customer was shown; the cart is empty when the order was placed already.
    expected_total: shownTotal(current),
  };
  for (const [path, value] of new FormData(form)) {
    const [part, name] = path.split(".");
    if (name) body[part][name] = value.trim();
  }
  return body;
}

function shownTotal(current) {
  return current.items.length ? current.totals.grand_total : unanswered()?.expected_total;
}

// The API names the field that it refuses, `contact.phone` for instance.
function showErrors(form, error) {
  const fields = (error.errors || []).filter((row) => form.elements[row.field]?.id);
  for (const row of fields) {
    form.elements[row.field].setAttribute("aria-invalid", "true");
    document.getElementById(`${row.field}-salah`).textContent = row.message;
  }
  if (fields.length) form.elements[fields[0].field].focus();
  announce(error.message);
}

function clearErrors(form) {
  for (const element of form.elements) element.removeAttribute("aria-invalid");
  for (const element of form.querySelectorAll(".wrong")) element.textContent = "";
}
