/** Stands by a page that has not come, or not whole: says so, and fetches it again by itself. */

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];
const STALLED = 8000;
const PATIENCE = 30000;
const COUNT = "insights-again";

const WORDS = {
  cut: "The connection was lost before the page was whole. It is fetched again by itself, with all that you chose.",
  failed: "It is tried again by itself, with all that you chose.",
  away: "The server does not answer at the moment. The page is fetched again by itself, with all that you chose.",
  offline: "There is no connection. The page is fetched again as soon as there is one, with all that you chose.",
};

const whole = (page) => page.querySelector(".page") && !page.querySelector("[data-again]");
const parts = () => [...document.querySelectorAll("script[src], link[rel=stylesheet]")];

/** Whether style or script of a page did not come. */
function lacking() {
  const style = document.querySelector("link[rel=stylesheet]");
  const needed = document.getElementById("explorer");
  return (style && !style.sheet) || (needed && !globalThis.insightsWorkbench);
}

let trying = false;

/** Fetch the page until it is there, with growing pauses; then show it. */
async function again(words) {
  if (trying) return;
  trying = true;
  const said = document.createElement("p");
  said.className = "again";
  said.setAttribute("role", "status");
  (document.querySelector("[data-again]") ?? document.body).append(said);
  const before = counted();
  for (let turn = before; ; turn += 1) {
    const text = navigator.onLine ? words : WORDS.offline;
    if (said.textContent !== text) said.textContent = text;
    await pause(PAUSES[Math.min(turn, PAUSES.length - 1)] * (0.8 + 0.4 * Math.random()));
    const found = await answered();
    if (found === "whole") {
      count(before + 1);
      location.reload();
      return;
    }
    words = WORDS[found];
  }
}

/** Wait; less long where the connection comes back or the reader does. */
function pause(time) {
  return new Promise((done) => {
    const early = () => {
      clearTimeout(timer);
      removeEventListener("online", early);
      document.removeEventListener("visibilitychange", early);
      done();
    };
    const timer = setTimeout(early, time);
    addEventListener("online", early);
    document.addEventListener("visibilitychange", early);
  });
}

async function answered() {
  try {
    const options = { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
    const answer = await fetch(location.href, options);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!whole(page)) return "failed";
    const files = await Promise.all(parts().map((part) => fetch(part.src || part.href)));
    return files.every((file) => file.ok) ? "whole" : "failed";
  } catch {
    return "away";
  }
}

/** How often this page was fetched again without becoming whole; a browser may forbid to keep it. */
function counted() {
  try {
    return Number(sessionStorage.getItem(COUNT)) || 0;
  } catch {
    return 0;
  }
}

function count(times) {
  try {
    sessionStorage.setItem(COUNT, times);
  } catch {
    // then pauses begin anew
  }
}

function atEnd() {
  if (!whole(document)) again(document.querySelector("[data-again]") ? WORDS.failed : WORDS.cut);
  else if (lacking()) again(WORDS.cut);
  else count(0);
}

if (document.readyState === "complete") atEnd();
else {
  addEventListener("load", atEnd);
  document.addEventListener("DOMContentLoaded", () => whole(document) || atEnd());
  setTimeout(() => whole(document) || again(WORDS.away), STALLED);
}
