/** Detects a page that failed to load, or loaded only in part; tells the reader and retries until it is complete. */

const PAUSES = [500, 1000, 2000, 3000, 5000];
const UNSTYLED = 500;
const LATE = 1200;
const STALLED = 4000;
const PATIENCE = 30000;
const COUNT = "insights-again";

// Built into this script (build.mjs), because they are needed before the page arrives, or if it never does.
const WORDS = WAITING[document.documentElement.lang] ?? WAITING["en-GB"];

/** A page is whole if it loaded to its end and is not a placeholder for another. */
const whole = (page) => page.getElementById("end") && !page.querySelector("[data-again]");
let style = document.querySelector("link[rel=stylesheet]");
const files = [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((part) => part.src || part.href);

/** Whether the page, its stylesheet and its script have all loaded. */
function complete() {
  const needed = document.getElementById("explorer");
  return whole(document) && style?.sheet && !(needed && !globalThis.insightsWorkbench);
}

let region;

function say(words) {
  if (!region) {
    region = document.createElement("p");
    region.className = "again";
    region.setAttribute("role", "status");
  }
  const body = document.body ?? document.documentElement.appendChild(document.createElement("body"));
  if (!region.isConnected) (document.querySelector("[data-again]") ?? body).append(region);
  if (region.textContent !== words) region.textContent = words;
}

let trying = false;

/** Fetch the page again, with growing pauses, until it is whole; then reload. */
async function again(words) {
  if (trying) return;
  trying = true;
  const before = counted();
  for (let turn = before; ; turn += 1) {
    say(navigator.onLine ? words : WORDS.offline);
    await pause(PAUSES[Math.min(turn, PAUSES.length - 1)] * (0.8 + 0.4 * Math.random()));
    const found = await answered();
    if (found === "whole" && !complete() && (await kept()) && !complete()) {
      count(before + 1);
      location.reload();
      return;
    }
    if (complete()) {
      done();
      return;
    }
    words = WORDS[found] ?? words;
  }
}

/** Wait, but stop early if the connection comes back or the reader returns to the tab. */
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

/** Fetch the page past the browser's cache, which may hold the incomplete copy. */
async function answered() {
  try {
    const answer = await asked(location.href, "no-store");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!whole(page)) follow(page);
    return whole(page) ? "whole" : "failed";
  } catch {
    return "away";
  }
}

/** Show the words of a newer placeholder: a page being prepared may turn out to have nothing to show. */
function follow(page) {
  const [shown, newer] = [document, page].map((one) => one.querySelector("[data-again]"));
  const said = (one) => [...one.querySelectorAll("h1, .lead")].map((part) => part.textContent).join("\n");
  if (!shown || !newer || said(shown) === said(newer)) return;
  shown.replaceWith(newer);
  document.title = page.title;
}

/** Replace the cached page and files; otherwise every reload would show the same incomplete copy. */
async function kept() {
  window.stop(); // requests still waiting for the rest of a file would block new ones
  try {
    const answers = await Promise.all([location.href, ...files].map((file) => asked(file, "reload")));
    await Promise.all(answers.map((answer) => answer.blob()));
    return true;
  } catch {
    return false;
  }
}

const asked = (address, cache) => fetch(address, { cache, signal: AbortSignal.timeout(PATIENCE) });

/** Number of retries so far. Browsers can forbid session storage. */
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
    // Without storage, pauses start from the shortest again.
  }
}

/** The page is complete: remove the message and reset the count. */
function done() {
  region?.remove();
  count(0);
}

function atEnd() {
  if (document.querySelector("[data-again]")) again(WORDS.failed);
  else if (complete()) done();
  else if (!whole(document) || document.readyState === "complete") again(WORDS.cut);
}

/** Reinsert a slow stylesheet by script: unlike one from the parser, it does not block painting. */
function unstyled() {
  if (!style || style.sheet) return;
  const same = style.cloneNode();
  style.replaceWith(same);
  style = same;
}

function late() {
  if (complete()) return;
  if (document.querySelector(".page") || !document.querySelector(".late")) say(WORDS.slow);
}

if (document.readyState === "complete") atEnd();
else {
  addEventListener("load", atEnd);
  document.addEventListener("DOMContentLoaded", atEnd);
  setTimeout(unstyled, Math.max(0, UNSTYLED - performance.now()));
  setTimeout(late, Math.max(0, LATE - performance.now()));
  // A dropped connection fires no event, so after this long fetch the page again in parallel.
  setTimeout(() => complete() || again(WORDS.slow), STALLED);
}
