// Build elements. Text is always text: nothing from the API is read as HTML.

// h("a.button", { href: "/" }, "Beranda"); a function under onclick and its like listens.
export function h(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) set(element, key, value);
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else element.setAttribute(key, value === true ? "" : value);
}

// Say something to everybody, screen readers included.
export function announce(text) {
  document.getElementById("status").textContent = text;
}

// Run what a button or a form started, and say why it failed.
export function acting(action) {
  return async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.matches("form") ? form.querySelector("[type=submit]") : form;
    if (button.disabled) return;
    button.disabled = true;
    announce("");
    try {
      await action(event, form);
    } catch (error) {
      announce(error.message);
    } finally {
      button.disabled = false;
    }
  };
}
