// Starts what makes the pages more comfortable. Every page also works when none of this runs.
const frontend = document.querySelector("script[data-frontend]").dataset.frontend;

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}

const { initAll } = await import(frontend);
initAll();

// On a narrow screen each row of a table becomes a card, so every cell has to say what it is. The roles say that it still
// is a table: a browser forgets it once the rows are no longer drawn as one.
const stack = (within) => {
  for (const table of within.querySelectorAll(".hw-table:not(.hw-matrix):not(.hw-stacks)")) {
    const heads = [...table.querySelectorAll("thead th")];
    if (!heads.length || table.querySelector("[colspan], [rowspan]")) continue;
    table.classList.add("hw-stacks");
    const say = (role, elements) => elements.forEach((element) => element.setAttribute("role", role));
    say("table", [table]);
    say("rowgroup", table.querySelectorAll("thead, tbody"));
    say("row", table.querySelectorAll("tr"));
    say("columnheader", heads);
    say("rowheader", table.querySelectorAll("tbody th"));
    say("cell", table.querySelectorAll("td"));
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.children].forEach((cell, number) => (cell.dataset.label = heads[number]?.textContent.trim() ?? ""));
    }
  }
};
stack(document);

// Lists that were narrowed or turned in place need their parts started again.
document.body.addEventListener("htmx:afterSettle", (event) => {
  initAll({ scope: event.detail.elt });
  stack(document);
});
