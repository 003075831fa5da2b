// Fills forms as a person with a browser would: ODK's own engine runs the form, this program only answers.
// Jobs come as JSON on standard input, filled forms go to standard output. Run by tests/engine/client.py.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type {
  AnyNode, InputNode, InstanceData, InstantiableLoadFormResult, LoadFormResult, RootNode, SelectNode, UploadNode,
} from "@getodk/xforms-engine";
import { Dice } from "./dice.ts";
import { candidates } from "./values.ts";

interface Job {
  xform: string;
  lists: Record<string, string>; // file name → CSV; a list that is not here is missing on this phone
  opened: string; // answers that were filled before and are only looked at; "" begins anew
  seed: number;
  given: Record<string, string>; // by path without positions; "" answers nothing; of a repeat, how many rows
  answerOptional: number; // how often a question that is not demanded is answered, 0 to 1
  probed: string; // a path at which values are tried instead of answering, and filling ends; "" for none
  values: string[];
  device: string;
}

interface Filled {
  xml: string;
  files: Record<string, string>; // base64
  answers: { path: string; value: string }[]; // what a person answered, in order
  shown: Record<string, string>; // notes and calculations at the end, by path
  violations: string[];
  taken: boolean[]; // of each value that was tried
}

// the packages of the pages are the packages of this program
const web = createRequire(new URL("../../api/web/package.json", import.meta.url));
const { JSDOM } = web("jsdom") as { JSDOM: new (page: string, options: object) => { window: Record<string, unknown> } };
const { window } = new JSDOM("", { url: "http://localhost/" });
const parts = ["DOMParser", "XMLSerializer", "XPathResult", "Node", "Element", "Document", "Attr", "Text"];
for (const name of [...parts, "document", "localStorage"]) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}
Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true });
// the engine is bundled for browsers: its XPath parser takes Node's branch and asks for a name that modules do not have
Object.defineProperty(globalThis, "__dirname", { value: ".", configurable: true });
const { loadForm } = (await import(
  pathToFileURL(web.resolve("@getodk/xforms-engine")).href
)) as typeof import("@getodk/xforms-engine");

const forms = new Map<string, Promise<LoadFormResult>>();

/** A form with its lists, loaded once however often it is filled. */
function loaded(job: Job): Promise<LoadFormResult> {
  const key = JSON.stringify([job.xform, job.lists]);
  const found = forms.get(key) ?? loadForm(job.xform, {
    missingResourceBehavior: "BLANK",
    fetchFormAttachment: async (url) => {
      const name = decodeURIComponent(url.href.split("/").at(-1) ?? "");
      const list = job.lists[name];
      return list === undefined
        ? new Response("", { status: 404 })
        : new Response(list, { headers: { "Content-Type": "text/csv; charset=utf-8" } });
    },
  });
  forms.set(key, found as Promise<LoadFormResult>);
  return found as Promise<LoadFormResult>;
}

type Question = InputNode | SelectNode | UploadNode;

const plain = (reference: string): string => reference.replace(/\[\d+\]/g, "");

class Person {
  readonly answers: { path: string; value: string }[] = [];
  readonly refused: string[] = [];
  readonly taken: boolean[] = [];
  readonly dice: Dice;
  private readonly done = new Set<string>();
  private readonly job: Job;

  constructor(job: Job) {
    this.job = job;
    this.dice = new Dice(job.seed);
  }

  /** Go through the form again and again until nothing new is asked: an answer may open questions before it. */
  fill(root: RootNode): void {
    let before = -1;
    while (this.done.size !== before) {
      before = this.done.size;
      this.visit(root);
    }
  }

  private visit(node: AnyNode): void {
    const { currentState: state } = node;
    if (!state.relevant || this.taken.length) return;
    if (node.nodeType === "repeat-range:uncontrolled" && !this.done.has(node.nodeId)) {
      this.done.add(node.nodeId);
      const rows = Number(this.given(state.reference) ?? String(1 + this.dice.upTo(3)));
      if (rows > state.children.length) node.addInstances(undefined, rows - state.children.length);
      if (rows < state.children.length) node.removeInstances(rows, state.children.length - rows);
    }
    for (const child of node.currentState.children ?? []) this.visit(child as AnyNode);
    if (this.done.has(node.nodeId) || state.readonly) return;
    if (node.nodeType === "input" || node.nodeType === "select" || node.nodeType === "upload") {
      this.done.add(node.nodeId);
      this.answer(node);
    }
  }

  private given(reference: string): string | undefined {
    return this.job.given[reference] ?? this.job.given[plain(reference)];
  }

  private answer(node: Question): void {
    const reference = node.currentState.reference;
    if (plain(reference) === this.job.probed) {
      this.taken.push(...this.job.values.map((value) => this.takes(node, value)));
      return;
    }
    const given = this.given(reference);
    if (given === "") return;
    const nothingToChoose = node.nodeType === "select" && node.currentState.valueOptions.length === 0;
    const leaves = nothingToChoose || this.dice.share() >= this.job.answerOptional;
    if (given === undefined && !node.currentState.required && leaves) return;
    const values = given === undefined ? this.candidates(node) : [given];
    if (values.some((value) => this.takes(node, value))) {
      this.answers.push({ path: reference, value: node.currentState.instanceValue });
    } else {
      this.refused.push(reference);
    }
  }

  /** Answer, and say whether the form accepts it. */
  private takes(node: Question, value: string | number): boolean {
    if (node.nodeType === "upload") {
      const bytes = [0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 40 }, () => this.dice.upTo(256))];
      node.setValue(new File([new Uint8Array(bytes)], String(value), { type: "image/jpeg" }));
    } else if (node.nodeType === "select") {
      node.selectValues(String(value).split(" "));
    } else {
      // the codec of each type reads what a client writes; the types of 0.22 say only what it returns
      (node.setValue as (value: unknown) => void)(value);
    }
    return node.validationState.violation === null && node.currentState.instanceValue !== "";
  }

  /** What may be tried, in the order of chance; each file has a name of its own, as those of a phone have. */
  private candidates(node: Question): (string | number)[] {
    if (node.nodeType === "upload") return [`${this.job.seed}-${this.answers.length}.jpg`];
    if (node.nodeType === "input") return candidates(node.valueType, this.dice);
    const names = this.dice.shuffled(node.currentState.valueOptions.map((option) => option.value));
    if (node.selectType !== "select") return names;
    return [this.dice.some(names).join(" "), this.dice.some(names).join(" "), ...names];
  }
}

/** What the form shows and computes at the end, by path. */
function* ending(node: AnyNode): Generator<[string, string]> {
  const state = node.currentState;
  if (!state.relevant) return;
  if (node.nodeType === "note") yield [state.reference, state.label?.asString ?? ""];
  if (node.nodeType === "model-value") yield [state.reference, node.currentState.instanceValue];
  for (const child of state.children ?? []) yield* ending(child as AnyNode);
}

async function fill(job: Job): Promise<Filled> {
  const form = await loaded(job);
  if (form.status === "failure") throw form.error;
  const person = new Person(job);
  const root = job.opened ? await reopened(form, job.opened) : begun(form, job, person);
  const payload = await root.prepareInstancePayload({ payloadType: "monolithic" });
  const files: Record<string, string> = {};
  let xml = "";
  for (const [name, file] of payload.data[0].entries()) {
    if (name === "xml_submission_file") xml = await file.text();
    else files[name] = Buffer.from(await file.arrayBuffer()).toString("base64");
  }
  const violations = (payload.violations ?? []).flatMap((found) => ("reference" in found ? [found.reference] : []));
  return {
    xml,
    files,
    answers: person.answers,
    shown: Object.fromEntries(ending(root as AnyNode)),
    violations: [...new Set([...violations, ...person.refused])],
    taken: person.taken,
  };
}

function begun(form: InstantiableLoadFormResult, job: Job, person: Person): RootNode {
  const { root } = form.createInstance({ preloadProperties: { deviceID: job.device, username: "engine" } });
  person.fill(root);
  return root;
}

/** Answers from elsewhere, as the engine understands them; the files they name are empty. */
async function reopened(form: InstantiableLoadFormResult, xml: string): Promise<RootNode> {
  const data = new FormData();
  data.set("xml_submission_file", new File([xml], "xml_submission_file", { type: "text/xml" }));
  const named = [...xml.matchAll(/(?<=>)[^<>]+\.jpg(?=<)/g)].map(([name]) => name);
  for (const name of named) data.set(name, new File([], name, { type: "image/jpeg" }));
  return (await form.restoreInstance({ data: [data as unknown as InstanceData] })).root;
}

const jobs = JSON.parse(readFileSync(0, "utf8")) as Job[];
const filled: Filled[] = [];
for (const job of jobs) filled.push(await fill(job));
process.stdout.write(JSON.stringify(filled));
