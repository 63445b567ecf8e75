/** What a page of a plot does in the browser. Plain text, since it is never compiled; it uses nothing from outside. */
export const PAGE_SCRIPT = `
(() => {
  const svg = document.querySelector("figure svg");
  const tip = document.getElementById("tip");
  const hits = JSON.parse(document.getElementById("hits").textContent);
  const home = svg.getAttribute("viewBox").split(" ").map(Number);
  const hidden = new Set();
  let view = home.slice();
  const place = (event) => {
    const box = svg.getBoundingClientRect();
    return [
      view[0] + ((event.clientX - box.left) / box.width) * view[2],
      view[1] + ((event.clientY - box.top) / box.height) * view[3],
    ];
  };
  const show = (next) => {
    view = next;
    svg.setAttribute("viewBox", view.join(" "));
  };
  const point = (event) => {
    const [x, y] = place(event);
    const reach = 14 * (view[2] / home[2]);
    let nearest;
    let best = reach * reach;
    for (const hit of hits) {
      if (hidden.has(hit[2])) continue;
      const away = (hit[0] - x) ** 2 + (hit[1] - y) ** 2;
      if (away <= best) {
        best = away;
        nearest = hit;
      }
    }
    tip.hidden = nearest === undefined;
    if (nearest === undefined) return;
    tip.textContent = nearest[3];
    const box = svg.parentElement.getBoundingClientRect();
    const left = event.clientX - box.left;
    tip.style.left = left > box.width / 2 ? "" : left + 14 + "px";
    tip.style.right = left > box.width / 2 ? box.width - left + 14 + "px" : "";
    tip.style.top = event.clientY - box.top + 14 + "px";
  };
  let held;
  svg.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, view: view.slice() };
  });
  addEventListener("pointerup", () => {
    held = undefined;
  });
  svg.addEventListener("pointermove", (event) => {
    if (held === undefined || event.buttons === 0) return point(event);
    const box = svg.getBoundingClientRect();
    const dx = ((event.clientX - held.x) / box.width) * view[2];
    const dy = ((event.clientY - held.y) / box.height) * view[3];
    show([held.view[0] - dx, held.view[1] - dy, view[2], view[3]]);
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
  svg.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const [x, y] = place(event);
      const factor = Math.min(home[2] / view[2], Math.max(0.02 * (home[2] / view[2]), 1.0015 ** event.deltaY));
      if (view[2] * factor >= home[2]) return show(home.slice());
      show([x - (x - view[0]) * factor, y - (y - view[1]) * factor, view[2] * factor, view[3] * factor]);
    },
    { passive: false },
  );
  svg.addEventListener("dblclick", () => show(home.slice()));
  for (const entry of svg.querySelectorAll(".entry")) {
    entry.addEventListener("click", () => {
      const group = Number(entry.dataset.group);
      const marks = svg.querySelectorAll(".g" + group);
      if (marks.length === 0) return;
      const off = entry.classList.toggle("off");
      if (off) hidden.add(group);
      else hidden.delete(group);
      for (const mark of marks) mark.style.display = off ? "none" : "";
    });
  }
})();
`;
