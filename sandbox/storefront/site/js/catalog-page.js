// The product list: everything, a category, or what a search found.
import { call } from "./api.js";
import { h } from "./dom.js";
import { rupiah } from "./format.js";

const LIMIT = 24;

export async function showCatalog() {
  const asked = new URLSearchParams(location.search);
  const query = new URLSearchParams({ limit: LIMIT });
  for (const name of ["q", "category", "page", "sort"]) {
    if (asked.get(name)) query.set(name, asked.get(name));
  }
  const [tree, found] = await Promise.all([
    call("GET", "/categories"),
    call("GET", `/products?${query}`),
  ]);
  document.getElementById("q").value = asked.get("q") || "";
  const title = titleOf(asked, tree.results);
  const content = [
    h("h1", {}, title),
    categories(tree.results, asked),
    cards(found.results),
    pages(found.pagination, asked) || "",
  ];
  return { title, content };
}

function titleOf(asked, tree) {
  if (asked.get("q")) return `Hasil untuk “${asked.get("q")}”`;
  return nameOf(asked.get("category"), tree) || "Koleksi Karima";
}

function nameOf(slug, tree) {
  for (const category of tree) {
    const name = category.slug === slug ? category.name : nameOf(slug, category.children);
    if (name) return name;
  }
  return null;
}

// Two levels are shown: what is sold, below whom it is for.
function categories(tree, asked) {
  const shown = tree.flatMap((top) => (top.children.length ? top.children : [top]));
  const current = asked.get("q") ? null : asked.get("category") || "";
  const links = [{ slug: "", name: "Semua" }, ...shown].map(({ slug, name }) =>
    h("a.chip", {
      href: slug ? `/?category=${slug}` : "/",
      "aria-current": slug === current ? "page" : null,
    }, name));
  return h("nav.chips", { "aria-label": "Kategori" }, links);
}

function cards(products) {
  if (!products.length) return h("p", {}, "Tidak ada produk yang cocok.");
  return h("ul.cards", {}, products.map((product, index) => h("li", {}, card(product, index))));
}

function card(product, index) {
  return h("a.card", { href: `/produk/${product.slug}` },
    picture(product.image, index),
    h("span.name", {}, product.name),
    h("span.price", {}, priceOf(product)),
    product.compare_at_price ? h("s.old", {}, rupiah(product.compare_at_price)) : null,
    product.in_stock ? null : h("span.badge", {}, "Habis"));
}

function priceOf(product) {
  const from = product.price_min === product.price_max ? "" : "Mulai ";
  return from + rupiah(product.price_min);
}

// Width and height keep the page from jumping; only the first row is fetched at once.
export function picture(image, index = 0) {
  if (!image) return h("span.picture.empty", { "aria-hidden": "true" }, "Karima");
  return h("img.picture", {
    src: image.url, alt: image.alt, width: image.width, height: image.height,
    loading: index < 4 ? "eager" : "lazy", decoding: "async",
  });
}

function pages(pagination, asked) {
  if (pagination.total_pages < 2) return null;
  const to = (page) => {
    const query = new URLSearchParams(asked);
    query.set("page", page);
    return `/?${query}`;
  };
  const { page, total_pages: last } = pagination;
  return h("nav.pages", { "aria-label": "Halaman" },
    page > 1 ? h("a.button", { href: to(page - 1), rel: "prev" }, "Sebelumnya") : null,
    h("span", {}, `Halaman ${page} dari ${last}`),
    page < last ? h("a.button", { href: to(page + 1), rel: "next" }, "Berikutnya") : null);
}
