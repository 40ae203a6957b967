// While a month is being closed: look every three seconds, and show the page when it is done.
"use strict";
const again = setInterval(async () => {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  if ((await answer.text()).includes("data-look-again")) return;
  clearInterval(again);
  location.reload();
}, 3000);
