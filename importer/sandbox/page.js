"use strict";
// Everything below is built from text nodes: what users sent is never read as markup.
const byId = (id) => document.getElementById(id);
const make = (name, className, text) => {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const number = new Intl.NumberFormat("en");
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB");
const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const LABELS = {
  records: "records", created: "created", replayed: "replayed", requests: "requests",
  soft_failures: "CRM refusals", refused: "other refusals", throttled: "over the limit", faults: "faults",
};

// A restarted sandbox counts from 1 again, so the number alone would bring back an old record.
const keyOf = (record) => `${record.id} ${record.created_at}`;

function titleOf(fields) {
  const full = [fields.first_name, fields.last_name].filter(Boolean).map(text).join(" ");
  const names = [full, fields.name, fields.customer_name, fields.title, fields.subject, fields.contact_name, fields.email, fields.phone];
  return text(names.find(Boolean) || Object.values(fields).find(Boolean) || "no name");
}

function bar(label, used, limit) {
  const box = make("div", used >= limit * 0.9 ? "key high" : "key");
  const line = make("div", "key-line");
  line.append(make("span", "name", label), make("b", "", `${number.format(used)} of ${number.format(limit)}`));
  const progress = make("progress");
  progress.max = limit;
  progress.value = Math.min(used, limit);
  progress.setAttribute("aria-label", `${label}: ${used} of ${limit} requests used`);
  box.append(line, progress);
  return box;
}

function showWindow(data) {
  const bars = data.keys.map((key) => {
    const scopes = key.revoked ? "revoked" : key.scopes.join(", ");
    return bar(`${key.name} (${scopes})`, key.used, key.limit);
  });
  bars.push(bar("all keys of the tenant", data.tenant.used, data.tenant.limit));
  byId("keys").replaceChildren(...bars);
  byId("reset").textContent = `The window ends in ${Math.ceil(data.seconds_left)} s.`;
}

function showCounts(counters) {
  const items = Object.entries(LABELS).map(([name, label]) => {
    const box = make("div");
    box.append(make("dt", "", label), make("dd", "", number.format(counters[name])));
    return box;
  });
  byId("counts").replaceChildren(...items);
}

function details(record) {
  const table = make("table");
  table.append(make("caption", "", `As the CRM has it (${record.vendor_object}), sent with key ${record.idempotency_key}`));
  const body = make("tbody");
  for (const [name, value] of Object.entries(record.vendor_fields)) {
    const row = make("tr");
    const head = make("th", "", name);
    head.scope = "row";
    const cell = make("td", "", text(value));
    cell.dir = "auto";
    row.append(head, cell);
    body.append(row);
  }
  table.append(body);
  return table;
}

function recordItem(record) {
  const item = make("li");
  item.dataset.id = keyOf(record);
  const box = make("details");
  const summary = make("summary", "row");
  const title = make("bdi", "title", titleOf(record.fields));
  summary.append(make("span", "tag", record.object), title, make("time", "", clock(record.created_at)), make("span", "sub", record.external_id));
  box.append(summary, details(record));
  item.append(box);
  return item;
}

function showRecords(records, total) {
  const list = byId("records");
  const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
  // Items that stay are the same nodes, so that what a reader has opened stays open.
  const items = records.map((record) => known.get(keyOf(record)) || recordItem(record));
  if (items.length !== list.children.length || items.some((item, place) => list.children[place] !== item)) {
    list.replaceChildren(...items);
  }
  byId("no-records").hidden = records.length > 0;
  byId("records-note").textContent = total > records.length ? `the last ${records.length} of ${number.format(total)}` : "";
}

function refusalItem(refusal) {
  const item = make("li", "row");
  const kind = refusal.status === null || refusal.status >= 500 ? "tag bad" : "tag warn";
  const status = refusal.status === null ? "cut off" : refusal.status === 200 ? "200, not ok" : String(refusal.status);
  const message = make("span", "sub", refusal.message);
  message.dir = "auto";
  item.append(make("span", kind, status), make("span", "title", refusal.code), make("time", "", clock(refusal.at)), message);
  return item;
}

function show(data) {
  byId("about").textContent = data.crm ? `in front of ${data.crm}` : "no CRM connected";
  showWindow(data.window);
  showCounts(data.counters);
  showRecords(data.records, data.counters.records);
  byId("refusals").replaceChildren(...data.refusals.map(refusalItem));
  byId("no-refusals").hidden = data.refusals.length > 0;
}

function connection(state, words) {
  byId("link").className = state;
  byId("link-text").textContent = words;
}

async function poll() {
  try {
    const answer = await fetch("/live.json", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.json());
    connection("live", "live");
  } catch {
    connection("lost", "the sandbox does not answer");
  }
  setTimeout(poll, document.hidden ? 5000 : 1000);
}
poll();
