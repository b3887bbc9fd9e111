// Fetches the page every few seconds and shows its new figures in place of the old ones.
"use strict";
const PERIOD = 5000;
const live = document.getElementById("live");
const button = document.createElement("button");
const said = document.createElement("span");
let paused = false;
let timer;

button.type = "button";
said.setAttribute("role", "status");
live.append(said, " ", button);

function say(text) {
  if (said.textContent !== text) said.textContent = text;
  button.textContent = paused ? "Resume" : "Pause";
  live.className = paused ? "paused" : text === "Live" ? "on" : "lost";
}

function plan() {
  clearTimeout(timer);
  if (!paused) timer = setTimeout(update, PERIOD);
}

// A selection would be lost, and so would the place of who reads by keyboard.
function isInUse(main) {
  const selection = getSelection();
  return !selection.isCollapsed && main.contains(selection.anchorNode);
}

async function update() {
  const main = document.getElementById("report");
  if (!document.hidden && !isInUse(main)) {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      if (paused) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const focused = main.contains(document.activeElement) && document.activeElement.getAttribute("href");
      main.replaceChildren(...document.adoptNode(page.getElementById("report")).childNodes);
      if (focused) main.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      say("Live");
    } catch {
      say("No answer, trying again");
    }
  }
  plan();
}

button.addEventListener("click", () => {
  paused = !paused;
  say(paused ? "Paused" : "Live");
  if (paused) clearTimeout(timer);
  else update();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !paused) update();
});

say("Live");
plan();
