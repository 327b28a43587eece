// Listens to the server while the page can be seen, and says so when it cannot be reached.

import { conversation, toast } from "./server.js";
import * as models from "./models.js";
import * as sidebar from "./sidebar.js";
import * as thread from "./thread.js";

let source = null;
let lost = false;

function open() {
  if (source || document.hidden) return;
  const query = new URLSearchParams();
  if (conversation()) {
    query.set("c", conversation());
    query.set("stamp", document.getElementById("thread")?.dataset.stamp ?? "");
  }
  source = new EventSource(`/page/live?${query}`);
  const on = (name, act) => source.addEventListener(name, e => act(JSON.parse(e.data)));
  on("hello", () => {
    if (lost) {
      // The server may be another one now: look at everything anew.
      lost = false;
      document.getElementById("toast").hidden = true;
      sidebar.refresh();
      if (conversation()) thread.refresh();
    }
  });
  on("list", () => sidebar.refresh());
  on("thread", () => thread.refresh());
  on("answer", thread.grow);
  on("models", models.refreshModels);
  on("loading", models.refreshLoading);
  source.addEventListener("error", () => {
    if (!lost) toast(document.body.dataset.offline);
    lost = true;
    close();
    setTimeout(open, 1500);
  });
}

function close() {
  source?.close();
  source = null;
}

export function start() {
  open();
  // A browser allows a server few connections: a page that is out of sight gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
    } else {
      sidebar.refresh();
      open();
    }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", e => { if (e.persisted) { thread.refresh(); open(); } });
}
