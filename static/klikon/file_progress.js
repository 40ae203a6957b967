// While the worker is at a file: show how far it is, and the whole page when it is done.
"use strict";
const again = setInterval(async () => {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-progress]");
  const here = document.querySelector("[data-progress]");
  if (now && here) {
    if (now.innerHTML !== here.innerHTML) here.innerHTML = now.innerHTML;
    return;
  }
  clearInterval(again);
  location.reload();
}, 2000);
