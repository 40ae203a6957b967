// The demonstration's page, kept up to date: every two seconds the parts that changed are put in
// place. Without this script the page's own link does the same.
"use strict";
(() => {
  const EVERY = 2000;
  const { address } = document.getElementById("live").dataset;
  const shown = new Map();
  document.getElementById("refresh").hidden = true;

  const replace = (place, fresh) => {
    const open = [...place.querySelectorAll("details")].map((details) => details.open);
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    place.innerHTML = fresh;
    place.querySelectorAll("details").forEach((details, n) => { details.open = open[n] || false; });
    if (focused) document.getElementById(focused)?.focus();
  };

  // A form's hidden token is another one each time: no news, but the old ones end with a sign-in in
  // the other tab.
  const TOKEN = "input[name=csrfmiddlewaretoken]";
  const renew = (token) => {
    document.querySelectorAll(TOKEN).forEach((input) => { input.value = token; });
  };
  const news = (html) => html.replace(/name="csrfmiddlewaretoken" value="\w+"/g, "");
  const parts = (page) => page.querySelectorAll("[data-live]");

  // What was served is what is shown: something may have changed before the first look.
  parts(document).forEach((place) => { shown.set(place.dataset.live, news(place.innerHTML)); });

  const look = async () => {
    const answer = await fetch(address);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts(page)) {
      const name = part.dataset.live;
      const place = document.querySelector(`main [data-live="${name}"]`);
      // What is being pressed stays until it is let go, or the press would be lost.
      if (shown.get(name) !== news(part.innerHTML) && !place.matches(":active")) {
        replace(place, part.innerHTML);
        shown.set(name, news(part.innerHTML));
      }
    }
    renew(page.querySelector(TOKEN).value);
  };

  const again = async () => {
    if (!document.hidden) await look().catch(() => {}); // the portal may be starting anew
    setTimeout(again, EVERY);
  };
  again();
})();
