// The message being written: kept as a draft, sent with Enter; Esc stops the answer.

import { conversation, post } from "./server.js";
import { chosen } from "./settings.js";
import { toEnd } from "./scroll.js";
import { refresh } from "./thread.js";

const form = document.getElementById("composer");
const text = document.getElementById("text");
const key = `causerie-draft-${conversation() ?? "new"}`;
const running = () => document.body.hasAttribute("data-running");
const grows = CSS.supports("field-sizing", "content");

function fit() {
  if (grows) return;
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

function keep() {
  try {
    if (text.value) localStorage.setItem(key, text.value);
    else localStorage.removeItem(key);
  } catch { /* A browser that keeps nothing loses drafts, no more. */ }
}

export async function stop() {
  if (conversation() && running()) await post(`/page/c/${conversation()}/stop`);
}

let sending = false;
async function send() {
  const said = text.value;
  if (!said.trim() || sending || running()) return;
  sending = true;
  try {
    const sent = conversation()
      ? await post(`/page/c/${conversation()}/ask`, { text: said })
      : await post("/page/begin", { text: said, ...chosen() });
    if (!sent) return;
    text.value = "";
    keep();
    fit();
    if (sent.id) {
      location.assign(`/c/${sent.id}`);
      return;
    }
    toEnd();
    await refresh();
  } finally {
    sending = false;
  }
}

export function start() {
  document.addEventListener("keydown", e => {
    if (e.key === "Escape" && !document.querySelector(":popover-open, dialog[open]")) stop();
  });
  if (!form) return;
  try { text.value = text.value || localStorage.getItem(key) || ""; } catch { /* As above. */ }
  fit();
  text.addEventListener("input", () => { keep(); fit(); });
  text.addEventListener("keydown", e => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing && e.keyCode !== 229) {
      e.preventDefault();
      send();
    }
  });
  form.addEventListener("submit", e => {
    e.preventDefault();
    send();
  });
  form.addEventListener("click", e => { if (e.target.closest('[data-do="stop"]')) stop(); });
  document.addEventListener("click", e => {
    if (e.target.closest('[data-do="to-end"]')) toEnd(true);
    const idea = e.target.closest('[data-do="idea"]');
    if (idea) {
      text.value = idea.textContent;
      keep();
      fit();
      text.focus();
    }
  });
}
