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
  let later, sending = Promise.resolve();
  const keep = async () => {
    const body = new FormData(form);
    body.set("step", "keep");
    try {
      const answer = await fetch(form.action, { method: "POST", body, redirect: "error" });
      const text = await answer.text();
      if (answer.ok) { form.elements.version.value = text; said.textContent = form.dataset.kept; }
      else said.textContent = answer.status === 409 ? text : form.dataset.notKept;
    } catch { said.textContent = form.dataset.notKept; }
  };
  form.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(() => { sending = sending.then(keep); }, 600);
  });
  form.addEventListener("submit", async (event) => {
    clearTimeout(later);
    if (form.dataset.ready) return;
    // One after the other: what is on its way counts the version up.
    event.preventDefault();
    await sending;
    await new Promise((soon) => { setTimeout(soon); }); // a form cannot be sent while it is sent
    form.dataset.ready = "yes";
    form.requestSubmit(event.submitter);
  });
  addEventListener("pageshow", () => { delete form.dataset.ready; });
})();
