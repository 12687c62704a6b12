// One product: choose a color and a size, put it into the cart.
import { call } from "./api.js";
import * as cart from "./cart.js";
import { showAccount } from "./account.js";
import { picture } from "./catalog-page.js";
import { acting, announce, h } from "./dom.js";
import { rupiah } from "./format.js";

const STOCK = { in_stock: "Tersedia", low_stock: "Stok terbatas", sold_out: "Habis" };

export async function showProduct({ go, name }) {
  return productPage(await call("GET", `/products/${encodeURIComponent(name)}`), go);
}

// A product as it will be: for whoever has the link of the staff, and not to be bought.
export async function showPreview({ go, name, signal }) {
  forbidIndexing(signal);
  const product = await call("GET", `/previews/${encodeURIComponent(name)}`);
  const page = productPage(product, go, { isPreview: true });
  const note = h("p.problem", { role: "note" },
    "Pratinjau: begini produk ini akan tampil. Produk ini belum dapat dibeli dari halaman ini.");
  return { title: `Pratinjau ${page.title}`, content: [note, ...page.content] };
}

// Until another page is shown.
function forbidIndexing(signal) {
  const robots = h("meta", { name: "robots", content: "noindex" });
  document.head.append(robots);
  signal.addEventListener("abort", () => robots.remove(), { once: true });
}

function productPage(product, go, { isPreview = false } = {}) {
  const first = product.variants.find((variant) => variant.available) || product.variants[0];
  const form = chooser(product, first, go, isPreview);
  const image = h("div.photo", {}, picture(imageOf(product, first)));
  form.addEventListener("change", () => {
    image.replaceChildren(picture(imageOf(product, chosen(product, form))));
  });
  const content = [
    crumbs(product.breadcrumbs),
    h("div.product", {}, image, h("div", {}, h("h1", {}, product.name), form, about(product))),
  ];
  return { title: product.name, content };
}

function imageOf(product, variant) {
  const color = variant?.color?.name;
  return product.images.find((image) => color && image.color === color) || product.images[0];
}

function crumbs(trail) {
  const links = trail.map(({ slug, name }) => h("a", { href: `/?category=${slug}` }, name));
  return h("nav.crumbs", { "aria-label": "Remah roti" }, h("a", { href: "/" }, "Semua"), links);
}

function chooser(product, first, go, isPreview) {
  const price = h("p.price.large", { "aria-live": "polite" });
  const buy = h("button.first.wide", { type: "submit" }, "Tambah ke keranjang");
  const submit = acting(async (event, form) => {
    await cart.add(chosen(product, form).id);
    showAccount(go);
    announce("Sudah masuk keranjang.");
  });
  const form = h("form", { onsubmit: submit }, price,
    choice("color", "Warna", product.options.colors.map((color) => color.name), first?.color?.name),
    choice("size", "Ukuran", product.options.sizes, first?.size),
    buy);
  const update = () => {
    const variant = chosen(product, form);
    price.replaceChildren(...priceOf(variant));
    buy.textContent = variant?.available ? "Tambah ke keranjang" : "Habis";
    buy.disabled = isPreview || !variant?.available;
  };
  form.addEventListener("change", update);
  update();
  return form;
}

function choice(name, label, values, selected) {
  if (!values.length) return null;
  const options = values.map((value) =>
    h("label.option", {},
      h("input", { type: "radio", name, value, checked: value === selected }),
      h("span", {}, value)));
  return h("fieldset", {}, h("legend", {}, label), h("div.options", {}, options));
}

function chosen(product, form) {
  const { color, size } = Object.fromEntries(new FormData(form));
  return product.variants.find(
    (variant) => (!color || variant.color?.name === color) && (!size || variant.size === size),
  );
}

function priceOf(variant) {
  if (!variant) return ["Tidak dijual dalam kombinasi ini"];
  const parts = [rupiah(variant.price), " "];
  if (variant.compare_at_price) parts.push(h("s.old", {}, rupiah(variant.compare_at_price)), " ");
  return [...parts, h(`span.stock.${variant.stock_state}`, {}, STOCK[variant.stock_state])];
}

function about(product) {
  const { material, is_busui_friendly: busui, is_wudhu_friendly: wudhu } = product.attributes;
  const facts = [material?.name, busui && "Ramah ibu menyusui", wudhu && "Ramah wudu"].filter(Boolean);
  return h("div.about", {}, h("p", {}, product.description),
    facts.length ? h("ul", {}, facts.map((fact) => h("li", {}, fact))) : null);
}
