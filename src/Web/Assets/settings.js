// What answers are made with, and how the page looks.

import { conversation, post } from "./server.js";

const form = document.getElementById("settings-form");
const system = document.getElementById("system");
const range = document.getElementById("temperature");
const value = document.getElementById("temperature-value");

export const chosen = () => ({
  model: document.getElementById("model")?.value ?? null,
  system: system.value,
  temperature: range.hasAttribute("data-set") ? Number(range.value) : null,
});

const save = () => { if (conversation()) post(`/page/c/${conversation()}/settings`, chosen()); };

function remember(name, choice) {
  document.cookie = `causerie-${name}=${choice}; path=/; max-age=31536000; samesite=strict`;
}

export function start() {
  range.addEventListener("input", () => {
    range.toggleAttribute("data-set", true);
    value.textContent = Number(range.value).toFixed(1).replace(".", value.dataset.mark);
  });
  form.addEventListener("click", e => {
    if (!e.target.closest('[data-do="own-temperature"]')) return;
    range.toggleAttribute("data-set", false);
    value.textContent = value.dataset.own;
    save();
  });
  form.addEventListener("submit", e => e.preventDefault());
  form.addEventListener("change", e => {
    if (e.target.id === "language") {
      remember("language", e.target.value);
      location.reload();
    } else if (e.target.id === "theme") {
      remember("theme", e.target.value);
      document.documentElement.dataset.theme = e.target.value;
    } else {
      save();
    }
  });
  document.addEventListener("change", e => { if (e.target.id === "model") save(); });
}
