// A slow line: one tap sends once, and after three seconds the page says that it is still working.
(() => {
  const slow = document.getElementById("slow");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    setTimeout(() => { if (form.dataset.sent) slow.hidden = false; }, 3000);
  });
  // Back from the next page: the form may be sent again.
  addEventListener("pageshow", () => {
    slow.hidden = true;
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
})();
