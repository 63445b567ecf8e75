/**
 * The table of runs in the page: sorts, filters, and holds only the rows that are to be seen. Texts enter the page as
 * texts, never as HTML.
 */
export const TABLE_SCRIPT = `
const ROW_HEIGHT = 26;
const PRINTED_ROWS = 100;

function makeElement(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Rows in the order of a column; runs without a number, NaN and those without a value stay last. */
function sortRows(rows, column, isDown) {
  const turn = isDown ? -1 : 1;
  if (column.kind === "number" || column.kind === "time") {
    const values = new Float64Array(rows.reduce((most, row) => Math.max(most, row + 1), 0));
    const last = new Uint8Array(values.length);
    for (const row of rows) {
      const value = column.number(row);
      last[row] = value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
      values[row] = last[row] ? 0 : value;
    }
    return rows.sort(
      (a, b) => last[a] - last[b] || turn * (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0) || a - b,
    );
  }
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  if (column.codes === undefined) return rows.sort((a, b) => turn * compare(column.text(a), column.text(b)));
  const order = column.texts.map((_, i) => i).sort((a, b) => compare(column.texts[a], column.texts[b]));
  const rank = new Uint32Array(order.length);
  order.forEach((code, i) => (rank[code] = i));
  const { codes } = column;
  return rows.sort((a, b) => {
    if (codes[a] === 0 || codes[b] === 0) return (codes[a] === 0) - (codes[b] === 0) || a - b;
    return turn * (rank[codes[a] - 1] - rank[codes[b] - 1]) || a - b;
  });
}

function charactersOf({ rows }, column) {
  const every = Math.max(1, Math.floor(rows / 200));
  let most = Math.max(7, column.title.length + 3);
  for (let row = 0; row < rows; row += every) most = Math.max(most, (column.text(row) ?? "").length + 1);
  return Math.min(most, 40);
}

function showTable(table, box) {
  const columns = table.columns.map((column) => ({
    ...column,
    title: column.name.replace(/^(?:params|metrics|metadata)\\.(?=.)/, ""),
  }));
  const filters = columns.map(() => undefined);
  let sorted = { index: -1, isDown: false };
  let rows = Uint32Array.from({ length: table.rows }, (_, i) => i);
  const all = rows;

  const count = makeElement("output", { className: "count" });
  const clear = makeElement("button", { type: "button", textContent: "Clear filters", disabled: true });
  const problem = makeElement("p", { className: "problem", hidden: true });
  problem.setAttribute("role", "alert");
  const body = makeElement("tbody");
  const scroller = makeElement("div", { className: "scroller", tabIndex: 0 });
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", "Runs, scrolls");

  const heads = columns.map((column, index) => {
    const button = makeElement("button", { type: "button", textContent: column.title, title: "Sort by " + column.name });
    button.addEventListener("click", () => {
      if (sorted.index !== index) sorted = { index, isDown: false };
      else if (!sorted.isDown) sorted = { index, isDown: true };
      else sorted = { index: -1, isDown: false };
      update();
    });
    const head = makeElement("th", { scope: "col" }, button);
    if (column.kind === "number") head.className = "number";
    return head;
  });
  const fields = columns.map((column, index) => {
    const isNumber = column.kind === "number" || column.kind === "time";
    const field = makeElement("input", {
      type: "text",
      spellcheck: false,
      autocomplete: "off",
      placeholder: column.kind === "number" ? "< 0.1" : column.kind === "time" ? "> 2026-01" : "contains",
      title: isNumber ? "0.1, < 0.1, > 1 < 5, 0.1..0.5, none" : "adam, = adam, ! adam, none",
    });
    field.setAttribute("aria-label", "Filter by " + column.name);
    let waiting;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => filter(), 120);
    });
    field.addEventListener("change", () => filter());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") field.value = "";
      if (event.key === "Escape" || event.key === "Enter") filter();
    });
    return field;
  });

  const filter = () => {
    problem.hidden = true;
    for (const [i, field] of fields.entries()) {
      field.removeAttribute("aria-invalid");
      try {
        filters[i] = matcher(field.value, columns[i]);
      } catch (error) {
        filters[i] = undefined;
        field.setAttribute("aria-invalid", "true");
        problem.textContent = columns[i].title + ": " + error.message;
        problem.hidden = false;
      }
    }
    update();
  };
  clear.addEventListener("click", () => {
    for (const field of fields) field.value = "";
    filter();
  });

  const update = () => {
    const tests = filters.filter((test) => test !== undefined);
    rows = tests.length === 0 ? all.slice() : all.filter((row) => tests.every((test) => test(row)));
    if (sorted.index >= 0) rows = sortRows(rows, columns[sorted.index], sorted.isDown);
    for (const [i, head] of heads.entries()) {
      head.setAttribute("aria-sort", i !== sorted.index ? "none" : sorted.isDown ? "descending" : "ascending");
    }
    clear.disabled = fields.every((field) => field.value === "");
    const grouped = (number) => number.toLocaleString("en-US");
    count.textContent =
      rows.length === table.rows ? grouped(table.rows) + (table.rows === 1 ? " run" : " runs")
        : grouped(rows.length) + " of " + grouped(table.rows) + " runs";
    scroller.scrollTop = 0;
    shown = "";
    draw();
  };

  const rowElement = (position) => {
    const row = rows[position];
    const cells = columns.map((column) => {
      const text = column.text(row);
      const cell = makeElement("td", { textContent: text ?? "–" });
      if (column.kind === "number") {
        cell.className = "number";
        if (text !== undefined) cell.title = exactNumber(column.number(row));
      } else if (text !== undefined && text.length > 20) {
        cell.title = text;
        cell.className = "long";
      }
      if (column.kind === "time") cell.classList.add("time");
      if (text === undefined) cell.classList.add("none");
      if (column.name === "status") cell.classList.add("status-" + text);
      return cell;
    });
    const element = makeElement("tr", {}, ...cells);
    element.setAttribute("aria-rowindex", position + 3);
    return element;
  };
  const space = (height) => {
    const cell = makeElement("td", { colSpan: columns.length });
    cell.style.height = height + "px";
    const element = makeElement("tr", { className: "space" }, cell);
    element.setAttribute("aria-hidden", "true");
    return element;
  };
  let shown = "";
  const draw = () => {
    const above = 10;
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_HEIGHT) - above);
    const last = Math.min(rows.length, first + Math.ceil(scroller.clientHeight / ROW_HEIGHT) + 2 * above);
    if (shown === first + " " + last) return;
    shown = first + " " + last;
    const some = [];
    if (first > 0) some.push(space(first * ROW_HEIGHT));
    for (let position = first; position < last; position++) some.push(rowElement(position));
    if (last < rows.length) some.push(space((rows.length - last) * ROW_HEIGHT));
    body.replaceChildren(...some);
  };

  const group = makeElement("colgroup");
  let width = 0;
  for (const column of columns) {
    const characters = charactersOf(table, column);
    width += characters;
    const col = makeElement("col");
    col.style.width = "calc(" + characters + "ch + 18px)";
    group.append(col);
  }
  const head = makeElement(
    "thead",
    {},
    makeElement("tr", {}, ...heads),
    makeElement("tr", { className: "filters" }, ...fields.map((field) => makeElement("td", {}, field))),
  );
  const grid = makeElement("table", { className: "runs" }, group, head, body);
  grid.style.width = "calc(" + width + "ch + " + 18 * columns.length + "px)";
  grid.setAttribute("aria-rowcount", table.rows + 2);
  scroller.append(grid);
  scroller.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  addEventListener("resize", draw);
  // On paper there is nothing to scroll.
  const printed = makeElement("p", { className: "printed" });
  addEventListener("beforeprint", () => {
    const some = Math.min(rows.length, PRINTED_ROWS);
    body.replaceChildren(...Array.from({ length: some }, (_, position) => rowElement(position)));
    printed.textContent = some < rows.length ? "The first " + some + " of " + rows.length + " runs are printed." : "";
    shown = "";
  });
  addEventListener("afterprint", () => {
    printed.textContent = "";
    draw();
  });
  box.replaceChildren(makeElement("div", { className: "bar" }, count, clear), problem, scroller, printed);
  update();
}

(async () => {
  const box = document.getElementById("runs-table");
  const packed = document.getElementById("packed-runs");
  if (box === null || packed === null) return;
  try {
    showTable(await unpack(packed.textContent), box);
    document.documentElement.dataset.table = "ready";
  } catch (error) {
    box.textContent = error instanceof Error ? error.message : String(error);
    document.documentElement.dataset.table = "failed";
  }
})();
`;
