// The list of conversations: search, rename, delete.

import { conversation, fragment, post } from "./server.js";

const list = () => document.getElementById("list");
const search = document.getElementById("search");
const place = "causerie-list-scroll";

export async function refresh() {
  if (list().querySelector("input")) return;
  const query = new URLSearchParams({ q: search.value });
  if (conversation()) query.set("c", conversation());
  try {
    const fresh = await fragment(`/page/list?${query}`);
    const focused = document.activeElement?.closest?.("#list li")?.dataset.id;
    list().replaceChildren(...fresh.childNodes);
    if (focused) list().querySelector(`li[data-id="${focused}"] a`)?.focus();
  } catch { /* The stream of events comes back and asks again. */ }
}

function rename(line) {
  const link = line.querySelector("a");
  const input = document.createElement("input");
  input.value = link.textContent;
  input.setAttribute("aria-label", link.textContent);
  line.replaceChildren(input);
  input.focus();
  input.select();
  let over = false;
  const end = async save => {
    if (over) return;
    over = true;
    const title = input.value.trim();
    input.remove();
    if (save && title) await post(`/page/c/${line.dataset.id}/rename`, { title });
    await refresh();
    if (save && title && line.dataset.id === conversation()) document.title = `${title} · Causerie`;
  };
  input.addEventListener("keydown", e => {
    e.stopPropagation();
    if (e.key === "Enter" && !e.isComposing) end(true);
    if (e.key === "Escape") {
      e.preventDefault();
      end(false);
    }
  });
  input.addEventListener("blur", () => end(true));
}

function remove(line) {
  const ask = document.getElementById("ask-delete");
  ask.querySelector("strong").textContent = line.querySelector("a").textContent;
  ask.returnValue = "no";
  ask.addEventListener("close", async () => {
    if (ask.returnValue !== "yes" || !await post(`/page/c/${line.dataset.id}/delete`)) return;
    if (line.dataset.id === conversation()) location.assign("/");
    else await refresh();
  }, { once: true });
  ask.showModal();
}

export function start() {
  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(refresh, 150);
  });
  search.addEventListener("keydown", e => {
    if (e.key !== "Escape" || !search.value) return;
    e.stopPropagation();
    e.preventDefault();
    search.value = "";
    refresh();
  });
  list().addEventListener("click", e => {
    const act = e.target.closest("[data-do]");
    if (act?.dataset.do === "rename") rename(act.closest("li"));
    if (act?.dataset.do === "delete") remove(act.closest("li"));
  });
  try { list().scrollTop = Number(sessionStorage.getItem(place) ?? 0); } catch { /* Then it starts at the top. */ }
  addEventListener("pagehide", () => {
    try { sessionStorage.setItem(place, String(list().scrollTop)); } catch { /* As above. */ }
  });
}
