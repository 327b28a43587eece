// The messages: shows what the server says they are, touching only those that changed.

import { conversation, fragment, nodes, post, say } from "./server.js";
import { follow, toEnd } from "./scroll.js";

const thread = () => document.getElementById("thread");

let reading = null;
let again = false;

export async function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = (async () => {
    do {
      again = false;
      take(await fragment(`/page/c/${conversation()}/thread`));
    } while (again);
  })().catch(() => { }).finally(() => { reading = null; });
  return reading;
}

function take(fresh) {
  const now = thread();
  const wasRunning = now.hasAttribute("data-running");
  const old = new Map([...now.children].map(m => [m.id, m]));
  const wanted = [...fresh.children].map(m => {
    const have = old.get(m.id);
    return have && (have.dataset.stamp === m.dataset.stamp || have.querySelector(".edit")) ? have : m;
  });
  now.replaceChildren(...wanted);
  now.dataset.stamp = fresh.dataset.stamp;
  for (const element of [now, document.body]) element.toggleAttribute("data-running", fresh.hasAttribute("data-running"));
  if (wasRunning && !fresh.hasAttribute("data-running")) say(document.body.dataset.ready);
  follow();
}

// The answer as the stream of events tells it, whether or not the page shows it yet.
let answer = { message: 0, blocks: [] };

// The answer grew: its first `keep` blocks stand.
export function grow({ message, keep, blocks, note }) {
  if (message !== answer.message || keep === 0) answer = { message, blocks: [] };
  answer.blocks.splice(keep, Infinity, ...blocks);
  answer.note = note;
  const article = document.getElementById(`m${message}`);
  if (article) write(article, keep);
  else refresh().then(() => write(document.getElementById(`m${answer.message}`), 0));
}

const writtenBy = new WeakMap();

function write(article, keep) {
  // One that has ended is as the server drew it.
  if (article?.getAttribute("aria-busy") !== "true") return;
  const prose = article.querySelector(".prose");
  const from = writtenBy.get(article) === answer ? keep : 0;
  writtenBy.set(article, answer);
  while (prose.children.length > from) prose.lastElementChild.remove();
  for (const html of answer.blocks.slice(from)) {
    const block = document.createElement("div");
    block.className = "b";
    block.append(nodes(html));
    prose.append(block);
  }
  article.querySelector(".note.live").textContent = answer.note;
  follow();
}

export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https a page has no clipboard; a selection can still be copied.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const before = [...button.childNodes];
  if (button.dataset.busy) return;
  button.dataset.busy = "1";
  const done = document.createElement("span");
  done.className = "done";
  done.textContent = document.body.dataset.copied;
  button.replaceChildren(done);
  say(document.body.dataset.copied);
  setTimeout(() => {
    button.replaceChildren(...before);
    delete button.dataset.busy;
  }, 1600);
}

function edit(article) {
  const form = document.getElementById("edit-form").content.firstElementChild.cloneNode(true);
  const area = form.querySelector("textarea");
  const bubble = article.querySelector(".bubble");
  const tools = article.querySelector(".tools");
  const close = () => {
    form.remove();
    bubble.hidden = tools.hidden = false;
    tools.querySelector('[data-do="edit"]')?.focus();
  };
  area.value = article.dataset.text;
  bubble.hidden = tools.hidden = true;
  article.prepend(form);
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
  form.addEventListener("click", e => { if (e.target.closest('[data-do="cancel-edit"]')) close(); });
  form.addEventListener("keydown", e => {
    if (e.key === "Escape") {
      e.stopPropagation();
      close();
    }
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async e => {
    e.preventDefault();
    if (!area.value.trim()) return;
    const text = area.value;
    if (await post(`/page/c/${conversation()}/reword`, { message: Number(article.dataset.id), text })) {
      form.remove();
      toEnd();
      await refresh();
    }
  });
}

const acts = {
  "copy": (article, button) => copy(article.dataset.text, button),
  "copy-code": (_, button) => copy(button.closest(".code").querySelector("code").textContent, button),
  "edit": article => edit(article),
  "again": article => send("again", article),
  "go-on": article => send("go-on", article),
  "show": async (article, button) => {
    await post(`/page/c/${conversation()}/show`, { message: Number(button.dataset.to) });
    await refresh();
  },
};

async function send(what, article) {
  if (await post(`/page/c/${conversation()}/${what}`, { message: Number(article.dataset.id) })) {
    toEnd();
    await refresh();
  }
}

document.addEventListener("click", e => {
  const button = e.target.closest?.("#thread [data-do]");
  const act = button && acts[button.dataset.do];
  if (act) act(button.closest(".message"), button);
});
