/** Stands by a page that has not come, or not whole: says so, and fetches it again by itself. */

const PAUSES = [500, 1000, 2000, 3000, 5000];
const UNSTYLED = 500;
const LATE = 1200;
const STALLED = 4000;
const PATIENCE = 30000;
const COUNT = "insights-again";

// Put in when this script is built: it speaks before there is a page, and where none comes.
const WORDS = WAITING[document.documentElement.lang] ?? WAITING["en-GB"];

/** A page is whole if it came to its end and stands in for no other. */
const whole = (page) => page.getElementById("end") && !page.querySelector("[data-again]");
let style = document.querySelector("link[rel=stylesheet]");
const files = [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((part) => part.src || part.href);

/** Whether all is there that the page is made of: itself, its style, its script. */
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

/** Fetch the page until it is there, with growing pauses; then show it. */
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

/** Ask past what the browser keeps: it may be the half that came. */
async function answered() {
  try {
    const answer = await asked(location.href, "no-store");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return whole(page) ? "whole" : "failed";
  } catch {
    return "away";
  }
}

/** Have the browser keep page and files whole: a half that it kept would be shown again for ever. */
async function kept() {
  window.stop(); // what still waits for the rest of a half holds its place
  try {
    const answers = await Promise.all([location.href, ...files].map((file) => asked(file, "reload")));
    await Promise.all(answers.map((answer) => answer.blob()));
    return true;
  } catch {
    return false;
  }
}

const asked = (address, cache) => fetch(address, { cache, signal: AbortSignal.timeout(PATIENCE) });

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

/** The page came after all. */
function done() {
  region?.remove();
  count(0);
}

function atEnd() {
  if (document.querySelector("[data-again]")) again(WORDS.failed);
  else if (complete()) done();
  else if (!whole(document) || document.readyState === "complete") again(WORDS.cut);
}

/** Nothing is painted while a style is on its way, unless a script asks for it: words come first. */
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
  // A connection that is cut ends in no event: what takes so long is fetched beside it.
  setTimeout(() => complete() || again(WORDS.slow), STALLED);
}
