// Starts what makes the pages more comfortable. Every page also works when none of this runs.
const frontend = document.querySelector("script[data-frontend]").dataset.frontend;

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}

const { initAll } = await import(frontend);
initAll();

// Lists that were narrowed or turned in place need their parts started again.
document.body.addEventListener("htmx:afterSettle", (event) => initAll({ scope: event.detail.elt }));
