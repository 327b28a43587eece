// Stays at the end of an answer that grows, until the reader scrolls away from it.

const box = document.getElementById("scroll");
const button = document.getElementById("to-end");
// A page without messages is read from its top.
let stuck = document.body.hasAttribute("data-conversation");
let last = 0;

const away = () => box.scrollHeight - box.clientHeight - box.scrollTop;

function show() {
  if (button) button.hidden = away() < 160;
}

export function toEnd(smooth = false) {
  stuck = true;
  box.scrollTo({ top: box.scrollHeight, behavior: smooth ? "smooth" : "instant" });
}

export function follow() {
  if (stuck) toEnd();
  else show();
}

box.addEventListener("scroll", () => {
  // Only a reader scrolls up; the page itself only ever goes down.
  if (box.scrollTop < last - 2) stuck = false;
  if (away() < 24 && document.body.hasAttribute("data-conversation")) stuck = true;
  last = box.scrollTop;
  show();
}, { passive: true });

new ResizeObserver(follow).observe(box);
const thread = document.getElementById("thread");
if (thread) new ResizeObserver(follow).observe(thread);
