// Speaks to the server, and is the only place that turns its HTML into nodes.

const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("causerie", { createHTML: html => html })
  : { createHTML: html => html };

export const nodes = html => {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  return template.content;
};

export const conversation = () => document.body.dataset.conversation ?? null;

export async function fragment(path) {
  const response = await fetch(path, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`${response.status}`);
  return nodes(await response.text()).firstElementChild;
}

export async function post(path, body = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    toast(document.body.dataset.offline);
    return null;
  }
  if (response.status === 401) location.reload();
  const text = await response.text();
  if (!response.ok) {
    let why;
    try { why = JSON.parse(text).error; } catch { why = null; }
    toast(why?.message ?? why ?? document.body.dataset.oops);
    return null;
  }
  return text ? JSON.parse(text) : {};
}

let hiding;
export function toast(text) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 6000);
}

export const say = text => { document.getElementById("say").textContent = text; };
