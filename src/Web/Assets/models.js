// Gives the server a model: a file that is dropped or chosen, or a path on its machine.

import { fragment, post, toast } from "./server.js";

const words = document.body.dataset;

export async function refreshLoading() {
  try {
    const fresh = await fragment("/page/loading");
    document.querySelectorAll(".loading-list").forEach(l => grow(l, fresh) || l.replaceWith(fresh.cloneNode(true)));
  } catch { /* The next event asks again. */ }
}

// The same loads go on in place: a bar that is exchanged jumps where one that stays glides.
function grow(list, fresh) {
  const known = [...list.children];
  const now = [...fresh.children];
  if (known.length !== now.length
    || known.some((k, i) => k.dataset.model !== now[i].dataset.model || k.className !== now[i].className)) return false;
  known.forEach((k, i) => {
    const bar = k.querySelector("progress");
    if (!bar) return k.replaceWith(now[i].cloneNode(true));
    k.querySelector("p").textContent = now[i].querySelector("p").textContent;
    const value = now[i].querySelector("progress").getAttribute("value");
    if (value === null) bar.removeAttribute("value");
    else bar.setAttribute("value", value);
  });
  return true;
}

export async function refreshModels({ count }) {
  // From none to some or back, the whole page is another.
  if ((count === 0) !== (words.models === "0")) {
    location.reload();
    return;
  }
  words.models = String(count);
  const query = document.body.dataset.conversation ? `?c=${document.body.dataset.conversation}` : "";
  try {
    const fresh = await fragment(`/page/picker${query}`);
    const picked = document.getElementById("model")?.value;
    document.getElementById("picker").replaceWith(fresh);
    const select = document.getElementById("model");
    if ([...select.options].some(o => o.value === picked)) select.value = picked;
  } catch { /* As above. */ }
}

let request = null;
function send(file) {
  if (!words.upload || request) return;
  if (!file.name.toLowerCase().endsWith(".gguf")) {
    toast(words.notGguf);
    return;
  }
  const box = document.getElementById("upload");
  const line = box.querySelector("p");
  const bar = box.querySelector("progress");
  box.hidden = false;
  line.textContent = `${words.sending} ${file.name}`;
  bar.value = 0;
  // Not fetch, which tells nothing of how much was sent.
  request = new XMLHttpRequest();
  request.upload.addEventListener("progress", e => {
    if (!e.lengthComputable) return;
    bar.value = e.loaded / e.total;
    line.textContent = `${words.sending} ${file.name} · ${Math.floor(100 * e.loaded / e.total)}\u202f%`;
  });
  const end = failure => {
    request = null;
    box.hidden = true;
    if (failure) toast(failure);
    else refreshLoading();
  };
  request.addEventListener("load", () => {
    if (request.status >= 200 && request.status < 300) return end();
    let why;
    try { why = JSON.parse(request.responseText).error; } catch { why = null; }
    end(why?.message ?? why ?? words.sendFailed);
  });
  request.addEventListener("error", () => end(words.sendFailed));
  request.open("PUT", `${words.upload}/${encodeURIComponent(file.name)}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
}

export function start() {
  document.getElementById("load-path")?.addEventListener("submit", async e => {
    e.preventDefault();
    const button = e.target.querySelector("button");
    button.disabled = true;
    refreshLoading();
    if (await post("/page/shelf", { path: e.target.elements.path.value })) e.target.reset();
    button.disabled = false;
    refreshLoading();
  });
  document.getElementById("file")?.addEventListener("change", e => {
    if (e.target.files[0]) send(e.target.files[0]);
    e.target.value = "";
  });
  const files = e => [...(e.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragover", e => {
    if (!files(e)) return;
    e.preventDefault();
    document.body.classList.add("over");
  });
  addEventListener("dragleave", e => { if (!e.relatedTarget) document.body.classList.remove("over"); });
  addEventListener("drop", e => {
    if (!files(e)) return;
    // Else the browser would leave the page for the file.
    e.preventDefault();
    document.body.classList.remove("over");
    if (e.dataTransfer.files[0]) send(e.dataTransfer.files[0]);
  });
  // A page left while a file is on its way would cut it off.
  addEventListener("beforeunload", e => { if (request) e.preventDefault(); });
}
