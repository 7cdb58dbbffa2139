// What the dispatcher can ask for: import, assign, dispatch, verify; and how the answer is told.

import { make } from "./dom.js";
import { clock, count } from "./words.js";

const MOST_ISSUES = 200;
const $ = (id) => document.getElementById(id);

export async function ask(method, path, body) {
  try {
    const answer = await fetch(`/api/${path}`, { method, body });
    const told = await answer.json();
    if (answer.ok) return told;
    toast(told.error ?? `The station answers ${answer.status}`, true);
  } catch {
    toast("The station cannot be reached", true);
  }
  return null;
}

export function makeActions() {
  $("import").onclick = () => $("file").click();
  $("file").onchange = () => { importFiles([...$("file").files]); $("file").value = ""; };
  $("assign").onclick = () => busy($("assign"), async () => tellAssigned(await ask("POST", "assign", "{}")));
  $("dispatch").onclick = () => busy($("dispatch"), async () => tellDispatched(await ask("POST", "dispatch", "{}")));
  $("verify").onclick = () => busy($("verify"), async () => tellVerified(await ask("GET", "verify")));
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) { depth += 1; $("drop").hidden = false; }
  });
  addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) $("drop").hidden = true; });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    $("drop").hidden = true;
    importFiles([...event.dataTransfer.files]);
  });
}

async function busy(button, work) {
  button.disabled = true;
  try { await work(); } finally { button.disabled = false; }
}

async function importFiles(files) {
  await busy($("import"), async () => {
    for (const file of files) {
      tellImported(await ask("POST", `import?file=${encodeURIComponent(file.name)}`, file));
    }
  });
}

export function toast(text, bad = false) {
  const element = make("div", bad ? "toast bad" : "toast", text);
  $("toasts").append(element);
  setTimeout(() => element.remove(), bad ? 9000 : 4500);
}

function tell(title, ...parts) {
  $("dialog-title").textContent = title;
  $("dialog-body").replaceChildren(...parts);
  if (!$("dialog").open) $("dialog").showModal();
}

function figures(...pairs) {
  const box = make("div", "figures");
  for (const [number, words] of pairs) {
    const one = make("div");
    one.append(make("b", "", String(number)), make("span", "", words));
    box.append(one);
  }
  return box;
}

function table(heads, rows) {
  const whole = make("table");
  const head = whole.createTHead().insertRow();
  for (const words of heads) head.append(make("th", "", words));
  const body = whole.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const cell of row) line.insertCell().textContent = cell ?? "";
  }
  return whole;
}

function tellImported(answer) {
  if (!answer) return;
  const parts = [figures(
    [answer.added, "stops added"], [answer.changed, "changed"], [answer.unchanged, "known already"],
    [answer.parcels, "parcels"], [answer.review, "rows to review"], [answer.rejected, "rows rejected"])];
  const issues = answer.rows.flatMap((row) => (row.issues ?? []).map((issue) => [
    row.row, row.verdict, `${issue.column} ${issue.cell}`.trim(), issue.value, [issue.why, issue.cure].filter(Boolean).join(" → ")]));
  if (issues.length) parts.push(table(["Row", "Verdict", "Cell", "Value", "What"], issues.slice(0, MOST_ISSUES)));
  if (issues.length > MOST_ISSUES) parts.push(make("p", "", `and ${issues.length - MOST_ISSUES} more`));
  const unused = answer.columns.filter((column) => !column.field).map((column) => column.header);
  if (unused.length) parts.push(make("p", "", `Columns not used: ${unused.join(", ")}`));
  tell(answer.file, ...parts);
}

function tellAssigned(answer) {
  if (!answer) return;
  const stops = answer.routes.reduce((sum, route) => sum + route.stops, 0);
  const parts = [figures([answer.routes.length, "routes"], [stops, "stops"],
    [answer.not_assigned.length, "not assigned"], [answer.blocked.length, "without a place"])];
  if (answer.routes.length) {
    parts.push(table(["Vehicle", "Stops", "Parcels", "Distance", "Back"], answer.routes.map((route) => [
      route.vehicle, route.stops, route.parcels, `${(route.distance_m / 1000).toFixed(0)} km`, clock(route.back_utc)])));
  }
  const left = [...answer.not_assigned, ...answer.blocked];
  if (left.length) parts.push(table(["Stop", "Name", "Why it is on no route"], left.slice(0, MOST_ISSUES).map((stop) => [stop.stop_id, stop.name, stop.why])));
  tell("Assigned", ...parts);
}

function tellDispatched(answer) {
  if (!answer) return;
  if (!answer.sent.length) { toast("Every route has gone out already"); return; }
  toast(`${count(answer.sent.length, "route")} on the way to ${answer.sent.map((one) => one.vehicle).slice(0, 6).join(", ")}${answer.sent.length > 6 ? " …" : ""}`);
}

function tellVerified(answer) {
  if (!answer) return;
  const parts = [figures([answer.facts, "facts"], [answer.media, "photos and signatures"], [answer.faults.length, "faults"], [answer.missing_media.length, "not here yet"])];
  const wrong = [...answer.faults, ...answer.missing_media];
  if (wrong.length) parts.push(table(["Vehicle", "Number", "What does not hold"], wrong.slice(0, MOST_ISSUES).map((fault) => [fault.vehicle, fault.seq, fault.what])));
  tell(answer.ok ? "Verified: every signature, chain and hash holds" : "Not verified", ...parts);
}
