// The desk by keyboard: "/" is the search box, a letter shown in a button presses it, Escape leads
// back. What a scanner reads goes into the search box. What is typed into a request is kept while it
// is typed, and when the page is left.
(() => {
  const typing = (element) => element.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  const searchBox = () => document.querySelector("input[type=search]");

  // A scanner is a keyboard that types faster than hands: a letter presses its button only when no
  // other key follows at once.
  const AT_ONCE = 60;
  let burst = "", toPress = null, pause;
  const lull = () => {
    const button = toPress;
    burst = "";
    toPress = null;
    if (button) button.click();
  };
  const scanned = (event) => {
    if (!burst || (event.key !== "Enter" && event.key.length > 1)) return false;
    event.preventDefault();
    toPress = null;
    clearTimeout(pause);
    pause = setTimeout(lull, AT_ONCE);
    if (event.key !== "Enter") burst += event.key;
    const box = searchBox();
    if (box) {
      box.focus(); // the keys after this one go there by themselves
      box.value = burst;
      if (event.key === "Enter") box.form.requestSubmit();
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const found = [...document.querySelectorAll("[data-arrows] a")], here = found.indexOf(event.target);
      const isBox = event.target.matches("input[type=search]");
      if (!found.length || (here < 0 && !isBox && event.target !== document.body)) return;
      event.preventDefault();
      const to = found[here + (event.key === "ArrowDown" ? 1 : -1)];
      if (to) to.focus(); else if (here === 0) document.querySelector("input[type=search]").focus();
      return;
    }
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    const isEmptySearch = event.target.matches("input[type=search]") && !event.target.value;
    if (typing(event.target) && !(event.key === "/" && isEmptySearch)) return;
    if (scanned(event)) return;
    if (event.key === "/" && searchBox()) {
      event.preventDefault();
      searchBox().focus();
      searchBox().select();
      return;
    }
    const isLetter = event.key.length === 1;
    const pressed = document.querySelector(`[data-key="${CSS.escape(isLetter ? event.key.toLowerCase() : event.key)}"]`);
    if (pressed) event.preventDefault();
    if (!isLetter) { if (pressed) pressed.click(); return; }
    if (event.repeat || event.key === " ") return; // a key held down; a space presses what is in focus
    burst = event.key;
    toPress = pressed;
    clearTimeout(pause);
    pause = setTimeout(lull, AT_ONCE);
  });

  const print = (id) => {
    if (id === "page") { window.print(); return; }
    const frame = document.getElementById(id), before = document.activeElement;
    try { frame.contentWindow.print(); } catch { window.open(frame.src); }
    before.focus(); // a key pressed inside the frame would reach nobody
  };
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.addEventListener("click", () => print(button.dataset.print));
  });
  const frame = document.querySelector("iframe[data-print-now]");
  if (frame) frame.addEventListener("load", () => print(frame.id), { once: true });

  const form = document.querySelector("form.request");
  if (!form) return;
  const said = document.getElementById("kept");
  let later, isUnsent = false, isUnderWay = false, sending = Promise.resolve();

  // A sign-in in another tab brings a new token; the one that this page came with is refused then.
  const renew = () => {
    const token = document.cookie.match(/(?:^|; )csrftoken=(\w+)/);
    if (token) form.elements.csrfmiddlewaretoken.value = token[1];
  };
  const send = async () => {
    renew();
    const body = new FormData(form);
    body.set("step", "keep");
    body.delete("personal_number"); // compared on "Check" and kept nowhere
    isUnsent = false;
    // It goes on when the page is left. Who is signed out is led to the sign-in.
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
    if (answer.type === "opaqueredirect") return { told: form.dataset.signedOut };
    const text = await answer.text();
    if (answer.status === 409) return { isHeard: true, told: text };
    if (!answer.ok) return { told: form.dataset.notKept };
    form.elements.version.value = text;
    return { isHeard: true, isKept: true, told: isUnsent ? "" : form.dataset.kept };
  };
  // Whether the portal has heard it: kept, or refused with a reason.
  const keep = async () => {
    isUnderWay = true;
    const { isHeard, isKept, told } = await send().catch(() => ({ told: form.dataset.notKept }));
    isUnderWay = false;
    if (!isKept) isUnsent = true;
    said.textContent = told;
    return isHeard;
  };
  const keepNow = () => {
    clearTimeout(later);
    // One after the other: what is on its way counts the version up.
    sending = sending.then(keep);
    return sending;
  };
  const keepTheRest = () => { if (isUnsent && !form.dataset.ready) keepNow(); };

  form.addEventListener("input", () => {
    isUnsent = true;
    if (said.textContent === form.dataset.kept) said.textContent = "";
    clearTimeout(later);
    later = setTimeout(keepNow, 600);
  });
  form.addEventListener("submit", async (event) => {
    clearTimeout(later);
    if (form.dataset.ready) return;
    event.preventDefault();
    await sending;
    // Sent now it would take what was typed away with the page, and keep nothing of it.
    if (isUnsent && !(await keepNow())) return;
    if (form.dataset.ready) return;
    await new Promise((soon) => { setTimeout(soon); }); // a form cannot be sent while it is sent
    renew();
    form.dataset.ready = "yes";
    form.requestSubmit(event.submitter);
  });
  // While the next page is asked for there is time for an answer; afterwards there is none.
  addEventListener("beforeunload", keepTheRest);
  addEventListener("pagehide", () => {
    if (isUnsent && !form.dataset.ready) keep();
    if (isUnderWay) isUnsent = true; // should the page be shown again, its version is asked for
  });
  addEventListener("focus", keepTheRest); // back from the tab in which one signed in again
  addEventListener("pageshow", () => {
    delete form.dataset.ready;
    keepTheRest();
  });
})();
